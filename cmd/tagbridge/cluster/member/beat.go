package member

import (
	"slices"
	"time"
)

// Beat is what a member says of itself. Its lists are whole: what is not in them is not so.
type Beat struct {
	Node string
	Run  uint64 // of the process: another one of the same name is another member
	Seq  uint64 // of its beats, from 1
	// Joined: it may be given endpoints. Not so while it does not know yet who is there, or is on its way out.
	Joined bool
	Plan   uint64  // of what it was given to be read: see planOf. 0: it does not say
	Holds  []Claim // what it reads
	Wants  []Claim // what it would read, with the epoch that it would have
	Yields []Yield // what it has stopped reading for another one
}

// Claim is an endpoint, by its Key, and how many times it has been taken.
type Claim struct {
	Key   uint64
	Epoch uint64
}

// Yield is an endpoint that is left to a member.
type Yield struct {
	Claim
	To string
}

// peer is what is known of another member.
type peer struct {
	beat  Beat
	first time.Duration // since when it has been heard without a break
	heard time.Duration // the last time
	still bool          // it was silent when that was looked at last
	holds map[uint64]uint64
	wants map[uint64]uint64
}

// take takes its newest beat, and reports whether it says anything new.
func (p *peer) take(b *Beat, now time.Duration) (news bool) {
	news = p.holds == nil || b.Joined != p.beat.Joined || b.Plan != p.beat.Plan || !slices.Equal(b.Yields, p.beat.Yields)
	if p.holds == nil || !slices.Equal(b.Holds, p.beat.Holds) {
		p.holds, news = byKey(b.Holds), true
	}
	if p.wants == nil || !slices.Equal(b.Wants, p.beat.Wants) {
		p.wants = byKey(b.Wants) // of which nothing is chosen
	}
	p.beat, p.heard = *b, now
	return news
}

func byKey(list []Claim) map[uint64]uint64 {
	m := make(map[uint64]uint64, len(list))
	for _, c := range list {
		m[c.Key] = c.Epoch
	}
	return m
}
