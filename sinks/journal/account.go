package journal

import (
	"slices"
	"time"

	"tagbridge/sinks"
)

// loss is a stretch of positions that are gone, and how many samples of it the sink would have got.
type loss struct {
	from, to sinks.Pos
	samples  uint64
	why      Reason
	// given: the sink's forwarder has been given them. It may still deliver them, so that they are not counted, unless
	// the sink begins anew before it has.
	given bool
}

// A cursor notes its losses in order, none over another, until the sink has acknowledged what comes after them: whoever
// reads on from there is told of them, once more after a reload or a kill, and they are counted once.

// note adds l, which is over none noted before, and counts it unless the sink has been given it.
func (c *cursor) note(l loss) {
	if l.from >= l.to {
		return
	}
	if !l.given {
		c.count(l.samples, l.why)
	}
	i, _ := slices.BinarySearchFunc(c.losses, l.from, func(l loss, p sinks.Pos) int {
		if l.to <= p {
			return -1
		}
		return 1
	})
	if i > 0 && c.losses[i-1].joins(l, c.read) {
		c.losses[i-1].to, c.losses[i-1].samples = l.to, c.losses[i-1].samples+l.samples
		return
	}
	c.losses = slices.Insert(c.losses, i, l)
}

// joins reports that next, which comes after l, can be noted with it. What the sink was told of is kept apart from what it
// is still to be told of.
func (l loss) joins(next loss, read sinks.Pos) bool {
	return l.to == next.from && next.from != read && l.given == next.given && l.why == next.why
}

// left calls each with the parts of from to to that are not noted as lost, those that the sink was given apart.
func (c *cursor) left(from, to sinks.Pos, each func(from, to sinks.Pos, given bool)) {
	part := func(a, b sinks.Pos) {
		if m := min(max(a, c.read), b); a < m {
			each(a, m, true)
			a = m
		}
		if a < b {
			each(a, b, false)
		}
	}
	for _, l := range slices.Clone(c.losses) {
		if l.to <= from {
			continue
		}
		if l.from >= to {
			break
		}
		part(from, l.from)
		from = l.to
	}
	part(from, to)
}

// lose notes as lost what of from to to is not noted yet; samples is how many of a part the sink would have got.
func (c *cursor) lose(from, to sinks.Pos, why Reason, samples func(from, to sinks.Pos) uint64) {
	c.left(from, to, func(a, b sinks.Pos, given bool) {
		c.note(loss{a, b, samples(a, b), why, given})
	})
}

func all(from, to sinks.Pos) uint64 { return uint64(to - from) }

// skip moves the reading from p over to q, between which everything is gone, and returns how much of that the sink
// would have got. What was not counted when it went is counted now.
func (c *cursor) skip(p, q sinks.Pos, why Reason) uint64 {
	c.read = p // what it comes back for it has not been given
	c.lose(p, q, why, all)
	told := uint64(0)
	for i := 0; i < len(c.losses); i++ {
		l := &c.losses[i]
		if l.to <= p || l.from >= q {
			continue
		}
		if l.to > q { // more was lost behind it since
			rest := *l
			rest.from, rest.samples = q, 0
			l.to = q
			c.losses = slices.Insert(c.losses, i+1, rest)
			l = &c.losses[i]
		}
		if l.given {
			l.given = false
			c.count(l.samples, l.why)
		}
		told += l.samples
	}
	if told > 0 {
		c.owes = true
	}
	c.read = q
	return told
}

// passed forgets the losses before p, which the sink has acknowledged.
func (c *cursor) passed(p sinks.Pos) {
	n := 0
	for n < len(c.losses) && c.losses[n].to <= p {
		n++
	}
	c.losses = slices.Delete(c.losses, 0, n)
	if len(c.losses) > 0 && c.losses[0].from < p {
		l := &c.losses[0]
		l.from = p
		l.samples = min(l.samples, uint64(l.to-p))
	}
}

// begin lets a new forwarder read from where the sink is: what the one before it was given and did not deliver is to
// be given again, and lost if it is gone. It returns how many samples are lost right there, over which it moves.
func (c *cursor) begin() uint64 {
	c.read = c.acked
	for i := range c.losses {
		if l := &c.losses[i]; l.given {
			l.given = false
			c.count(l.samples, l.why)
		}
	}
	to := gone(c.losses, c.acked)
	if to == c.acked {
		return 0
	}
	told := c.skip(c.acked, to, LostUnwritten)
	c.acked, c.read = to, to
	c.passed(to)
	return told
}

// waiting is how many samples, matching or not, the sink may still get up to end.
func (c *cursor) waiting(end sinks.Pos) uint64 {
	n := uint64(end - c.acked)
	for _, l := range c.losses {
		if !l.given {
			n -= uint64(l.to - l.from)
		}
	}
	return n
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

// count adds to what the sink has lost.
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
