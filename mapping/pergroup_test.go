package mapping

import (
	"testing"
)

func TestPerGroupForgetsOnlyWhatIsNoLongerSeen(t *testing.T) {
	prepared := make(map[*Group]int)
	prepare := func(g *Group) int { prepared[g]++; return int(g.ID) }
	var c PerGroup[int]
	gone, stays := &Group{ID: 1}, &Group{ID: 2}
	c.Lookup(gone, prepare)
	for i := range 20 * turnAfter {
		if got := c.Lookup(stays, prepare); got != 2 {
			t.Fatalf("look-up %d gave %d, want 2", i, got)
		}
		if i%100 == 0 {
			c.Lookup(&Group{ID: 3}, prepare) // passers-by make it turn
		}
	}
	if prepared[stays] != 1 {
		t.Errorf("a group seen all the time was prepared %d times", prepared[stays])
	}
	if n := len(c.young) + len(c.old); n > turnAfter {
		t.Errorf("%d groups are kept", n)
	}
	if c.Lookup(gone, prepare); prepared[gone] != 2 {
		t.Errorf("a group not seen for long was prepared %d times, want again", prepared[gone])
	}
}

func TestPerGroupKeepsManyGroups(t *testing.T) {
	groups := make([]*Group, 3*turnAfter)
	for i := range groups {
		groups[i] = &Group{}
	}
	prepared := 0
	var c PerGroup[int]
	for range 30 {
		for _, g := range groups {
			c.Lookup(g, func(*Group) int { prepared++; return 0 })
		}
	}
	if prepared != len(groups) {
		t.Errorf("%d groups in turn were prepared %d times, want once each", len(groups), prepared)
	}
}
