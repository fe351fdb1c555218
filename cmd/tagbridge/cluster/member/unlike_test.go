package member

import (
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/cluster/place"
)

// unlike are two members that were given different lists of endpoints, as one of them could not take a new configuration.
func unlike(t *testing.T, stop bool, first, second []place.Endpoint) (w *world, moves *int) {
	w = newWorld(t, 3, options(stop, 0), 2)
	moves = new(int)
	for i, list := range [][]place.Endpoint{first, second} {
		w.o.Endpoints = list
		w.nodes[i].start()
	}
	last := map[string]string{}
	w.reads = func() {
		for _, e := range first {
			names := w.readers(e.Key)
			switch {
			case stop && len(names) > 1:
				t.Fatalf("at %v %s is read by %v", w.now, e.Key, names)
			case len(names) == 1 && last[e.Key] != names[0]:
				last[e.Key] = names[0]
				*moves++
			}
		}
	}
	return w, moves
}

// TestOneKnowsMore has a member know endpoints that the other one does not: it reads them all itself.
func TestOneKnowsMore(t *testing.T) {
	for _, stop := range []bool{false, true} {
		w, moves := unlike(t, stop, plant(20), plant(12))
		w.run(time.Minute)
		for _, e := range plant(20) {
			if len(w.readers(e.Key)) != 1 {
				t.Errorf("stop %v: %s is read by %v", stop, e.Key, w.readers(e.Key))
			}
		}
		before := *moves
		w.run(2 * time.Minute)
		if *moves != before {
			t.Errorf("stop %v: %d moves in a minute", stop, *moves-before)
		}
	}
}

// TestLoadsUnlike has two members think differently of what an endpoint costs: they do not hand endpoints to each other for ever.
func TestLoadsUnlike(t *testing.T) {
	heavy := func(from, to int) []place.Endpoint {
		list := plant(20)
		for i := from; i < to; i++ {
			list[i].Load = 50
		}
		return list
	}
	for _, c := range [][2][]place.Endpoint{{heavy(0, 3), heavy(0, 0)}, {heavy(0, 3), heavy(3, 6)}, {heavy(0, 10), heavy(10, 20)}, {heavy(0, 20), heavy(3, 20)}} {
		w, moves := unlike(t, true, c[0], c[1])
		w.run(time.Minute)
		before := *moves
		w.run(3 * time.Minute)
		if n := *moves - before; n > 4 {
			t.Errorf("%d moves in two minutes", n)
		}
		for _, e := range c[0] {
			if len(w.readers(e.Key)) != 1 {
				t.Errorf("%s is read by %v", e.Key, w.readers(e.Key))
			}
		}
	}
}
