package sinks

import (
	"math/bits"

	"tagbridge/mapping"
)

// Match is the selection of samples that a sink takes: the patterns of its match option, decided once a group, without the bridge's events. It is
// for one goroutine at a time; see Clone. A nil Match takes everything.
type Match struct {
	patterns mapping.Patterns
	events   bool // the bridge's events, whatever the patterns say; else none of them
	health   bool // whether devices are online, whatever the patterns say
	groups   mapping.PerGroup[*Choice]
	choose   func(*mapping.Group) *Choice
}

// NewMatch selects what p matches.
func NewMatch(p mapping.Patterns) *Match {
	m := &Match{patterns: p}
	m.choose = m.decide
	return m
}

// WithEvents has m take the bridge's events too, whatever it selects else. It is called before m is used, and returns m.
func (m *Match) WithEvents() *Match {
	m.events = true
	return m
}

// WithHealth has m take whether devices are online, whatever it selects else: of all devices, also those of which it takes
// nothing. It is called before m is used, and returns m.
func (m *Match) WithHealth() *Match {
	m.health = true
	return m
}

// Clone is the same selection for use by another goroutine.
func (m *Match) Clone() *Match {
	if m == nil {
		return nil
	}
	c := NewMatch(m.patterns)
	c.events, c.health = m.events, m.health
	return c
}

// Group is the selection among the series of g. It is valid for as long as g is used; it costs one look-up, so
// callers ask once a batch.
func (m *Match) Group(g *mapping.Group) *Choice {
	if m == nil {
		return &everything
	}
	return m.groups.Lookup(g, m.choose)
}

// MayTake reports whether m could take samples of that device: false is certain, true is not.
func (m *Match) MayTake(device string) bool {
	return m == nil || m.events || m.health || m.patterns.MayMatch(device)
}

func (m *Match) decide(g *mapping.Group) *Choice {
	c := &Choice{bits: make([]uint64, (len(g.Series)+63)/64)}
	for i, s := range g.Series {
		takes := m.events
		if !g.Own || s.Tag != mapping.EventTag {
			takes = m.patterns.MatchSeries(g.Device, s) || m.health && g.Own && s.Tag == mapping.OnlineTag
		}
		if takes {
			c.bits[i/64] |= 1 << (i % 64)
			c.n++
		}
	}
	switch c.n {
	case 0:
		return &nothing
	case len(g.Series):
		return &everything
	}
	return c
}

// Choice is which series of one group are selected.
type Choice struct {
	all  bool
	n    int
	bits []uint64 // by index of series; nil for all and for none
}

var (
	everything = Choice{all: true}
	nothing    = Choice{}
)

// All reports that every series of the group is selected.
func (c *Choice) All() bool { return c.all }

// End is after the last series that is selected; for all, the end of what a group can hold.
func (c *Choice) End() int {
	if c.all {
		return mapping.MaxGroup
	}
	for i := len(c.bits) - 1; i >= 0; i-- {
		if c.bits[i] != 0 {
			return 64*i + bits.Len64(c.bits[i])
		}
	}
	return 0
}

// None reports that no series of the group is selected.
func (c *Choice) None() bool { return !c.all && c.bits == nil }

// Has reports whether the series with this index is selected; it must be one of the group's.
func (c *Choice) Has(index uint16) bool {
	return c.all || c.bits != nil && c.bits[index>>6]&(1<<(index&63)) != 0
}
