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
	first    int64 // when the oldest and the newest of it were read; 0: not known
	last     int64
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
		c.count(l)
	}
	c.insert(l)
}

// insert notes l without counting it.
func (c *cursor) insert(l loss) {
	i, _ := slices.BinarySearchFunc(c.losses, l.from, func(l loss, p sinks.Pos) int {
		if l.to <= p {
			return -1
		}
		return 1
	})
	if i > 0 && c.losses[i-1].joins(l, c.read) {
		c.losses[i-1].extend(l)
		return
	}
	c.losses = slices.Insert(c.losses, i, l)
}

// joins reports that next, which comes after l, can be noted with it. What the sink was told of is kept apart from what it
// is still to be told of.
func (l loss) joins(next loss, read sinks.Pos) bool {
	return l.to == next.from && next.from != read && l.given == next.given && l.why == next.why
}

// extend adds next, which joins l.
func (l *loss) extend(next loss) {
	l.to, l.samples = next.to, l.samples+next.samples
	l.spans(next.first, next.last)
}

// spans notes that l has samples from first to last; 0: that is not known.
func (l *loss) spans(first, last int64) {
	if l.first == 0 || first != 0 && first < l.first {
		l.first = first
	}
	l.last = max(l.last, last)
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

// lose notes as lost what of from to to is not noted yet; samples is how many of a part the sink would have got, and read
// when that was read, 0 where nobody knows.
func (c *cursor) lose(from, to sinks.Pos, why Reason, read int64, samples func(from, to sinks.Pos) uint64) {
	c.left(from, to, func(a, b sinks.Pos, given bool) {
		c.note(loss{from: a, to: b, samples: samples(a, b), why: why, given: given, first: read, last: read})
	})
}

func all(from, to sinks.Pos) uint64 { return uint64(to - from) }

// skip moves the reading from p over to q, between which everything is gone, and returns how much of that the sink
// would have got. What was not counted when it went is counted now.
func (c *cursor) skip(p, q sinks.Pos, why Reason) uint64 {
	c.read = p // what it comes back for it has not been given
	c.lose(p, q, why, 0, all)
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
			c.count(*l)
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
	c.back()
	to := gone(c.losses, c.acked)
	if to == c.acked {
		return 0
	}
	told := c.skip(c.acked, to, LostUnwritten)
	c.acked, c.read = to, to
	c.passed(to)
	return told
}

// back notes that no forwarder has anything of the sink any more: what one was given and did not deliver is to be given
// again, and lost if it is gone.
func (c *cursor) back() {
	c.read = c.acked
	for i := range c.losses {
		if l := &c.losses[i]; l.given {
			l.given = false
			c.count(*l)
		}
	}
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
func (c *cursor) count(l loss) {
	if l.samples == 0 {
		return
	}
	c.dropped[l.why] += l.samples
	if c.episode.samples == 0 {
		c.episode = episode{reason: l.why, began: time.Now()}
	}
	c.episode.samples += l.samples
	kept := l.kept()
	add(&c.ever.lost[l.why], kept)
	if c.book != nil {
		c.book.add(kept)
	}
}

// kept is l as it is kept for ever.
func (l loss) kept() Loss {
	k := Loss{From: l.from, To: l.to, Samples: l.samples, Reason: l.why.String(), Noted: time.Now()}
	if l.first != 0 {
		k.First, k.Last = time.Unix(0, l.first), time.Unix(0, l.last)
	}
	return k
}
