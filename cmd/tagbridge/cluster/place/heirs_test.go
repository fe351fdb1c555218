package place

import (
	"slices"
	"testing"
)

// TestHeirsAreThoseWhoTake compares what was foretold with what is chosen once each member is gone.
func TestHeirsAreThoseWhoTake(t *testing.T) {
	ms, es := members(5), endpoints(200)
	es[0].Only = []string{"pc-1", "pc-3"}
	es[1].Only = []string{"pc-2"}
	es[2].Prefer = "pc-4"
	settle(ms, es, Choose(ms, es))
	heirs := Heirs(ms, es)
	for dead := range ms {
		left := slices.Delete(slices.Clone(ms), dead, dead+1)
		for i, to := range Choose(left, es) {
			if es[i].Owner != ms[dead].Name {
				continue
			}
			want := ""
			if to != Nobody {
				want = left[to].Name
			}
			if heirs[i] != want {
				t.Errorf("%s of %s goes to %q, not to %q", es[i].Key, ms[dead].Name, want, heirs[i])
			}
		}
	}
	if heirs[0] != "pc-1" && heirs[0] != "pc-3" || heirs[0] == es[0].Owner {
		t.Errorf("what is for two only and %s has goes to %q", es[0].Owner, heirs[0])
	}
	if heirs[1] != "" {
		t.Errorf("what is for one only goes to %s", heirs[1])
	}
}

// TestHeirsOfNobody has what nobody reads go where it is taken, and nobody take where one is alone.
func TestHeirsOfNobody(t *testing.T) {
	ms, es := members(2), endpoints(2)
	es[0].Owner = "pc-0"
	if heirs := Heirs(ms, es); !slices.Equal(heirs, []string{"pc-1", "pc-1"}) {
		t.Errorf("two are there: %q", heirs)
	}
	if heirs := Heirs(ms[:1], es); !slices.Equal(heirs, []string{"", "pc-0"}) {
		t.Errorf("one is there: %q", heirs)
	}
	if heirs := Heirs(nil, es); !slices.Equal(heirs, []string{"", ""}) {
		t.Errorf("nobody is there: %q", heirs)
	}
}

func BenchmarkHeirs(b *testing.B) {
	ms, es := members(3), endpoints(500)
	settle(ms, es, Choose(ms, es))
	b.ReportAllocs()
	for b.Loop() {
		Heirs(ms, es)
	}
}
