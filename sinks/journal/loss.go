package journal

import (
	"log/slog"
	"time"
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

// episode is losses from the first until the sink has passed them all.
type episode struct {
	samples  uint64
	reason   Reason
	began    time.Time
	reported bool // that it has begun
}

// episodeLeast is how long an episode lasts at least, unless the sink catches up: a journal with damage in many places
// is one line in the log, not one a place.
const episodeLeast = time.Minute

// recover ends the episode of a sink that has passed all it lost, and returns it. caughtUp: nothing is left to be read.
func (c *cursor) recover(caughtUp bool) episode {
	if n := len(c.losses); n > 0 && c.losses[n-1].to > c.read || !caughtUp && time.Since(c.episode.began) < episodeLeast {
		return episode{}
	}
	e := c.episode
	c.episode = episode{}
	return e
}

// logLosses says of each sink that has begun to lose samples that it has.
func (j tidier) logLosses() {
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
		j.o.Log.Error("journal loses the oldest samples of a sink", "sink", b.sink, "reason", b.why.String(), "event", "dropped")
	}
}

// logRecovery says what a sink has lost in an episode that is over, if anything.
func logRecovery(log *slog.Logger, sink string, e episode) {
	if e.samples == 0 {
		return
	}
	log.Error("samples of a sink were lost", "sink", sink, "lost", e.samples, "reason", e.reason.String(),
		"after", max(0, time.Since(e.began)).Round(time.Millisecond), "event", "dropped")
}
