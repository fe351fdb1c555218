package mqtt

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// TestUnfit has integers that line protocol cannot hold among others: they are named, the others published, over one
// connection.
func TestUnfit(t *testing.T) {
	g := plant("boiler", 3)
	for i, s := range g.Series {
		s.Field, s.Kind = "f"+strconv.Itoa(i), mapping.Uint64
	}
	v := polls(g, 3)
	for i := range v.Batches[0].Samples {
		v.Batches[0].Samples[i].Kind = mapping.Uint64
	}
	want := []int{1, 3, 8}
	for _, i := range want {
		v.Batches[0].Samples[i].Bits = math.MaxUint64
	}
	for _, qos := range []int{0, 1} {
		versions(t, func(t *testing.T, version string) {
			f := newFake(t)
			s := open(t, f.addr(), func(o *Options) { o.Version, o.QoS, o.Format, o.Topic = version, qos, "line", topic("lines") })
			n, err := s.Send(t.Context(), v)
			var unfit *sinks.Unfit
			if n != v.Len() || !errors.As(err, &unfit) || !slices.Equal(unfit.Places, want) || unfit.Then != nil {
				t.Errorf("Send = %d, %v", n, err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			f.await("the end", func() bool { return f.goodbyes == 1 })
			var fields []string
			for _, p := range f.received {
				for _, word := range strings.Fields(p.payload) {
					if field, ok := strings.CutPrefix(word, "f"); ok {
						fields = append(fields, field)
					}
				}
			}
			slices.Sort(fields)
			if got := strings.Join(fields, " "); got != "0=0i 0=6i 1=4i 1=7i 2=2i 2=5i" {
				t.Errorf("published %s", got)
			}
		})
	}
}

// TestUnfitBehindWhatCameForward has such an integer in a round that stands apart: what is named is it, and not the sample
// before it, which was published with the beginning of the round.
func TestUnfitBehindWhatCameForward(t *testing.T) {
	a, other := plant("a", 4), plant("b", 4)
	for _, g := range []*mapping.Group{a, other} {
		for i, s := range g.Series {
			s.Field, s.Kind = "f"+strconv.Itoa(i), mapping.Uint64
		}
	}
	part := func(g *mapping.Group, from, to int) *mapping.Batch {
		b := &mapping.Batch{Group: g}
		for i := from; i < to; i++ {
			b.Samples = append(b.Samples, mapping.Sample{Time: 1, Kind: mapping.Uint64, Index: uint16(i)})
		}
		return b
	}
	var v sinks.View
	v.Append(part(a, 0, 2), nil)
	v.Append(part(other, 0, 2), nil)
	end := part(a, 2, 4) // 2 comes forward
	end.Samples[1].Bits = math.MaxUint64
	v.Append(end, nil)
	for _, qos := range []int{0, 1} {
		f := newFake(t)
		s := open(t, f.addr(), func(o *Options) { o.QoS, o.Format, o.Topic = qos, "line", topic("lines") })
		n, err := s.Send(t.Context(), &v)
		var unfit *sinks.Unfit
		if n != v.Len() || !errors.As(err, &unfit) || !slices.Equal(unfit.Places, []int{5}) {
			t.Errorf("QoS %d: Send = %d, %+v, want sample 5 to be unfit", qos, n, unfit)
		}
	}
}
