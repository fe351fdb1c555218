package mapping

import "testing"

func TestNewSeries(t *testing.T) {
	tag := newTag(t, "int16", "")
	tag.Name, tag.Unit, tag.Scaling = "zone/temp", "°C", linear(t, "0.1", "0")
	tag.Labels = []Label{{"area", "north"}}
	s := NewSeries(tag, NewSeriesTraits(tag, Compile(tag)))
	want := Series{Tag: "zone/temp", Field: "zone/temp", SeriesTraits: &SeriesTraits{Unit: "°C", Labels: tag.Labels, Kind: Dec, Exp: -1}}
	if !s.Equal(&want) {
		t.Errorf("NewSeries = %+v, want %+v", s, want)
	}
}

func TestEnumText(t *testing.T) {
	s := Series{SeriesTraits: &SeriesTraits{Enum: []EnumText{{-1, "fault"}, {0, "stopped"}, {1, "running"}}}}
	for v, want := range map[int64]string{-1: "fault", 0: "stopped", 1: "running", 2: "", -2: ""} {
		if got := s.EnumText(v); got != want {
			t.Errorf("EnumText(%d) = %q, want %q", v, got, want)
		}
	}
}

// differing are series of which no two are equal, though some of their texts run together.
func differing() []*Series {
	return []*Series{
		{SeriesTraits: new(SeriesTraits)},
		{Tag: "ab", SeriesTraits: new(SeriesTraits)},
		{Tag: "a", Field: "b", SeriesTraits: new(SeriesTraits)},
		{Tag: "a", SeriesTraits: &SeriesTraits{Unit: "b"}},
		{SeriesTraits: &SeriesTraits{Kind: Int}},
		{SeriesTraits: &SeriesTraits{Exp: 1}},
		{SeriesTraits: &SeriesTraits{Labels: []Label{{"a", "b"}}}},
		{SeriesTraits: &SeriesTraits{Labels: []Label{{"", "ab"}}}},
		{SeriesTraits: &SeriesTraits{Enum: []EnumText{{1, "a"}}}},
		{SeriesTraits: &SeriesTraits{Enum: []EnumText{{-1, "a"}}}},
	}
}

func TestInterner(t *testing.T) {
	var in Interner
	kept := differing()
	for i, s := range kept {
		if got := in.Series(s); got != s {
			t.Errorf("series %d is taken for %+v", i, got)
		}
	}
	for i, s := range differing() {
		if got := in.Series(s); got != kept[i] {
			t.Errorf("series %d is not shared", i)
		}
	}
}

func TestGroupIdentity(t *testing.T) {
	ids := map[uint64]int{}
	for i, s := range differing() {
		g := NewGroup(Group{Device: "d", Series: []*Series{s}})
		if j, ok := ids[g.ID]; ok {
			t.Errorf("groups of series %d and %d have one identity", i, j)
		}
		ids[g.ID] = i
		if again := NewGroup(Group{Device: "d", Series: []*Series{differing()[i]}}); again.ID != g.ID {
			t.Errorf("group of series %d has two identities", i)
		}
	}
	base := NewGroup(Group{Device: "d"})
	for name, g := range map[string]Group{
		"bridge": {Bridge: "b", Device: "d"}, "device": {Device: "e"}, "unit": {Device: "d", UnitID: 1},
		"measurement": {Device: "d", Measurement: "m"}, "own": {Device: "d", Own: true},
	} {
		if NewGroup(g).ID == base.ID {
			t.Errorf("another %s is the same group", name)
		}
	}
}
