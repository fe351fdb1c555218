package journal

import (
	"time"

	"tagbridge/sinks"
)

// add counts l.
func add(s *sinks.LossSum, l Loss) {
	s.Samples += l.Samples
	if s.First.IsZero() || !l.First.IsZero() && l.First.Before(s.First) {
		s.First = l.First
	}
	if l.Last.After(s.Last) {
		s.Last = l.Last
	}
}

// ever is what a sink has got and not got since it was first there. It is kept with its position, and lasts as that
// does; what was lost is kept in its book.
type ever struct {
	since time.Time
	start sinks.Pos // where it was then; not there when since is zero
	dealt sinks.Dealt
	lost  [len(ReasonNames)]sinks.LossSum
	// unplaced is what of lost is in no book: a disk that failed, and then a kill or a power loss.
	unplaced [len(ReasonNames)]uint64
}

// stat is e as it is told.
func (e *ever) stat() sinks.Ever {
	s := sinks.Ever{Since: e.since, Start: e.start, Dealt: e.dealt, Lost: make(map[string]sinks.LossSum)}
	for why, sum := range e.lost {
		if sum.Samples > 0 {
			s.Lost[ReasonNames[why]] = sum
		}
	}
	return s
}

// begun begins the account where c is, unless it is there.
func (c *cursor) begun() {
	e := &c.ever
	if !e.since.IsZero() {
		return
	}
	e.since, e.start = time.Now(), c.acked
	if c.book != nil {
		e.open(c.book.list) // which nobody writes to before the sink is started for the first time
	}
}

// open takes over what list says was lost since the account was begun. It may know less than the cursor's file did: a
// power loss can leave that newer than the book.
func (e *ever) open(list []Loss) {
	var lost [len(ReasonNames)]sinks.LossSum
	for _, l := range list {
		if l.To <= e.start {
			continue
		}
		l.Samples = min(l.Samples, uint64(l.To-max(l.From, e.start)))
		add(&lost[reasonOf(l.Reason)], l)
	}
	for why := range lost {
		sum := &lost[why]
		placed := sum.Samples
		sum.Samples = max(placed+e.unplaced[why], e.lost[why].Samples)
		e.unplaced[why] = sum.Samples - placed
	}
	e.lost = lost
}

// enterBook takes over what b says: what was lost before and is still to be told of is not counted again, and the episode
// that it is of goes on.
func (c *cursor) enterBook(b *book) {
	c.book = b
	if !c.ever.since.IsZero() {
		c.ever.open(b.list)
	}
	for _, l := range b.list {
		if l.To <= c.acked {
			continue
		}
		c.counted(l)
		if c.episode.samples += l.Samples; c.episode.began.IsZero() && l.Samples > 0 && !l.Noted.IsZero() {
			c.episode.reason, c.episode.began, c.episode.reported = reasonOf(l.Reason), l.Noted, true
		}
		from := max(l.From, c.acked)
		c.left(from, l.To, func(from, to sinks.Pos, _ bool) {
			c.insert(loss{from: from, to: to, samples: min(l.Samples, uint64(to-from)), why: reasonOf(l.Reason)})
		})
	}
}

// counted notes that l was counted: the forwarder that had been given it is not there any more.
func (c *cursor) counted(l Loss) {
	var all []loss
	for _, old := range c.losses {
		from, to := max(old.from, l.From), min(old.to, l.To)
		if !old.given || from >= to {
			all = append(all, old)
			continue
		}
		for _, part := range [...]loss{{from: old.from, to: from, given: true}, {from: from, to: to}, {from: to, to: old.to, given: true}} {
			if part.from < part.to {
				part.samples, part.why = min(old.samples, uint64(part.to-part.from)), old.why
				part.first, part.last = old.first, old.last
				all = append(all, part)
			}
		}
	}
	c.losses = all
}

func reasonOf(name string) Reason {
	for why, n := range ReasonNames {
		if n == name {
			return Reason(why)
		}
	}
	return LostDamage
}
