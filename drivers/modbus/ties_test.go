package modbus

import (
	"math/rand/v2"
	"slices"
	"testing"

	"tagbridge/mapping"
)

// tied has tags of these places be of one answer each.
func tied(p *Plan, ties ...[]*mapping.Tag) *Plan {
	holds := map[*mapping.Tag]int{}
	for _, list := range ties {
		last := 0
		for _, t := range list {
			last = max(last, int(t.Address.Number))
		}
		for _, t := range list {
			holds[t] = max(holds[t], last)
		}
	}
	p.KeepTogether(holds)
	return p
}

func TestTiesAreKept(t *testing.T) {
	all := words(0, 60, 110, 120, 130, 131)
	for _, c := range []struct {
		limits Limits
		tie    []*mapping.Tag
		want   string
	}{
		{Limits{MaxGap: 124}, nil, "3:0+121 waste 117, 3:130+2"},
		{Limits{MaxGap: 124}, all[3:5], "3:0+111 waste 108, 3:120+12 waste 9"},
		{Limits{MaxGap: 124}, all[2:5], "3:0+61 waste 59, 3:110+22 waste 18"},
		{Limits{MaxGap: 4}, all[1:3], "3:0+1, 3:60+51 waste 49, 3:120+1, 3:130+2"},
		{Limits{MaxGap: 4}, all[:1], "3:0+1, 3:60+1, 3:110+1, 3:120+1, 3:130+2"},
		{Limits{Single: true}, all[4:], "3:0+1, 3:60+1, 3:110+1, 3:120+1, 3:130+1, 3:131+1"},
	} {
		if got := requests(tied(planOf(c.limits, all...), c.tie)); got != c.want {
			t.Errorf("%v: %s, want %s", c.limits, got, c.want)
		}
	}
}

// TestTiesAtRandom lays out random registers with random ties that fit: each tag is in one request, no request is too long,
// and each tie is in one.
func TestTiesAtRandom(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		l := Limits{MaxRegisters: 4 + rnd.IntN(60), MaxGap: rnd.IntN(20)}
		tags, seen := []*mapping.Tag{}, map[int]bool{}
		for range 2 + rnd.IntN(40) {
			n := rnd.IntN(200)
			if !seen[n] {
				seen[n] = true
				tags = append(tags, register(n, []mapping.Type{mapping.TypeUint16, mapping.TypeFloat32, mapping.TypeUint64}[rnd.IntN(3)]))
			}
		}
		var ties []mapping.Tie
		for range rnd.IntN(6) {
			var members []*mapping.Tag
			for range 2 + rnd.IntN(3) {
				members = append(members, tags[rnd.IntN(len(tags))])
			}
			ties = append(ties, mapping.Tie{Tag: members[0], Members: members})
		}
		reach := mapping.Reach{Registers: l.MaxRegisters, Bits: 2000}
		holds, loose := reach.Fit(ties, tags)
		p := planOf(l, tags...)
		p.KeepTogether(holds)
		in := map[*mapping.Tag]int{}
		for i, r := range p.Requests() {
			if r.Count > l.MaxRegisters {
				t.Fatalf("a request of %d registers, at most %d", r.Count, l.MaxRegisters)
			}
			for _, tag := range r.Tags {
				if _, twice := in[tag]; twice {
					t.Fatalf("%v is asked for twice", tag.Address)
				}
				in[tag] = i
			}
		}
		if len(in) != len(tags) {
			t.Fatalf("%d tags of %d are asked for", len(in), len(tags))
		}
		for _, tie := range ties {
			if slices.ContainsFunc(loose, func(l mapping.Loose) bool { return &l.Members[0] == &tie.Members[0] }) {
				continue
			}
			for _, m := range tie.Members {
				if in[m] != in[tie.Members[0]] {
					t.Fatalf("%v: %s; %v and %v are tied", l, requests(p), tie.Members[0].Address, m.Address)
				}
			}
		}
	}
}
