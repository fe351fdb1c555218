package journal

import (
	"fmt"
	"math"
	"math/rand/v2"

	"tagbridge/mapping"
)

// plantGroup is a group of n series: every other one a float32, the rest scaled registers.
func plantGroup(device string, n int) *mapping.Group {
	g := mapping.Group{Bridge: "line-3", Device: device, UnitID: 7, Measurement: device}
	for i := range n {
		s := &mapping.Series{
			Tag:          fmt.Sprintf("area/motor%03d/speed", i),
			Field:        fmt.Sprintf("area/motor%03d/speed", i),
			SeriesTraits: &mapping.SeriesTraits{Unit: "rpm", Labels: []mapping.Label{{Name: "area", Value: "boilerhouse"}}, Kind: mapping.F32},
		}
		if i%2 == 1 {
			s.Kind, s.Exp = mapping.Dec, -1
		}
		g.Series = append(g.Series, s)
	}
	return mapping.NewGroup(g)
}

// poll fills b with a whole poll of g at now: noisy plant data.
func poll(r *rand.Rand, b *mapping.Batch, g *mapping.Group, now int64) {
	b.Reset(g)
	for i, s := range g.Series {
		x := mapping.Sample{Time: now, Index: uint16(i), Kind: s.Kind}
		if s.Kind == mapping.F32 {
			x.Bits = uint64(math.Float32bits(20 + r.Float32()*60))
		} else {
			x.Bits = uint64(int64(int16(r.Uint32())))
		}
		b.Samples = append(b.Samples, x)
	}
}

// kinds are all kinds that a value can have.
var allKinds = []mapping.Kind{
	mapping.Bool, mapping.Int, mapping.Uint, mapping.Int64, mapping.Uint64, mapping.F32, mapping.F64, mapping.Dec, mapping.Text,
}

// mixedGroup has series of every kind, and one whose kind is not known beforehand.
func mixedGroup(device string) *mapping.Group {
	g := mapping.Group{Bridge: "line-3", Device: device, Measurement: "m"}
	for i, k := range append([]mapping.Kind{mapping.None}, allKinds...) {
		g.Series = append(g.Series, &mapping.Series{
			Tag:          fmt.Sprint("t", i),
			Field:        fmt.Sprint("t", i),
			SeriesTraits: &mapping.SeriesTraits{Kind: k, Exp: int8(i), Enum: []mapping.EnumText{{Value: -1, Text: "aus"}, {Value: 1, Text: "an"}}},
		})
	}
	return mapping.NewGroup(g)
}

// put appends to b a sample of series i with that kind and a value made of bits.
func put(b *mapping.Batch, now int64, i int, k mapping.Kind, bits uint64) *mapping.Sample {
	b.Samples = append(b.Samples, mapping.Sample{Time: now, Index: uint16(i), Kind: k})
	s := &b.Samples[len(b.Samples)-1]
	switch k {
	case mapping.None:
		s.Quality = mapping.BadTimeout
	case mapping.Bool:
		s.Bits = bits & 1
	case mapping.F32:
		s.Bits = uint64(uint32(bits))
	case mapping.Text:
		b.PutText(s, []byte(fmt.Sprint("text ", bits)))
	default:
		s.Bits = bits
	}
	return s
}

// mixed fills b with n samples of g that are anything a driver can make: gaps, steps back, own times, bad ones.
func mixed(r *rand.Rand, b *mapping.Batch, g *mapping.Group, n int) {
	b.Reset(g)
	now, next := int64(1_700_000_000_000_000_000), 0
	for range n {
		if r.IntN(4) == 0 {
			next = r.IntN(len(g.Series))
		}
		if r.IntN(6) == 0 {
			now += r.Int64N(1<<40) - 1<<39
		}
		kind := g.Series[next].Kind
		if r.IntN(8) == 0 {
			kind = mapping.Kind(r.IntN(int(mapping.Text) + 1))
		}
		s := put(b, now, next, kind, r.Uint64()>>r.IntN(64))
		if r.IntN(8) == 0 {
			s.Flags = mapping.ShowQuality
		}
		if kind != mapping.None && r.IntN(10) == 0 {
			s.Quality = mapping.UncertainUnitsExceeded
		}
		next = (next + 1) % len(g.Series)
	}
}
