package sinktest

import (
	"fmt"
	"math/rand/v2"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// item is a sample that is to be delivered.
type item struct {
	g    *mapping.Group
	s    mapping.Sample
	text string // of kind Text
}

// sample is how i arrives.
func (i *item) sample() Sample {
	b, s := i.batch()
	return Sample{i.g.Device, i.g.Series[s.Index].Tag, s.Time, valueOf(b, s)}
}

// batch is i alone.
func (i *item) batch() (*mapping.Batch, *mapping.Sample) {
	b := &mapping.Batch{Group: i.g}
	s := i.s
	if s.Kind == mapping.Text {
		b.PutText(&s, []byte(i.text))
	}
	b.Samples = append(b.Samples, s)
	return b, &b.Samples[0]
}

// viewOf is items as a view.
func viewOf(items []item) *sinks.View {
	v := new(sinks.View)
	for i := range items {
		b, _ := items[i].batch()
		v.Append(b, nil)
	}
	return v
}

// group is a device with tags of that kind: t0, t1 and so on.
func group(device string, tags int, kind mapping.Kind) *mapping.Group {
	g := mapping.Group{Bridge: "b", Device: device, Measurement: device}
	for i := range tags {
		g.Series = append(g.Series, series(fmt.Sprint("t", i), kind, 0))
	}
	return mapping.NewGroup(g)
}

func series(tag string, kind mapping.Kind, exp int8) *mapping.Series {
	return &mapping.Series{Tag: tag, Field: tag, SeriesTraits: &mapping.SeriesTraits{Kind: kind, Exp: exp}}
}

// number is a whole number of series index at that time.
func number(g *mapping.Group, index int, time int64, value int) item {
	return item{g: g, s: mapping.Sample{Time: time, Index: uint16(index), Kind: mapping.Int, Bits: uint64(value)}}
}

// second is the time between two rounds.
const second = 1_000_000_000

// rounds is that many rounds of several devices, a second apart, of which the answers of different devices are mixed.
func rounds(r *rand.Rand, devices, tags, rounds int) []item {
	groups := make([]*mapping.Group, devices)
	for i := range groups {
		groups[i] = group(fmt.Sprint("d", i), tags, mapping.Int)
	}
	var all []item
	for round := range rounds {
		next := make([]int, devices)
		for left := devices * tags; left > 0; left-- {
			d := r.IntN(devices)
			for next[d] == tags {
				d = (d + 1) % devices
			}
			all = append(all, number(groups[d], next[d], int64(round+1)*second, round*1000+next[d]))
			next[d]++
		}
	}
	return all
}
