package member

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
)

// TestRandomFaults has members killed, stopped and cut off, servers fail and cables be slow, half cut or cut: with Stop there are never two
// readers of one endpoint, and after all is well again each has one, as the shares are.
func TestRandomFaults(t *testing.T) {
	seeds := uint64(20)
	if n, err := strconv.ParseUint(os.Getenv("TAGBRIDGE_SCHEDULES"), 10, 64); err == nil {
		seeds = n
	}
	for _, stop := range []bool{true, false} {
		for seed := range seeds {
			t.Run(fmt.Sprintf("stop=%v/%d", stop, seed), func(t *testing.T) { randomFaults(t, stop, seed) })
		}
	}
}

func randomFaults(t *testing.T, stop bool, seed uint64) {
	o := options(stop, 8)
	if seed%5 == 4 {
		o.Servers = 1
	}
	w := newWorld(t, seed, o, 2+int(seed%4))
	w.hitches = []int{0, 20, 200, 2000}[seed/5%4]
	twice := 0
	w.reads = func() {
		for _, e := range w.o.Endpoints {
			names := w.readers(e.Key)
			if len(names) < 2 {
				continue
			}
			twice++
			if stop {
				t.Fatalf("at %v %s is read by %v", w.now, e.Key, names)
			}
		}
	}
	for _, n := range w.nodes {
		w.after(w.between(0, 5*time.Second), n.start)
	}
	for range 20 + w.r.IntN(100) {
		w.after(w.between(0, time.Minute), w.fault)
	}
	w.run(70 * time.Second)
	w.heal()
	w.run(w.now + 30*time.Second)
	everyone(t, w)
	if seed < 3 {
		t.Logf("%d turns with two readers", twice)
	}
}

// fault breaks something, most often for a while.
func (w *world) fault() {
	n := w.nodes[w.r.IntN(len(w.nodes))]
	s := w.r.IntN(len(w.down))
	long := w.between(10*time.Millisecond, 8*time.Second)
	switch w.r.IntN(9) {
	case 0:
		n.kill()
		w.after(long, n.start)
	case 1:
		n.pause()
		w.after(long, n.resume)
	case 2:
		w.server(s, true)
		w.after(long, func() { w.server(s, false) })
	case 3:
		n.disconnect(s)
	case 4:
		n.out[s].slow = w.between(0, 5*time.Second)
		w.after(long, func() { n.out[s].slow = 0 })
	case 5:
		n.in[s].slow = w.between(0, 5*time.Second)
		w.after(long, func() { n.in[s].slow = 0 })
	case 6: // one cable, one way or both
		n.cut(s, w.r.IntN(3), long)
	case 7: // all of them
		way := w.r.IntN(3)
		for s := range n.out {
			n.cut(s, way, long)
		}
	case 8:
		w.split(long)
	}
}

// split puts each node and each server on one of two sides, which do not reach each other for a while.
func (w *world) split(long time.Duration) {
	sides := w.r.Uint64()
	for i, n := range w.nodes {
		for s := range n.out {
			if sides>>i&1 != sides>>(32+s)&1 {
				n.cut(s, 2, long)
			}
		}
	}
}

// cut cuts the way there, the way back or both for a while, after which TCP passes on what was sent, or gave up.
func (n *node) cut(s, way int, long time.Duration) {
	if way != 0 {
		n.in[s].cut = true
	}
	if way != 1 {
		n.out[s].cut = true
	}
	gaveUp := n.r.IntN(2) == 0
	n.after(long, func() {
		n.in[s].mend(n.world)
		n.out[s].mend(n.world)
		if gaveUp {
			n.disconnect(s)
		}
	})
}

func (w *world) server(s int, down bool) {
	if w.down[s] == down {
		return
	}
	w.down[s] = down
	if down {
		for _, n := range w.nodes {
			n.disconnect(s)
		}
	}
}

// heal ends all faults.
func (w *world) heal() {
	w.hitches = 0
	for s := range w.down {
		w.server(s, false)
	}
	for _, n := range w.nodes {
		for s := range n.out {
			n.in[s].slow, n.out[s].slow = 0, 0
			n.in[s].mend(w)
			n.out[s].mend(w)
		}
		n.resume()
		n.start()
	}
}
