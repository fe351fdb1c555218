package mapping

import "testing"

// TestSpan learns a range late: until then every change is sent, from then on only those over the deadband.
func TestSpan(t *testing.T) {
	g := NewGroup(Group{Series: []*Series{{Tag: "force"}}})
	f := NewFilter(g, []Rule{{Report: ReportChange, Deadband: Deadband{Value: 10, Percent: true}}})
	sent := func(v uint64) int {
		b := &Batch{Group: g, Samples: []Sample{{Time: int64(v), Kind: Int, Bits: v}}}
		f.Apply(b)
		return len(b.Samples)
	}
	for v := range uint64(3) {
		if sent(v) != 1 {
			t.Errorf("%d is not sent although the range is not known", v)
		}
	}
	f.SetSpan(0, 50)
	for v, want := range map[uint64]int{7: 0} {
		if got := sent(v); got != want {
			t.Errorf("%d: %d sent, want %d", v, got, want)
		}
	}
	if sent(8) != 1 {
		t.Error("a step of 6, over 10% of 50, is not sent")
	}
}

// TestDated sends a value with a time of its own once, and again when time or quality is another.
func TestDated(t *testing.T) {
	g := NewGroup(Group{Series: []*Series{{Tag: "force"}}})
	f := NewFilter(g, []Rule{{Dated: true}})
	for i, c := range []struct {
		s    Sample
		want int
	}{
		{Sample{Time: 5, Kind: Int, Bits: 1}, 1},
		{Sample{Time: 5, Kind: Int, Bits: 1}, 0},
		{Sample{Time: 6, Kind: Int, Bits: 1}, 1},
		{Sample{Time: 6, Kind: Int, Bits: 1, Quality: UncertainLastUsableValue}, 1},
		{Sample{Time: 6, Kind: Int, Bits: 1, Quality: UncertainLastUsableValue}, 0},
		{Sample{Time: 7, Quality: BadTimeout}, 1},
		{Sample{Time: 6, Kind: Int, Bits: 1}, 1},
	} {
		b := &Batch{Group: g, Samples: []Sample{c.s}}
		if f.Apply(b); len(b.Samples) != c.want {
			t.Errorf("sample %d: %d sent, want %d", i, len(b.Samples), c.want)
		}
	}
}
