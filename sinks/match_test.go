package sinks

import (
	"testing"

	"tagbridge/mapping"
)

func TestMatch(t *testing.T) {
	g := testGroup("press", 130)
	tests := []struct {
		patterns  []string
		all, none bool
		has       []uint16
		hasNot    []uint16
	}{
		{nil, true, false, []uint16{0, 64, 129}, nil},
		{[]string{"*"}, true, false, []uint16{0, 129}, nil},
		{[]string{"other/*"}, false, true, nil, []uint16{0, 129}},
		{[]string{"*", "!press/t12?"}, false, false, []uint16{0, 64, 119}, []uint16{120, 128, 129 - 9}},
		{[]string{"press/t64", "press/t129"}, false, false, []uint16{64, 129}, []uint16{0, 63, 65, 128}},
	}
	for _, test := range tests {
		p, err := mapping.ParsePatterns(test.patterns)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []*Match{NewMatch(p), NewMatch(p).Clone()} {
			c := m.Group(g)
			if c.All() != test.all || c.None() != test.none {
				t.Errorf("%q: all %v, none %v, want %v, %v", test.patterns, c.All(), c.None(), test.all, test.none)
			}
			for _, i := range test.has {
				if !c.Has(i) {
					t.Errorf("%q does not take t%d", test.patterns, i)
				}
			}
			for _, i := range test.hasNot {
				if c.Has(i) {
					t.Errorf("%q takes t%d", test.patterns, i)
				}
			}
		}
	}
	if c := (*Match)(nil).Group(g); !c.All() {
		t.Error("no Match does not take everything")
	}
}
