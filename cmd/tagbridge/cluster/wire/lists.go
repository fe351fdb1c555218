package wire

import (
	"slices"
	"time"

	"tagbridge/cmd/tagbridge/cluster/member"
)

// Lists knows what others have said of themselves, so that a beat that has only the version of its lists is made whole.
type Lists struct{ of map[from]*lists }

type from struct {
	node string
	run  uint64
}

type lists struct {
	version      uint64
	plan         uint64
	holds, wants []member.Claim
	yields       []member.Yield
	program      string
	servers      []string
	level        uint64
	listed       uint64
	at           time.Duration
}

// most is of how many the lists are kept, which bounds what a stranger can make of them.
const most = 1000

// NewLists knows of nobody.
func NewLists() *Lists { return &Lists{of: map[from]*lists{}} }

// Answer is what Complete made of a frame.
type Answer int

// The answers.
const (
	Whole   Answer = iota
	Stale          // a newer one has been seen
	Unknown        // nothing says what its member holds
)

// Complete makes f whole, if it can.
func (l *Lists) Complete(f *Frame, now time.Duration) Answer {
	who := from{f.Node, f.Run}
	known := l.of[who]
	if f.Whole {
		if known == nil {
			l.forget()
			known = &lists{}
			l.of[who] = known
		}
		if f.Version >= known.version { // an older one may come by another server
			*known = lists{f.Version, f.Plan, f.Holds, f.Wants, f.Yields, f.Program, f.Servers, f.Level, f.Listed, now}
		}
		return Whole
	}
	switch {
	case known == nil || known.version < f.Version:
		return Unknown
	case known.version > f.Version:
		return Stale
	}
	known.at = now
	f.Whole = true
	f.Plan = known.plan
	f.Holds, f.Wants, f.Yields, f.Program, f.Servers = known.holds, known.wants, known.yields, known.program, known.servers
	f.Level, f.Listed = known.level, known.listed
	return Whole
}

// forget makes room for one.
func (l *Lists) forget() {
	for len(l.of) >= most {
		var oldest from
		at := time.Duration(1<<63 - 1)
		for who, k := range l.of {
			if k.at < at {
				oldest, at = who, k.at
			}
		}
		delete(l.of, oldest)
	}
}

// Same reports whether two beats have the same lists.
func Same(a, b *member.Beat) bool {
	return a.Plan == b.Plan && slices.Equal(a.Holds, b.Holds) && slices.Equal(a.Wants, b.Wants) && slices.Equal(a.Yields, b.Yields)
}
