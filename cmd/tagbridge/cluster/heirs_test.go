package cluster

import (
	"testing"

	"tagbridge/cmd/tagbridge/cluster/place"
	"tagbridge/testrig/natsd"
)

// TestHeirsTake has what a member reads be taken by those of whom another one said that they would.
func TestHeirsTake(t *testing.T) {
	p := newPlant(t, 12, natsd.New(t, ""))
	a, b, d := p.start("pc-a", nil), p.start("pc-b", nil), p.start("pc-c", nil)
	p.shared("three share", a, b, d)
	would := map[string]string{}
	await(t, "one says who would read what another one reads", func() bool {
		clear(would)
		s := a.State()
		for i, name := range s.Heirs() {
			e := &s.Endpoints[i]
			if e.Owner == "" || name == "" || name == e.Owner {
				return false
			}
			if e.Owner == "pc-b" {
				would[e.Key] = name
			}
		}
		return len(would) == 4
	})
	b.stop()
	p.shared("two have all", a, d)
	for key, name := range would {
		if reads := map[string]bool{"pc-a": a.Reads(key), "pc-c": d.Reads(key)}; !reads[name] {
			t.Errorf("%s would be read by %s: %v", key, name, reads)
		}
	}
}

// TestHeirsOfMany has it not be reckoned where that would take long.
func TestHeirsOfMany(t *testing.T) {
	s := State{heirs: newHeirs(make([]place.Member, 100), make([]place.Endpoint, 501))}
	if s.Heirs() != nil {
		t.Error("it was reckoned")
	}
	if (&State{}).Heirs() != nil {
		t.Error("nothing is known, and somebody would read something")
	}
}
