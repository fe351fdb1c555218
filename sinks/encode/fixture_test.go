package encode

import (
	"math"

	"tagbridge/mapping"
)

// at is the time of the samples of the tests: 2026-01-02T03:04:05.678901234Z.
const at = 1767323045678901234

// plant is a group with a series of every kind, in two label sets.
func plant() *mapping.Group {
	area := []mapping.Label{{Name: "area", Value: "boilerhouse"}}
	zone := []mapping.Label{{Name: "area", Value: "boilerhouse"}, {Name: "zone", Value: "2"}}
	states := []mapping.EnumText{{Value: 0, Text: "stopped"}, {Value: 1, Text: `running "fast"`}}
	return mapping.NewGroup(mapping.Group{
		Bridge: "line-3", Device: "boiler", Measurement: "boilers", UnitID: 1,
		Series: []*mapping.Series{
			{Tag: "temp", Field: "temp", SeriesTraits: &mapping.SeriesTraits{Unit: "°C", Labels: area, Kind: mapping.F32}},
			{Tag: "level", Field: "level", SeriesTraits: &mapping.SeriesTraits{Unit: "%", Labels: area, Kind: mapping.Dec, Exp: -1}},
			{Tag: "state", Field: "state", SeriesTraits: &mapping.SeriesTraits{Labels: area, Kind: mapping.Uint, Enum: states}},
			{Tag: "energy", Field: "energy", SeriesTraits: &mapping.SeriesTraits{Labels: zone, Kind: mapping.Uint64}},
			{Tag: "delta", Field: "delta", SeriesTraits: &mapping.SeriesTraits{Labels: zone, Kind: mapping.Int64}},
			{Tag: "on", Field: "on", SeriesTraits: &mapping.SeriesTraits{Labels: area, Kind: mapping.Bool}},
			{Tag: "name", Field: "name", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Text}},
			{Tag: "flow", Field: "flow", SeriesTraits: &mapping.SeriesTraits{Labels: area, Kind: mapping.F64}},
			{Tag: "steps", Field: "steps", SeriesTraits: &mapping.SeriesTraits{Labels: area, Kind: mapping.Int}},
		},
	})
}

// poll is one reading of every series of plant.
func poll() *mapping.Batch {
	b := &mapping.Batch{Group: plant()}
	add := func(index uint16, kind mapping.Kind, bits uint64) {
		b.Samples = append(b.Samples, mapping.Sample{Time: at, Index: index, Kind: kind, Bits: bits})
	}
	add(0, mapping.F32, uint64(math.Float32bits(23.1)))
	add(1, mapping.Dec, 505)
	add(2, mapping.Uint, 1)
	add(3, mapping.Uint64, math.MaxInt64)
	add(4, mapping.Int64, 1<<63)
	add(5, mapping.Bool, 1)
	s := mapping.Sample{Time: at, Index: 6}
	b.PutText(&s, []byte("Kessel \"7\"\nüber"))
	b.Samples = append(b.Samples, s)
	add(7, mapping.F64, math.Float64bits(-23))
	add(8, mapping.Int, uint64(1<<64-5))
	return b
}

// bad makes sample i of b bad.
func bad(b *mapping.Batch, i int, q mapping.Quality) {
	s := &b.Samples[i]
	s.Kind, s.Bits, s.Quality, s.Flags = mapping.None, 0, q, mapping.ShowQuality
}
