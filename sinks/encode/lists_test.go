package encode

import (
	"bytes"
	"strings"
	"testing"

	"tagbridge/mapping"
	"tagbridge/testrig/vary"
)

// unkept are the fields that a rejected sample does not bring back: the kind of its series is its own, of an enumeration
// it has the one text, and the place in the group is made anew.
func unkept(name string) bool {
	return name == "Group.ID" || strings.HasPrefix(name, "Group.Series[0].Enum") || name == "Group.Series[0].Kind" ||
		name == "Group.Series[]"
}

// TestListsOfRejected changes each field of a group and a series in turn: it comes back from a rejected sample.
func TestListsOfRejected(t *testing.T) {
	base := mapping.Batch{Group: &mapping.Group{Bridge: "b", Device: "d", Measurement: "m", Series: []*mapping.Series{{Tag: "t", Field: "f", SeriesTraits: &mapping.SeriesTraits{
		Kind: mapping.Dec, Labels: []mapping.Label{{Name: "a", Value: "b"}},
	}}}}}
	vary.Each(*base.Group, func(name string, g mapping.Group) {
		if name = "Group." + name; unkept(name) {
			return
		}
		if strings.HasSuffix(name, "Labels[]") {
			last := &g.Series[0].Labels[1]
			last.Name += "2" // each once
		}
		made := mapping.NewGroup(g)
		b := mapping.Batch{Group: made, Samples: []mapping.Sample{{Time: 1, Kind: mapping.Dec, Bits: 5}}}
		var j JSON
		var r Reread
		if err := r.Add(bytes.TrimSpace(j.AppendRejected(nil, &b, 0, "because"))); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r.Take(func(got *mapping.Batch) {
			if got.Group.ID != made.ID {
				t.Errorf("%s does not come back: %+v, want %+v", name, *got.Group.Series[0], *made.Series[0])
			}
		})
	})
}

// TestListsOfRejectedSample changes each field of a sample in turn: it comes back.
func TestListsOfRejectedSample(t *testing.T) {
	g := mapping.NewGroup(mapping.Group{Bridge: "b", Device: "d", Measurement: "m", Series: []*mapping.Series{
		{Tag: "t", Field: "t", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Uint}}, {Tag: "u", Field: "u", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Uint}},
	}})
	base := mapping.Sample{Time: 1_000_000_000, Kind: mapping.Uint, Bits: 5, Quality: mapping.UncertainInitialValue}
	vary.Each(base, func(name string, s mapping.Sample) {
		if name == "Flags" {
			s.Flags = mapping.ShowQuality // there is no other
		}
		b := mapping.Batch{Group: g, Samples: []mapping.Sample{s}}
		var j JSON
		var r Reread
		if err := r.Add(bytes.TrimSpace(j.AppendRejected(nil, &b, 0, "because"))); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r.Take(func(got *mapping.Batch) {
			back := got.Samples[0]
			tag := got.Group.Series[back.Index].Tag
			if back.Index = s.Index; back != s || tag != g.Series[s.Index].Tag {
				t.Errorf("%s: %+v of %s, want %+v", name, back, tag, s)
			}
		})
	})
}
