package gaps

import (
	"math/bits"
	"slices"

	"tagbridge/mapping"
)

// spell is an interval in which tags of one device were not read.
type spell struct {
	from, to int64
	goes     bool
	reason   Reason
	quality  mapping.Quality // of bad tags
	why      string
	period   int64 // the longest of its tags
	firm     bool  // its ends are those of tags that each poll makes a sample of
	tags     []uint64
	samples  uint64
	times    int
	cause    int64 // when the outage began that it is of; 0: it is of none
	causeEnd int64 // and when it ended
}

// spells are the spells of one device, as they were found.
type spells struct{ list []*spell }

const (
	mostSpells = 2000 // of one device: of more, neighbours are told as one
	lookBack   = 64   // so many are looked at for one to be joined with
)

// add adds what was not read of a tag, and returns where it is now.
func (s *spells) add(l *tagLine, n spell) *spell {
	n.period, n.firm, n.times = l.period, l.regular, 1
	for i := len(s.list) - 1; i >= 0 && i >= len(s.list)-lookBack; i-- {
		if at := s.list[i]; at.joins(&n) {
			at.join(&n)
			at.put(l.index)
			return at
		}
	}
	n.put(l.index)
	s.list = append(s.list, &n)
	if len(s.list) > mostSpells {
		s.condense()
	}
	return &n
}

// joins reports that n is the same of another tag: with its ends within a poll.
func (s *spell) joins(n *spell) bool {
	if s.reason != n.reason || s.quality != n.quality || s.cause != n.cause || s.times > 1 {
		return false
	}
	near := max(s.period, n.period) + slack
	if s.cause != 0 && s.firm != n.firm {
		near += outageSlack // a tag that reports by change says when its last try has failed
	}
	return abs(s.from-n.from) <= near && abs(s.to-n.to) <= near
}

func abs(d int64) int64 { return max(d, -d) }

// join adds n. What both tell most closely stays: the last sample before, and the first after.
func (s *spell) join(n *spell) {
	switch {
	case n.firm && !s.firm:
		s.from, s.to = n.from, n.to
	case n.firm == s.firm && max(s.from, n.from) < min(s.to, n.to):
		s.from, s.to = max(s.from, n.from), min(s.to, n.to)
	}
	s.firm = s.firm || n.firm
	s.goes = s.goes || n.goes
	s.period = max(s.period, n.period)
	s.samples += n.samples
	if s.why == "" {
		s.why = n.why
	}
}

// except is what of s is before from and after to, if that is long enough for a poll to have been left out, or was told of.
func (s *spell) except(from, to int64) (rest []*spell) {
	if s.to <= from || to <= s.from {
		return []*spell{s}
	}
	least := 2*s.period + slack
	switch {
	case s.cause != 0:
		least = slack
	case s.why == afterStart:
		least = s.period + slack
	}
	for _, part := range [...]span{{from: s.from, to: from}, {from: to, to: s.to}} {
		if part.to-part.from >= least {
			r := *s
			r.from, r.to = part.from, part.to
			r.samples = scaled(s.samples, s.from, s.to, part.from, part.to)
			r.goes = s.goes && part.to == s.to
			rest = append(rest, &r)
		}
	}
	return rest
}

func (s *spell) put(index int) {
	for len(s.tags) <= index/64 {
		s.tags = append(s.tags, 0)
	}
	s.tags[index/64] |= 1 << (index % 64)
}

// count is how many tags it is of.
func (s *spell) count() int {
	n := 0
	for _, w := range s.tags {
		n += bits.OnesCount64(w)
	}
	return n
}

func (s *spell) has(index int) bool {
	return index/64 < len(s.tags) && s.tags[index/64]&(1<<(index%64)) != 0
}

// takeBack takes l out of s, in which one poll of it is. s may be nil.
func (s *spell) takeBack(l *tagLine) {
	if s == nil || s.times > 1 || !s.has(l.index) {
		return
	}
	s.tags[l.index/64] &^= 1 << (l.index % 64)
	s.samples--
}

// condense tells neighbours of one reason as one, the nearest first.
func (s *spells) condense() {
	slices.SortStableFunc(s.list, func(a, b *spell) int { return int(min(max(a.from-b.from, -1), 1)) })
	for near := int64(1e9); len(s.list) > mostSpells/2; near *= 4 {
		kept := s.list[:0]
		for _, n := range s.list {
			if n.count() == 0 {
				continue
			}
			i := len(kept) - 1
			for i >= 0 && i >= len(kept)-lookBack && !kept[i].near(n, near) {
				i--
			}
			if i < 0 || i < len(kept)-lookBack {
				kept = append(kept, n)
				continue
			}
			kept[i].swallow(n)
		}
		s.list = kept
	}
}

// near reports that n, which begins later, is told with s.
func (s *spell) near(n *spell, distance int64) bool {
	return s.reason == n.reason && s.quality == n.quality && n.from-s.to <= distance
}

func (s *spell) swallow(n *spell) {
	s.to = max(s.to, n.to)
	s.times += n.times
	s.samples += n.samples
	s.goes = s.goes || n.goes
	s.period = max(s.period, n.period)
	for i, w := range n.tags {
		for len(s.tags) <= i {
			s.tags = append(s.tags, 0)
		}
		s.tags[i] |= w
	}
}

// pause is a time in which the bridge was off.
type pause struct {
	span
	alive   int64 // the newest sample before its end; 0: none within it
	first   int64 // the first sample after it, of tags that missed something
	tags    int   // that missed something
	samples uint64
}

// begin is when the pause began: the last sign of life.
func (p *pause) begin() int64 { return max(p.from, min(p.alive, p.to)) }
