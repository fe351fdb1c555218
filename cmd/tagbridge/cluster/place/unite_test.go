package place

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestUnits has every unit go to one member as a whole, whoever comes and goes, and endpoints that are alone share the load.
func TestUnits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	all, es := members(5), endpoints(200)
	for i := range es {
		if i < 120 {
			es[i].Unit = es[i-i%4].Key
		}
	}
	for range 50 {
		ms := slices.DeleteFunc(slices.Clone(all), func(Member) bool { return r.IntN(3) == 0 })
		if len(ms) == 0 {
			continue
		}
		to := Choose(ms, es)
		of := map[string]int{}
		for i, e := range es {
			if at, ok := of[e.Unit]; ok && e.Unit != "" && at != to[i] {
				t.Fatalf("%s goes to %d, others of its unit to %d", e.Key, to[i], at)
			}
			of[e.Unit] = to[i]
		}
		l, _ := loads(ms, es, to)
		if most, average := slices.Max(l), 200/float64(len(ms)); most > max(1.1*average, average+4) {
			t.Errorf("one has %v, on average they have %v", most, average)
		}
		settle(ms, es, to)
	}
}

// TestUnitsJoinAndPart has two units become one, and one become two: the first moves the smaller part, the second nothing.
func TestUnitsJoinAndPart(t *testing.T) {
	ms, es := members(2), endpoints(3)
	es[0].Owner, es[1].Owner, es[2].Owner = "pc-1", "pc-1", "pc-0"
	for i := range es {
		es[i].Unit = "u"
	}
	if to := Choose(ms, es); !slices.Equal(to, []int{1, 1, 1}) {
		t.Errorf("joined: %v", to)
	}
	es = endpoints(4)
	for i := range es {
		es[i].Owner = ms[i/2].Name
	}
	if to := Choose(ms, es); !slices.Equal(to, []int{0, 0, 1, 1}) {
		t.Errorf("parted: %v", to)
	}
}

// TestUnitBound has what one endpoint of a unit is bound to hold for all of them.
func TestUnitBound(t *testing.T) {
	ms, es := members(3), endpoints(2)
	for i := range es {
		es[i].Unit, es[i].Only, es[i].Owner = "u", []string{"pc-2"}, "pc-0"
	}
	if to := Choose(ms, es); !slices.Equal(to, []int{2, 2}) {
		t.Errorf("only: %v", to)
	}
	if to := Choose(ms[:2], es); !slices.Equal(to, []int{Nobody, Nobody}) {
		t.Errorf("only one that is not there: %v", to)
	}
}
