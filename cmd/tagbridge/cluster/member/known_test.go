package member

import "testing"

// TestKnown has epochs go on where those end that are kept, and what is held stay held.
func TestKnown(t *testing.T) {
	w := newWorld(t, 1, options(true, 6), 2)
	for _, n := range w.nodes {
		n.start()
	}
	w.run(5 * takeover)
	everyone(t, w)
	n := w.nodes[0]
	had := map[string]bool{}
	for _, e := range n.m.endpoints {
		had[e.Key] = e.held
		n.m.Known(e.key, 7)
		n.m.Known(e.key, 3) // which is older
		want := uint64(7)
		if e.held {
			want = 8
		}
		if e.epoch != want {
			t.Errorf("held %v: epoch %d, want %d", e.held, e.epoch, want)
		}
	}
	n.m.Known(1, 9) // of an endpoint that is nobody's
	w.run(10 * takeover)
	everyone(t, w)
	n.kill()
	w.run(20 * takeover)
	everyone(t, w)
	for _, e := range w.nodes[1].m.endpoints {
		if had[e.Key] && e.epoch < 9 {
			t.Errorf("%s has epoch %d after another one had it with 8", e.Key, e.epoch)
		}
	}
}

// TestStandAside has a member hold nothing while it stands aside, and its share again afterwards.
func TestStandAside(t *testing.T) {
	for _, stop := range []bool{false, true} {
		w := newWorld(t, 2, options(stop, 6), 3)
		for _, n := range w.nodes {
			n.start()
		}
		w.run(5 * takeover)
		everyone(t, w)
		n := w.nodes[1]
		n.m.StandAside(true)
		n.turn()
		w.run(10 * takeover)
		for _, e := range w.o.Endpoints {
			if names := w.readers(e.Key); len(names) != 1 || names[0] == n.name {
				t.Errorf("%s is read by %v while %s stands aside", e.Key, names, n.name)
			}
		}
		n.m.StandAside(false)
		n.turn()
		w.run(20 * takeover)
		everyone(t, w)
	}
}
