package place

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func members(n int) []Member {
	list := make([]Member, n)
	for i := range list {
		list[i].Name = fmt.Sprintf("pc-%d", i)
	}
	return list
}

func endpoints(n int) []Endpoint {
	list := make([]Endpoint, n)
	for i := range list {
		list[i].Key = fmt.Sprintf("tcp://10.0.%d.%d:502", i/250, i%250)
	}
	return list
}

// settle makes what was chosen the owners.
func settle(ms []Member, es []Endpoint, to []int) {
	for i, m := range to {
		es[i].Owner = ""
		if m != Nobody {
			es[i].Owner = ms[m].Name
		}
	}
}

// loads are how many endpoints each member has, and how many moved from one that is still there to another.
func loads(ms []Member, es []Endpoint, to []int) (loads []float64, moved int) {
	loads = make([]float64, len(ms))
	for i, m := range to {
		if m == Nobody {
			continue
		}
		loads[m]++
		there := slices.ContainsFunc(ms, func(m Member) bool { return m.Name == es[i].Owner })
		if es[i].Owner != ms[m].Name && there {
			moved++
		}
	}
	return loads, moved
}

// TestManyMembers has ten thousand members and a hundred thousand endpoints, of which some die, come back, and are joined.
func TestManyMembers(t *testing.T) {
	ms, es := members(10_000), endpoints(100_000)
	step := func(what string, ms []Member, most int) {
		t.Helper()
		to := Choose(ms, es)
		l, moved := loadsFast(ms, es, to)
		average := float64(len(es)) / float64(len(ms))
		if m := slices.Max(l); m > 1.1*average {
			t.Errorf("%s: one has %v, on average they have %.4f", what, m, average)
		}
		if moved > most {
			t.Errorf("%s: %d moved between members that are there, %d at most are needed", what, moved, most)
		}
		settle(ms, es, to)
	}
	step("at first", ms, 0)
	step("again", ms, 0)
	step("one dead", ms[1:], 0)
	step("back again", ms, 11)
	step("a thousand dead", ms[:9_000], 0)
	step("one joined", append(ms[:9_000:9_000], Member{Name: "new"}), 200)
	step("all back", ms, 12_000)
}

// loadsFast is loads for many members.
func loadsFast(ms []Member, es []Endpoint, to []int) (loads []float64, moved int) {
	there := make(map[string]bool, len(ms))
	for _, m := range ms {
		there[m.Name] = true
	}
	loads = make([]float64, len(ms))
	for i, m := range to {
		loads[m]++
		if es[i].Owner != ms[m].Name && there[es[i].Owner] {
			moved++
		}
	}
	return loads, moved
}

// TestFewMembers moves no more than it must, whoever comes and goes.
func TestFewMembers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		all := members(1 + r.IntN(6))
		es := endpoints(1 + r.IntN(60))
		for range 20 {
			var ms []Member
			for _, m := range all {
				if r.IntN(4) > 0 {
					ms = append(ms, m)
				}
			}
			to := Choose(ms, es)
			if len(ms) == 0 {
				for _, m := range to {
					if m != Nobody {
						t.Fatal("somebody reads where nobody is")
					}
				}
				settle(ms, es, to)
				continue
			}
			checkMoves(t, ms, es, to)
			settle(ms, es, to)
		}
	}
}

// checkMoves fails t when one has too much, or when more moved than those who had too much had above it.
func checkMoves(t *testing.T, ms []Member, es []Endpoint, to []int) {
	t.Helper()
	l, moved := loads(ms, es, to)
	average := float64(len(es)) / float64(len(ms))
	limit := max(1.1*average, average+1-1/float64(len(ms)))
	before := make(map[string]float64)
	for _, e := range es {
		before[e.Owner]++
	}
	needed := 0
	for i, m := range ms {
		if l[i] > limit+1e-6 {
			t.Errorf("%s has %v, on average they have %v", m.Name, l[i], average)
		}
		for n := before[m.Name]; n > limit+1e-6; n-- {
			needed++
		}
	}
	if moved > needed {
		t.Errorf("%d moved, %d were needed", moved, needed)
	}
}

// TestTheDeadSpread has the endpoints of one that died go to all others, not to one.
func TestTheDeadSpread(t *testing.T) {
	ms, es := members(5), endpoints(500)
	settle(ms, es, Choose(ms, es))
	dead := ms[2].Name
	ms = slices.Delete(ms, 2, 3)
	to := Choose(ms, es)
	heirs := map[int]int{}
	for i, e := range es {
		if e.Owner == dead {
			heirs[to[i]]++
		} else if ms[to[i]].Name != e.Owner {
			t.Errorf("%s moved from %s, which lives", e.Key, e.Owner)
		}
	}
	for i := range ms {
		if heirs[i] < 10 {
			t.Errorf("%s has only %d of the dead one's", ms[i].Name, heirs[i])
		}
	}
}

func TestBound(t *testing.T) {
	ms := members(3)
	es := endpoints(30)
	es[0].Only = []string{"pc-1"}
	es[1].Only = []string{"pc-9"}
	es[2].Prefer = "pc-2"
	es[3].Prefer, es[3].Only = "pc-2", []string{"pc-0"}
	es[4].Prefer, es[4].Owner = "pc-2", "pc-0"
	es[5].Prefer = "pc-9"
	es[6].Only, es[6].Owner = []string{"pc-0", "pc-1"}, "pc-2"
	to := Choose(ms, es)
	for i, want := range map[int]int{0: 1, 1: Nobody, 2: 2, 3: 0, 4: 2} {
		if to[i] != want {
			t.Errorf("endpoint %d goes to %d, not %d", i, to[i], want)
		}
	}
	if to[5] == Nobody || to[6] != 0 && to[6] != 1 {
		t.Errorf("endpoints 5 and 6 go to %d and %d", to[5], to[6])
	}
}

// TestBoundPushesOthersAway has one member hold all that only it may read: what anyone may read goes elsewhere.
func TestBoundPushesOthersAway(t *testing.T) {
	ms, es := members(2), endpoints(10)
	for i := range es {
		es[i].Owner = "pc-0"
		if i < 5 {
			es[i].Only = []string{"pc-0"}
		}
	}
	for i, m := range Choose(ms, es) {
		if want := i / 5; m != want {
			t.Errorf("endpoint %d goes to %d, not %d", i, m, want)
		}
	}
}

func TestWeights(t *testing.T) {
	ms := []Member{{"big", 3}, {"small", 1}}
	es := endpoints(100)
	for i := range es {
		es[i].Load = 1 + float64(i%3)
	}
	loads := [2]float64{}
	for i, m := range Choose(ms, es) {
		loads[m] += es[i].Load
	}
	if loads[0] < 2.5*loads[1] || loads[0] > 3.5*loads[1] {
		t.Errorf("the loads are %v", loads)
	}
}

// TestOrderDoesNotMatter gives members and endpoints in another order.
func TestOrderDoesNotMatter(t *testing.T) {
	ms, es := members(200), endpoints(1000)
	want := map[string]string{}
	for i, m := range Choose(ms, es) {
		want[es[i].Key] = ms[m].Name
	}
	rand.New(rand.NewPCG(3, 4)).Shuffle(len(ms), func(i, j int) { ms[i], ms[j] = ms[j], ms[i] })
	slices.Reverse(es)
	for i, m := range Choose(ms, es) {
		if ms[m].Name != want[es[i].Key] {
			t.Fatalf("%s goes to %s, before to %s", es[i].Key, ms[m].Name, want[es[i].Key])
		}
	}
}

// BenchmarkChoose places a hundred thousand endpoints on ten thousand members: all, and those of one that died.
func BenchmarkChoose(b *testing.B) {
	ms, es := members(10_000), endpoints(100_000)
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			Choose(ms, es)
		}
	})
	settle(ms, es, Choose(ms, es))
	b.Run("dead", func(b *testing.B) {
		for b.Loop() {
			Choose(ms[1:], es)
		}
	})
}
