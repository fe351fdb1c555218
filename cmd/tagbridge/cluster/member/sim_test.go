package member

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/cluster/place"
)

// world plays members, servers and what is between them through, in a time of its own.
type world struct {
	t      testing.TB
	r      *rand.Rand
	now    time.Duration
	events events
	n      uint64
	o      Options
	nodes  []*node
	down   []bool // servers
	reads  func() // is called after each turn
	runs   uint64
	// hitches: in one of that many beats a server hands out, it sleeps between two receivers; 0: never
	hitches int
}

// node is a PC.
type node struct {
	*world
	name    string
	m       *Member // nil: it is dead
	paused  bool
	missed  []func() // what came while it was paused
	rate    float64  // of its clock
	offset  time.Duration
	out, in []*cable // by server
	wake    uint64   // the turn that is planned
}

// cable is one direction of a connection: what is sent comes in its order.
type cable struct {
	cut  bool
	slow time.Duration
	last time.Duration // when the newest comes
	held []func()      // while it is cut
	gen  int           // of the connection
	busy time.Duration // until when the server hands out what came by it
}

type event struct {
	at time.Duration
	n  uint64
	do func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].n < e[j].n
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	old := *e
	last := old[len(old)-1]
	*e = old[:len(old)-1]
	return last
}

func (w *world) at(t time.Duration, do func()) {
	w.n++
	heap.Push(&w.events, event{max(t, w.now), w.n, do})
}

func (w *world) after(d time.Duration, do func()) { w.at(w.now+d, do) }

// run goes on until then.
func (w *world) run(until time.Duration) {
	for len(w.events) > 0 && w.events[0].at <= until {
		e := heap.Pop(&w.events).(event)
		w.now = e.at
		e.do()
	}
	w.now = until
}

func newWorld(t testing.TB, seed uint64, o Options, nodes int) *world {
	w := &world{t: t, r: rand.New(rand.NewPCG(seed, 0)), o: o, down: make([]bool, o.Servers)}
	for i := range nodes {
		n := &node{world: w, name: fmt.Sprintf("pc-%d", i), rate: 1 + (w.r.Float64()-0.5)*1e-3, offset: w.between(0, time.Hour)}
		for range o.Servers {
			n.out, n.in = append(n.out, &cable{}), append(n.in, &cable{})
		}
		w.nodes = append(w.nodes, n)
	}
	return w
}

func (w *world) between(a, b time.Duration) time.Duration {
	return a + time.Duration(w.r.Int64N(int64(b-a)))
}

func (n *node) clock() time.Duration { return n.offset + time.Duration(float64(n.now)*n.rate) }

// start is a new process.
func (n *node) start() {
	if n.m != nil {
		return
	}
	o := n.o
	o.Node = n.name
	n.runs++
	o.Run = n.runs
	n.m, n.paused, n.missed = New(o, n.clock()), false, nil
	for s := range n.out {
		n.connect(s)
	}
	n.turn()
}

// kill ends the process.
func (n *node) kill() {
	n.m, n.paused, n.missed = nil, false, nil
	for s := range n.out {
		n.out[s].drop()
		n.in[s].drop()
	}
}

func (c *cable) drop() {
	c.gen++
	c.busy = 0
	c.held = nil
}

// connect tries until there is a connection.
func (n *node) connect(s int) {
	m := n.m
	n.after(n.between(time.Millisecond, 20*time.Millisecond), func() {
		if n.m != m || m == nil {
			return
		}
		if n.down[s] || n.out[s].cut || n.in[s].cut {
			n.after(500*time.Millisecond, func() {
				if n.m == m {
					n.connect(s)
				}
			})
			return
		}
		n.arrives(m, func() { m.Connected(s, n.clock()) })
	})
}

// disconnect ends a connection, and begins another one.
func (n *node) disconnect(s int) {
	n.out[s].drop()
	n.in[s].drop()
	if m := n.m; m != nil {
		n.arrives(m, func() { m.Disconnected(s) })
		n.connect(s)
	}
}

// arrives does what comes to m, once it runs.
func (n *node) arrives(m *Member, do func()) {
	switch {
	case n.m != m:
	case n.paused:
		n.missed = append(n.missed, do)
	default:
		do()
		n.turn()
	}
}

// turn is a Tick.
func (n *node) turn() {
	if n.m == nil || n.paused {
		return
	}
	say, next := n.m.Tick(n.clock())
	if say != nil {
		for s := range n.out {
			n.send(s, say)
		}
	}
	n.wake++
	wake, m := n.wake, n.m
	n.after(time.Duration(float64(next-n.clock())/n.rate)+time.Microsecond, func() {
		if n.wake == wake && n.m == m {
			n.turn()
		}
	})
	if n.reads != nil {
		n.reads()
	}
}

// send has the server pass a beat on to all that are connected: one after the other, in any order, and not at the same time as what
// came by another connection. A server has a thread for each connection, and any of them may be slow.
func (n *node) send(s int, b *Beat) {
	n.out[s].pass(n.world, func() {
		if n.down[s] {
			return
		}
		at := max(n.out[s].busy, n.now)
		for _, i := range n.r.Perm(len(n.nodes)) {
			other := n.nodes[i]
			m, gen := other.m, other.in[s].gen
			n.at(at, func() {
				if other.in[s].gen == gen {
					other.in[s].pass(n.world, func() {
						if m != nil && m.servers[s].up {
							other.arrives(m, func() { m.Heard(s, b, other.clock()) })
						}
					})
				}
			})
			at += n.hitch()
		}
		n.out[s].busy = at
	})
}

// hitch is how long a thread of a server sleeps between two receivers.
func (w *world) hitch() time.Duration {
	switch n := w.r.IntN(w.hitches + 1); {
	case n == 0:
		return 0
	case n < w.hitches:
		return w.between(0, 100*time.Microsecond)
	}
	return w.between(0, 3*time.Second)
}

// pass has do come at the other end.
func (c *cable) pass(w *world, do func()) {
	gen := c.gen
	come := func() {
		if c.gen == gen {
			do()
		}
	}
	if c.cut {
		c.held = append(c.held, come)
		return
	}
	c.last = max(c.last, w.now+w.between(100*time.Microsecond, 2*time.Millisecond)+c.slow)
	w.at(c.last, come)
}

// mend has a cut cable pass on what was held, as TCP does.
func (c *cable) mend(w *world) {
	c.cut = false
	held := c.held
	c.held = nil
	for _, come := range held {
		c.last = max(c.last, w.now+time.Millisecond)
		w.at(c.last, come)
	}
}

func (n *node) pause() { n.paused = n.m != nil }

func (n *node) resume() {
	if !n.paused {
		return
	}
	n.paused = false
	missed := n.missed
	n.missed = nil
	if n.reads != nil {
		n.reads() // what reads devices may come first
	}
	if n.r.IntN(2) == 0 {
		n.turn() // or a timer
	}
	for _, do := range missed {
		if n.m != nil {
			do()
		}
	}
	n.turn()
}

// reading reports whether that endpoint is being read by n, if it runs.
func (n *node) reading(key string) bool {
	return n.m != nil && !n.paused && n.m.Held(key) && n.clock() < n.m.Until()
}

// readers is who reads key.
func (w *world) readers(key string) (names []string) {
	for _, n := range w.nodes {
		if n.reading(key) {
			names = append(names, n.name)
		}
	}
	return names
}

func plant(n int) []place.Endpoint {
	list := make([]place.Endpoint, n)
	for i := range list {
		list[i].Key = fmt.Sprintf("tcp://10.0.0.%d:502", i)
	}
	return list
}
