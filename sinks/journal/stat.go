package journal

import (
	"cmp"
	"log/slog"
	"slices"
	"time"

	"tagbridge/sinks"
)

// SinkStat is where one sink is.
type SinkStat struct {
	Sink    string
	Samples uint64            // between its cursor and the end, whether they match or not
	Bytes   int64             // the same in bytes of the journal
	Age     time.Duration     // how long ago the oldest of them was read; 0: there is none
	Dropped map[string]uint64 // samples it did not get, by reason, since the journal was opened
}

// Stat is where the sinks are, by name.
func (j *Journal) Stat() []SinkStat {
	j.mu.Lock()
	defer j.mu.Unlock()
	stats := make([]SinkStat, 0, len(j.cursors))
	for _, c := range j.cursors {
		s := SinkStat{
			Sink:    c.name,
			Samples: uint64(j.tail.end - c.acked),
			Bytes:   int64(j.tail.bytesFrom(c.acked)),
			Age:     j.age(c.acked),
			Dropped: make(map[string]uint64),
		}
		for why, n := range c.dropped {
			if n > 0 {
				s.Dropped[ReasonNames[why]] = n
			}
		}
		stats = append(stats, s)
	}
	slices.SortFunc(stats, func(a, b SinkStat) int { return cmp.Compare(a.Sink, b.Sink) })
	return stats
}

// Bytes is the size of everything the journal holds.
func (j *Journal) Bytes() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return int64(j.tail.bytes)
}

// age is how old the oldest sample held from p on is.
func (j *Journal) age(p sinks.Pos) time.Duration {
	record := j.tail.at(p)
	if record == nil {
		return 0
	}
	return max(0, time.Since(time.Unix(0, commonTime(record[headerSize:]))))
}

// logLosses says of each sink that has begun to lose samples that it has.
func (j *Journal) logLosses() {
	type begun struct {
		sink string
		why  Reason
	}
	var all []begun
	j.mu.Lock()
	for _, c := range j.cursors {
		if c.episode.samples > 0 && !c.episode.reported {
			c.episode.reported = true
			all = append(all, begun{c.name, c.episode.reason})
		}
	}
	j.mu.Unlock()
	for _, b := range all {
		j.o.Log.Error("journal loses the oldest samples of a sink", "sink", b.sink, "reason", b.why.String())
	}
}

// recover ends the episode of a sink that has passed all it lost, and returns it.
func (c *cursor) recover() episode {
	if len(c.losses) > 0 {
		return episode{}
	}
	e := c.episode
	c.episode = episode{}
	return e
}

func logRecovery(log *slog.Logger, sink string, e episode) {
	log.Error("samples of a sink were lost", "sink", sink, "lost", e.samples, "reason", e.reason.String(),
		"after", time.Since(e.began).Round(time.Millisecond))
}
