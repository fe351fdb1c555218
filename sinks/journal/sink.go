package journal

import (
	"fmt"
	"time"

	"tagbridge/sinks"
)

// Reason is why samples were not kept for a sink.
type Reason uint8

// The reasons, in the order of ReasonNames.
const (
	LostMemory Reason = iota // more came than the tail holds while no file took it
	LostSize                 // the journal's size limit
	LostAge                  // the journal's age limit
	LostDamage               // what was read is not what was written, or is missing
	LostPower                // not yet synced when the power went
	LostAway                 // while the sink was not in the configuration
)

// ReasonNames are the names of the reasons in Stat, metrics and logs, by Reason.
var ReasonNames = [...]string{"memory", "size", "age", "damage", "power", "away"}

func (r Reason) String() string { return ReasonNames[r] }

// cursor is how far one sink is. It is read and changed under the journal's lock.
type cursor struct {
	name  string
	acked sinks.Pos // the sink needs nothing before it
	read  sinks.Pos // it has been given everything before it

	source *sinks.Match // as the sink's last query had it
	match  *sinks.Match // the same for use under the journal's lock

	losses  []loss // not yet passed by the sink's reading, by position
	dropped [len(ReasonNames)]uint64
	episode episode
}

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

// lose notes a loss, behind all noted before.
func (c *cursor) lose(l loss, why Reason) {
	if l.samples == 0 {
		return
	}
	c.dropped[why] += l.samples
	if c.episode.samples == 0 {
		c.episode = episode{reason: why, began: time.Now()}
	}
	c.episode.samples += l.samples
	if n := len(c.losses); n > 0 && c.losses[n-1].to == l.from {
		c.losses[n-1].to, c.losses[n-1].samples = l.to, c.losses[n-1].samples+l.samples
		return
	}
	c.losses = append(c.losses, l)
}

// skip moves the reading from p over to q, between which everything is gone, and returns how much of that the sink
// would have got: what was counted when it went, and of what had been given out before and is now wanted again, all.
func (c *cursor) skip(p, q sinks.Pos) uint64 {
	lost := uint64(0)
	if again := min(q, c.read); p < again {
		lost = uint64(again - p)
		c.dropped[LostMemory] += lost
		c.episode.samples += lost
	}
	n := 0
	for n < len(c.losses) && c.losses[n].from < q {
		lost += c.losses[n].samples
		n++
	}
	c.losses = append(c.losses[:0], c.losses[n:]...)
	return lost
}

// Start says that a sink is there, and returns where it is to read on. A sink not known before begins at "start", the
// oldest sample there is, or else behind the newest, and fresh tells that it is to get the present value of every tag
// first. Every sink of the configuration is started before Run: what no started sink needs is not kept.
func (j *Journal) Start(sink, from string) (p sinks.Pos, fresh bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if c, ok := j.cursors[sink]; ok {
		return c.acked, false
	}
	p = j.tail.end
	if from == "start" {
		p = j.tail.first()
	}
	j.cursors[sink] = &cursor{name: sink, acked: p, read: p}
	return p, true
}

// Leave says that a sink is no longer there. Nothing is kept for it from now on.
func (j *Journal) Leave(sink string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.cursors, sink)
	j.trim()
}

// Ack implements sinks.Log. A position already acknowledged is no error and changes nothing.
func (j *Journal) Ack(sink string, p sinks.Pos) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	c, ok := j.cursors[sink]
	switch {
	case j.closed:
		return ErrClosed
	case !ok:
		return fmt.Errorf("ack position %d: no sink %q was started", p, sink)
	case p > j.visible:
		return fmt.Errorf("ack position %d of sink %q: the end is %d", p, sink, j.visible)
	case p <= c.acked:
		return nil
	}
	c.acked = p
	j.trim()
	return nil
}
