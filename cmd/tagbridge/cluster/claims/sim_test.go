package claims

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// stored is a message of the bucket.
type stored struct {
	key      string
	revision uint64
	value    []byte // nil: a deletion
}

// world is a bucket, and members who hold what they are given, and do as their books say.
type world struct {
	t      *testing.T
	r      *rand.Rand
	now    time.Duration
	last   uint64
	bucket map[string]stored
	epochs map[string]uint64 // the highest that was ever written, since the bucket was set back
	owner  map[string]string // of that epoch
	nodes  []*node
	names  []string
	calm   bool
	writes int
}

type node struct {
	*world
	name    string
	run     uint64
	book    *Book
	joined  bool
	held    map[string]uint64 // 0: not held
	known   map[string]uint64
	watch   []stored // what the watch is going to bring
	synced  bool
	flights []flight
}

type flight struct {
	w       Write
	outcome Outcome
	rev     uint64
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{
		t: t, r: rand.New(rand.NewPCG(seed, 5)), bucket: map[string]stored{}, epochs: map[string]uint64{}, owner: map[string]string{},
	}
	for i := range 1 + w.r.IntN(5) {
		w.names = append(w.names, fmt.Sprintf("tcp://10.0.0.%d:502", i))
	}
	for i := range 1 + w.r.IntN(4) {
		n := &node{world: w, name: fmt.Sprint("pc-", i)}
		n.start()
		w.nodes = append(w.nodes, n)
	}
	return w
}

// start is a new process.
func (n *node) start() {
	n.run = n.r.Uint64() | 1
	n.book, n.joined = NewBook(n.name, n.run), false
	n.held, n.known, n.flights = map[string]uint64{}, map[string]uint64{}, nil
	for _, name := range n.names {
		n.held[name] = 0
	}
	n.book.Set(false, n.held)
	n.reread()
}

// reread has the watch begin anew.
func (n *node) reread() {
	for len(n.flights) > 0 {
		n.land()
	}
	n.book.Begin()
	n.synced, n.watch = false, nil
	for _, key := range slices.Sorted(maps.Keys(n.bucket)) {
		n.watch = append(n.watch, n.bucket[key])
	}
}

// put stores, unless somebody else was faster. It holds what the bucket is for: no epoch has two owners, and none goes back.
func (w *world) put(n *node, x Write) (uint64, bool) {
	if w.bucket[x.Key].revision != x.Revision {
		return 0, false
	}
	c, err := parseClaim(x.Value)
	if err != nil {
		w.t.Fatal(err)
	}
	w.writes++
	if c.Epoch <= w.epochs[x.Key] {
		w.t.Fatalf("at %v %s writes epoch %d of %s, which %s had, and the highest is %d", w.now, n.name, c.Epoch, x.Key, w.owner[x.Key], w.epochs[x.Key])
	}
	w.epochs[x.Key], w.owner[x.Key] = c.Epoch, n.name
	return w.store(x.Key, x.Value), true
}

func (w *world) store(key string, value []byte) uint64 {
	w.last++
	m := stored{key, w.last, value}
	w.bucket[key] = m
	for _, n := range w.nodes {
		n.watch = append(n.watch, m)
	}
	return w.last
}

// turn is what a Keeper does.
func (n *node) turn() {
	if n.book.Stale(n.now) {
		n.reread()
	}
	for range n.r.IntN(4) {
		switch {
		case len(n.watch) > 0:
			m := n.watch[0]
			n.watch = n.watch[1:]
			n.book.Seen(m.key, m.revision, m.value)
		case !n.synced:
			n.synced = true
			n.book.Synced()
		}
	}
	for len(n.flights) > 0 && n.r.IntN(2) == 0 {
		n.land()
	}
	for _, w := range n.book.Next(n.now, 3) {
		f := flight{w: w}
		var ok bool
		switch lost := !n.calm && n.r.IntN(5) == 0; {
		case lost && n.r.IntN(2) == 0: // the question
			f.outcome = Unknown
		default:
			if f.rev, ok = n.put(n, w); !ok {
				f.outcome = Faster
			}
			if lost { // the answer
				f.outcome = Unknown
			}
		}
		n.flights = append(n.flights, f)
	}
	n.obey()
}

func (n *node) land() {
	f := n.flights[0]
	n.flights = n.flights[1:]
	n.book.Done(f.w, f.outcome, f.rev, n.now)
}

// obey does with findings what a member does.
func (n *node) obey() {
	for _, f := range n.book.Findings() {
		n.known[f.Endpoint] = max(n.known[f.Endpoint], f.Epoch)
		at := n.held[f.Endpoint]
		switch {
		case at == 0 || f.Epoch < at:
		case f.Over:
			n.held[f.Endpoint] = 0
		default:
			n.held[f.Endpoint] = f.Epoch + 1
		}
	}
	n.book.Set(n.joined, n.held)
}

// take has the member read that endpoint.
func (n *node) take(name string) {
	n.known[name]++
	n.held[name] = n.known[name]
	n.book.Set(n.joined, n.held)
}

func (w *world) fault() {
	n := w.nodes[w.r.IntN(len(w.nodes))]
	name := w.names[w.r.IntN(len(w.names))]
	switch w.r.IntN(12) {
	case 0, 1, 2, 3:
		if n.held[name] == 0 {
			n.take(name)
		}
	case 4, 5:
		n.known[name] = max(n.known[name], n.held[name])
		n.held[name] = 0
		n.book.Set(n.joined, n.held)
	case 6:
		n.joined = !n.joined
		n.book.Set(n.joined, n.held)
	case 7:
		n.start()
	case 8:
		n.reread()
	case 9: // a deletion, or garbage
		value := [][]byte{nil, []byte("x"), fmt.Appendf(nil, `{"v":1,"endpoint":%q,"node":"n","run":"00000000000000ff","epoch":18446744073709551615}`, name)}
		w.back()
		w.store(Key(name), value[w.r.IntN(len(value))])
	case 10: // what is stored is lost, and nobody is told
		if w.r.IntN(5) == 0 {
			clear(w.bucket)
			w.last = 0
			w.back()
			for _, n := range w.nodes {
				n.reread()
			}
		}
	case 11:
		w.store("KEY.of.others", []byte("x"))
	}
}

// back says that epochs may begin anew, as the bucket lost them.
func (w *world) back() { clear(w.epochs) }

// TestRandomSchedules has members take and lose endpoints that they hold at a time, with answers lost, processes killed, garbage, deletions and a
// bucket that is emptied. No epoch ever has two owners; afterwards each endpoint has one holder at most, whose claim is the last, and nothing
// is written any more.
func TestRandomSchedules(t *testing.T) {
	for seed := range uint64(400) {
		w := newWorld(t, seed)
		for range 300 {
			w.step()
			if w.r.IntN(4) == 0 {
				w.fault()
			}
		}
		w.calm = true
		for _, n := range w.nodes {
			n.joined = true
			n.book.Set(true, n.held)
		}
		for range 400 {
			w.step()
		}
		before := w.writes
		for range 100 {
			w.step()
		}
		if w.writes != before {
			t.Errorf("seed %d: claims are written without end", seed)
		}
		w.settled(seed)
	}
}

func (w *world) step() {
	w.now += time.Duration(w.r.Int64N(int64(200 * time.Millisecond)))
	w.nodes[w.r.IntN(len(w.nodes))].turn()
}

func (w *world) settled(seed uint64) {
	for _, name := range w.names {
		holders := 0
		for _, n := range w.nodes {
			at := n.held[name]
			if at == 0 {
				continue
			}
			holders++
			c, err := parseClaim(w.bucket[Key(name)].value)
			if err != nil || c.Node != n.name || c.Run != n.run || c.Epoch != at {
				w.t.Errorf("seed %d: %s holds %s with epoch %d, and the bucket has %+v, %v", seed, n.name, name, at, c, err)
			}
		}
		if holders > 1 {
			w.t.Errorf("seed %d: %d hold %s", seed, holders, name)
		}
	}
	for _, n := range w.nodes {
		if kept, held, wrong := n.book.Kept(); kept != held {
			w.t.Errorf("seed %d: %s keeps %d of %d, %s", seed, n.name, kept, held, wrong)
		}
	}
}
