package journal

import (
	"log/slog"
	"slices"
	"time"

	"tagbridge/sinks"
)

// Reason is why samples were not kept for a sink.
type Reason uint8

// The reasons, in the order of ReasonNames.
const (
	LostMemory    Reason = iota // more came than the tail holds while no file took it
	LostSize                    // the journal's size limit
	LostAge                     // the journal's age limit
	LostDamage                  // what was read is not what was written, or is missing
	LostUnwritten               // not on disk when the process or the power went
)

// ReasonNames are the names of the reasons in Stat, metrics and logs, by Reason.
var ReasonNames = [...]string{"memory", "size", "age", "damage", "unwritten"}

func (r Reason) String() string { return ReasonNames[r] }

// loss is a stretch of positions that are gone, and how many samples of it the sink would have got.
type loss struct {
	from, to sinks.Pos
	samples  uint64
}

// episode is losses from the first until the sink has passed them all.
type episode struct {
	samples  uint64
	reason   Reason
	began    time.Time
	reported bool // that it has begun
}

// lose counts a loss and notes it until the sink's reading has passed it.
func (c *cursor) lose(l loss, why Reason) {
	c.count(l.samples, why)
	i, _ := slices.BinarySearchFunc(c.losses, l.from, func(l loss, p sinks.Pos) int {
		if l.to < p {
			return -1
		}
		return 1
	})
	if i < len(c.losses) && c.losses[i].to == l.from {
		c.losses[i].to, c.losses[i].samples = l.to, c.losses[i].samples+l.samples
		return
	}
	c.losses = slices.Insert(c.losses, i, l)
}

func (c *cursor) count(samples uint64, why Reason) {
	if samples == 0 {
		return
	}
	c.dropped[why] += samples
	if c.episode.samples == 0 {
		c.episode = episode{reason: why, began: time.Now()}
	}
	c.episode.samples += samples
}

// skip moves the reading from p over to q, between which everything is gone, and returns how much of that the sink
// would have got. What was not counted when it went is counted now, all of it, as what it was is not known any more.
func (c *cursor) skip(p, q sinks.Pos, why Reason) uint64 {
	told, counted := uint64(0), uint64(0)
	n := 0
	for n < len(c.losses) && c.losses[n].from < q {
		l := &c.losses[n]
		if l.from > p {
			counted += uint64(l.from - p)
		}
		p, told = max(p, l.to), told+l.samples
		if l.to > q {
			l.from, l.samples = q, 0
			break
		}
		n++
	}
	c.losses = append(c.losses[:0], c.losses[n:]...)
	if p < q {
		counted += uint64(q - p)
	}
	c.count(counted, why)
	return told + counted
}

// gone is the end of the loss that p is in, or p.
func gone(losses []loss, p sinks.Pos) sinks.Pos {
	for _, l := range losses {
		if l.from <= p && p < l.to {
			p = l.to
		}
	}
	return p
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

// evict gives up the oldest record of the tail and counts it for each sink that was not given it yet. It reports
// false when a sink is just reading it.
func (j *Journal) evict() bool {
	c := j.tail.chunks[0]
	if c.pins > 0 {
		return false
	}
	h := c.header(c.gone)
	for _, k := range j.cursors {
		if !k.started || k.read >= h.end() || j.files != nil && h.end() <= j.files.written {
			continue
		}
		from := max(k.read, h.pos)
		k.lose(loss{from, h.end(), j.count(k, c, int(from-h.pos))}, LostMemory)
		if !k.episode.reported && k.episode.samples > 0 {
			j.rouse()
		}
	}
	j.tail.drop()
	return true
}

// count is how many samples of the oldest record of c, but for the first few, are for k.
func (j *Journal) count(k *cursor, c *chunk, skip int) uint64 {
	oldest := span{c: c, buf: c.buf, recs: c.recs[c.gone : c.gone+1]}
	return j.scratch.count(oldest.entry(0), k.match, skip)
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

// logRecovery says what a sink has lost in an episode that is over, if anything.
func logRecovery(log *slog.Logger, sink string, e episode) {
	if e.samples == 0 {
		return
	}
	log.Error("samples of a sink were lost", "sink", sink, "lost", e.samples, "reason", e.reason.String(),
		"after", time.Since(e.began).Round(time.Millisecond))
}
