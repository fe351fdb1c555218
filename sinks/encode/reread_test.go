package encode

import (
	"bytes"
	"math"
	"testing"

	"tagbridge/mapping"
)

// rereadBatch has a sample of every kind, and two of an enumeration.
func rereadBatch() *mapping.Batch {
	series := []*mapping.Series{
		{Tag: "none", Field: "none", SeriesTraits: new(mapping.SeriesTraits)}, {Tag: "bool", Field: "bool", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Bool}}, {Tag: "int", Field: "int", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Int}},
		{Tag: "uint", Field: "uint", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Uint}}, {Tag: "int64", Field: "int64", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Int64}},
		{Tag: "uint64", Field: "uint64", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Uint64}}, {Tag: "f32", Field: "f32", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.F32, Unit: "°C"}},
		{Tag: "f64", Field: "f64", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.F64}}, {Tag: "dec", Field: "dec", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Dec, Exp: -2}},
		{Tag: "text", Field: "text", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Text, Labels: []mapping.Label{{Name: "area", Value: "north"}, {Name: "row", Value: "2"}}}},
		{Tag: "state", Field: "state", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Uint, Enum: []mapping.EnumText{{Value: 0, Text: "stopped"}, {Value: 1, Text: "running"}}}},
	}
	b := &mapping.Batch{Group: mapping.NewGroup(mapping.Group{Bridge: "b", Device: "d", UnitID: 3, Measurement: "m", Series: series})}
	bits := []uint64{
		0, 1, ^uint64(41), 1<<32 - 1, 1 << 63, 1<<64 - 1, uint64(math.Float32bits(23.1)), math.Float64bits(-1e-300), 2310, 0, 1,
	}
	for i, v := range bits {
		s := mapping.Sample{Time: 1_700_000_000_123_456_789 + int64(i), Bits: v, Index: uint16(i), Kind: series[i].Kind}
		if i == 9 {
			b.PutText(&s, []byte("a \"b\"\n°"))
		}
		if i == 0 {
			s.Quality, s.Flags = mapping.BadTimeout, mapping.ShowQuality
		}
		b.Samples = append(b.Samples, s)
	}
	stopped := b.Samples[10]
	stopped.Bits = 0
	b.Samples = append(b.Samples, stopped)
	return b
}

// TestReread wants to be read again what was written, to the last bit.
func TestReread(t *testing.T) {
	b := rereadBatch()
	var j JSON
	var lines []byte
	for i := range b.Samples {
		lines = j.AppendRejected(lines, b, i, "because")
	}
	var r Reread
	for line := range bytes.Lines(lines) {
		if err := r.Add(line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	if r.Len() != len(b.Samples) {
		t.Errorf("Len = %d, want %d", r.Len(), len(b.Samples))
	}
	batches := 0
	r.Take(func(got *mapping.Batch) {
		batches++
		if got.Group.ID != b.Group.ID {
			t.Errorf("group %+v, want %+v", got.Group, b.Group)
		}
		for i, s := range got.Samples {
			want := b.Samples[i]
			if s.Kind == mapping.Text && string(got.Text(&s)) == string(b.Text(&want)) {
				s.Bits = want.Bits
			}
			if s != want {
				t.Errorf("sample %d is %+v, want %+v", i, s, want)
			}
		}
	})
	if batches != 1 || r.Len() != 0 {
		t.Errorf("%d batches, %d samples left", batches, r.Len())
	}
}

func TestRereadRefuses(t *testing.T) {
	b := rereadBatch()
	var j JSON
	line := j.AppendRejected(nil, b, 3, "because")
	var r Reread
	for n := range len(line) - 2 {
		if r.Add(line[:n]) == nil {
			t.Errorf("a line cut to %d bytes was read", n)
		}
	}
	for _, change := range [][2]string{{`"kind":"uint"`, `"kind":"word"`}, {`4294967295`, `4294967296`}, {`"tag":"uint"`, `"tag":""`}} {
		if r.Add(bytes.Replace(line, []byte(change[0]), []byte(change[1]), 1)) == nil {
			t.Errorf("%s was read", change[1])
		}
	}
	if r.Len() != 0 {
		t.Errorf("%d samples of what cannot be read", r.Len())
	}
}

func FuzzReread(f *testing.F) {
	b := rereadBatch()
	var j JSON
	for i := range b.Samples {
		f.Add(j.AppendRejected(nil, b, i, "because"))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var r Reread
		if r.Add(line) != nil {
			return
		}
		r.Take(func(b *mapping.Batch) {
			var again Reread
			written := j.AppendRejected(nil, b, 0, "")
			if err := again.Add(written); err != nil {
				t.Fatalf("%q was read of %q and cannot be read again: %v", written, line, err)
			}
		})
	})
}
