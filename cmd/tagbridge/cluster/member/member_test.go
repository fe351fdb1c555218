package member

import (
	"slices"
	"testing"
	"time"
)

const takeover = 2 * time.Second

func options(stop bool, endpoints int) Options {
	return Options{Servers: 3, Takeover: takeover, Guard: takeover / 5, Stop: stop, Endpoints: plant(endpoints)}
}

// TestOneDies has the endpoints of one that dies read by others within the time that is promised, whatever server dies with it.
func TestOneDies(t *testing.T) {
	for _, stop := range []bool{false, true} {
		var times []time.Duration
		for seed := range uint64(30) {
			w := newWorld(t, seed, options(stop, 12), 3)
			for _, n := range w.nodes {
				n.start()
			}
			w.run(20 * time.Second)
			everyone(t, w)
			dead := w.nodes[seed%3]
			var orphans []string
			for _, e := range w.o.Endpoints {
				if dead.reading(e.Key) {
					orphans = append(orphans, e.Key)
				}
			}
			if len(orphans) != 4 {
				t.Errorf("one of three reads %d of twelve", len(orphans))
			}
			w.run(w.now + w.between(0, time.Second))
			died := w.now
			dead.kill()
			if seed%2 == 0 { // and the server beside it
				w.down[0] = true
				for _, n := range w.nodes {
					n.disconnect(0)
				}
			}
			w.reads = func() {
				orphans = slices.DeleteFunc(orphans, func(key string) bool {
					if len(w.readers(key)) == 0 {
						return false
					}
					times = append(times, w.now-died)
					return true
				})
			}
			w.run(w.now + 10*time.Second)
			if len(orphans) > 0 {
				t.Fatalf("stop %v, seed %d: nobody reads %v", stop, seed, orphans)
			}
		}
		slices.Sort(times)
		t.Logf("stop %v: taken over after %v to %v, in the middle %v", stop, times[0], times[len(times)-1], times[len(times)/2])
		if worst := times[len(times)*99/100]; worst > takeover+500*time.Millisecond {
			t.Errorf("stop %v: 1 of 100 is taken over after %v", stop, worst)
		}
	}
}

// everyone fails t unless each endpoint has one reader, and nobody has too much.
func everyone(t *testing.T, w *world) {
	t.Helper()
	alive := 0
	for _, n := range w.nodes {
		if n.m != nil {
			alive++
		}
	}
	loads := map[string]int{}
	for _, e := range w.o.Endpoints {
		names := w.readers(e.Key)
		if len(names) != 1 {
			t.Fatalf("at %v %s is read by %v", w.now, e.Key, names)
		}
		loads[names[0]]++
	}
	for name, n := range loads {
		if average := float64(len(w.o.Endpoints)) / float64(alive); float64(n) > average*1.1+1 {
			t.Errorf("at %v %s reads %d, on average they read %v", w.now, name, n, average)
		}
	}
}
