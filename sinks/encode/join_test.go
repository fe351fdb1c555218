package encode

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tagbridge/mapping"
)

// pieces cuts rounds of several groups into batches, those of different groups mixed.
func pieces(r *rand.Rand, groups []*mapping.Group, rounds int) []mapping.Batch {
	var list []mapping.Batch
	for round := range rounds {
		next := make([]int, len(groups))
		for left := len(groups); left > 0; {
			g := r.IntN(len(groups))
			n := min(1+r.IntN(3), len(groups[g].Series)-next[g])
			if n == 0 {
				continue
			}
			b := mapping.Batch{Group: groups[g]}
			for range n {
				s := mapping.Sample{Time: int64(round), Index: uint16(next[g])}
				if next[g]%2 == 0 {
					b.PutText(&s, fmt.Appendf(nil, "text %d of %d", next[g], round))
				} else {
					s.Kind, s.Bits = mapping.Int, uint64(round)
				}
				b.Samples = append(b.Samples, s)
				next[g]++
			}
			if next[g] == len(groups[g].Series) {
				left--
			}
			list = append(list, b)
		}
	}
	return list
}

// TestJoin wants each round of each group in one piece, with the same samples.
func TestJoin(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var groups []*mapping.Group
	for i := range 3 {
		g := mapping.Group{Bridge: "b", Device: fmt.Sprint("d", i), Measurement: "m"}
		for k := range 4 + i {
			g.Series = append(g.Series, &mapping.Series{Tag: fmt.Sprint("t", k), Field: fmt.Sprint("t", k), SeriesTraits: new(mapping.SeriesTraits)})
		}
		groups = append(groups, mapping.NewGroup(g))
	}
	var join Join
	for range 50 {
		list := pieces(r, groups, 5)
		apart, together := NewLine(LineOptions{Narrow: true}), NewLine(LineOptions{})
		var want, got, wide []byte
		for i := range list {
			want = apart.Append(want, &list[i])
		}
		join.Each(list, func(b *mapping.Batch) {
			got = apart.Append(got, b)
			wide = together.Append(wide, b)
		})
		if x, y := lines(want), lines(got); !slices.Equal(x, y) {
			t.Fatalf("joined:\n%s\napart:\n%s", strings.Join(y, "\n"), strings.Join(x, "\n"))
		}
		if n := len(lines(wide)); n != 3*5 {
			t.Fatalf("%d lines for 5 rounds of 3 devices:\n%s", n, wide)
		}
	}
}

// lines are those of text, sorted.
func lines(text []byte) []string {
	list := strings.Split(strings.TrimSpace(string(text)), "\n")
	slices.Sort(list)
	return list
}
