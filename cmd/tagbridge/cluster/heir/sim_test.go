package heir

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/cluster/replica"
	"tagbridge/sinks"
)

// world is members that inherit from one that is gone, with a bucket that may be cut off or emptied, and clocks of their own.
type world struct {
	t        *testing.T
	random   *rand.Rand
	now      time.Duration
	revision uint64
	bucket   map[string]Entry
	tail     Tail
	length   sinks.Pos // of what was left
	members  []*actor
	back     bool        // the member itself is back
	sent     map[int]int // how many times each position went out
	moves    int         // claims that were made
	emptied  int
	log      []string
}

// actor is a member.
type actor struct {
	name    string
	dead    bool
	frozen  time.Duration // until then it does nothing
	cut     time.Duration // until then it reaches no bucket
	deaf    time.Duration // until then it hears nobody
	book    *Book
	looked  time.Duration
	claim   *held
	skew    time.Duration // of its clock, which is no other's
	noSink  bool
	deliver int // samples in a step
}

type held struct {
	key      string
	revision uint64
	cursor   replica.Cursor
	position sinks.Pos
	until    time.Duration // by its own clock
	written  time.Duration
}

var simRules = Rules{Grace: 12 * time.Second, Step: 3 * time.Second, Lease: 10 * time.Second, Guard: 3 * time.Second, Rest: time.Minute}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{t: t, random: rand.New(rand.NewPCG(seed, 1)), bucket: map[string]Entry{}, length: 3000, sent: map[int]int{}, revision: 2}
	e := Entry{Node: "a", Journal: replica.Name(1), Sink: "cloud", Revision: 1, Cursor: replica.Cursor{Journal: replica.Name(1), Node: "a", Sink: "cloud"}}
	w.bucket[e.Key()] = e
	w.tail = Tail{Node: "a", Journal: replica.Name(1), Revision: 2, End: replica.End{Position: w.length, Copied: w.length}}
	for i, name := range []string{"b", "c", "d", "e"} {
		w.members = append(w.members, &actor{
			name: name, book: NewBook(simRules), skew: time.Duration(w.random.Int64N(1e12)), deliver: 1 + w.random.IntN(10), noSink: i == 3,
		})
	}
	return w
}

func (w *world) say(format string, args ...any) {
	w.log = append(w.log, fmt.Sprintf("%8v ", w.now)+fmt.Sprintf(format, args...))
}

// update is compare and swap.
func (w *world) update(e Entry, want uint64) (uint64, bool) {
	there, ok := w.bucket[e.Key()]
	if ok != (want > 0) || ok && there.Revision != want {
		return 0, false
	}
	if ok && e.Cursor.Position < there.Cursor.Position {
		w.fail("the cursor went back from %d to %d", there.Cursor.Position, e.Cursor.Position)
	}
	w.revision++
	e.Revision = w.revision
	w.bucket[e.Key()] = e
	return e.Revision, true
}

func (w *world) fail(format string, args ...any) {
	w.t.Helper()
	for _, line := range w.log[max(0, len(w.log)-60):] {
		w.t.Log(line)
	}
	w.t.Fatalf("%v: "+format, append([]any{w.now}, args...)...)
}

// trouble has something happen to somebody.
func (w *world) trouble() {
	m := w.members[w.random.IntN(len(w.members))]
	long := time.Duration(w.random.Int64N(int64(40 * time.Second)))
	switch w.random.IntN(7) {
	case 0:
		if m.dead = !m.dead; m.dead {
			w.say("%s dies", m.name)
			m.claim = nil
			break
		}
		w.say("%s is back", m.name)
		m.book, m.claim = NewBook(simRules), nil
	case 1, 2:
		w.say("%s is stopped for %v", m.name, long)
		m.frozen = w.now + long
	case 3, 4:
		w.say("%s reaches no bucket for %v", m.name, long)
		m.cut = w.now + long
	case 5:
		w.say("%s hears nobody for %v", m.name, long)
		m.deaf = w.now + long
	case 6:
		if w.random.IntN(4) == 0 {
			w.say("the bucket loses the cursor")
			clear(w.bucket)
			w.emptied++
		}
	}
}

// step lets a member do what it does in a tenth of a second.
func (w *world) step(m *actor) {
	if m.dead || m.frozen > w.now {
		return
	}
	now := w.now + m.skew
	if h := m.claim; h != nil {
		w.work(m, h, now)
	}
	if m.cut > w.now || now-m.looked < time.Second {
		return
	}
	m.looked = now
	v := m.book.Look(w.sight(m), now)
	if len(v.Leave) > 0 && m.claim != nil {
		w.say("%s leaves it", m.name)
		w.write(m, m.claim, "", now)
		m.claim = nil
	}
	for _, e := range v.Take {
		h := &held{key: e.Key(), cursor: e.Cursor, position: e.Cursor.Position, written: now}
		e.Cursor.By = m.name
		revision, ok := w.update(e, e.Revision)
		if !ok {
			continue
		}
		w.say("%s takes it at %d", m.name, h.position)
		h.revision, h.until, h.cursor = revision, now+simRules.Lease-simRules.Guard, e.Cursor
		m.claim = h
		w.moves++
	}
}

func (w *world) sight(m *actor) *Sight {
	s := &Sight{Self: m.name, Able: m.deaf <= w.now, Living: map[string]bool{m.name: true}, Sinks: map[string]bool{}, Mine: map[string]bool{}, Last: map[string]uint64{"a": 77}}
	if !m.noSink {
		s.Sinks["cloud"] = true
	}
	for _, other := range w.members {
		if !other.dead && other.frozen <= w.now && m.deaf <= w.now && other.deaf <= w.now {
			s.Living[other.name] = true
		}
	}
	if w.back {
		s.Living["a"] = true
	}
	for _, e := range w.bucket {
		s.Entries = append(s.Entries, e)
	}
	s.Tails = []Tail{w.tail}
	if len(s.Entries) == 0 && now0(m.book.Orphan("a", w.now+m.skew), w.now+m.skew) >= simRules.Grace && !w.back && !m.noSink {
		e := Entry{Node: "a", Journal: replica.Name(1), Sink: "cloud", Cursor: replica.Cursor{Journal: replica.Name(1), Node: "a", Sink: "cloud"}}
		w.say("%s makes the cursor anew", m.name)
		w.update(e, 0)
	}
	if m.claim != nil {
		s.Mine[m.claim.key] = true
	}
	return s
}

func now0(since, now time.Duration) time.Duration { return now - since }

// work delivers and writes.
func (w *world) work(m *actor, h *held, now time.Duration) {
	if now >= h.until {
		w.say("%s has lost it", m.name)
		m.claim = nil
		return
	}
	for _, other := range w.members {
		if o := other.claim; other != m && o != nil && !other.dead && w.now+other.skew < o.until && w.emptied == 0 {
			w.fail("%s and %s may deliver at a time", m.name, other.name)
		}
	}
	for n := 0; n < m.deliver && h.position < w.length; n++ {
		w.sent[int(h.position)]++
		h.position++
	}
	done := h.position == w.length
	if now-h.written >= writeEvery || done {
		by := m.name
		if done {
			by = ""
			h.cursor.Seq = 77
		}
		if w.write(m, h, by, now) && done {
			w.say("%s is through", m.name)
			m.claim = nil
		}
	}
}

// write writes the cursor; false: it did not.
func (w *world) write(m *actor, h *held, by string, now time.Duration) bool {
	if m.cut > w.now {
		return false
	}
	h.written = now
	h.cursor.By, h.cursor.Position = by, h.position
	e := Entry{Node: "a", Journal: replica.Name(1), Sink: "cloud", Cursor: h.cursor}
	want := h.revision
	if _, there := w.bucket[h.key]; !there {
		want = 0
	}
	revision, ok := w.update(e, want)
	if !ok {
		w.say("%s was written over", m.name)
		m.claim = nil
		return false
	}
	h.revision, h.until = revision, now+simRules.Lease-simRules.Guard
	return true
}

// owner has the member itself be back: it takes its cursor at once.
func (w *world) owner() {
	w.back = true
	w.say("a is back")
	for _, e := range w.bucket {
		e.Cursor.By = ""
		w.update(e, e.Revision)
	}
	w.revision++
	w.tail.Revision = w.revision
}

// TestRandomFaults plays members that die, are stopped, cut off and deaf, and a bucket that loses what it has: what was left goes out, by one
// member at a time, in order; no cursor goes back, and little comes twice.
func TestRandomFaults(t *testing.T) {
	twice, moves := 0, 0
	for seed := range uint64(160) {
		w := newWorld(t, seed)
		returns := seed%4 == 3
		for until := 3 * time.Minute; w.now < until; w.now += 100 * time.Millisecond {
			if w.random.IntN(40) == 0 {
				w.trouble()
			}
			for _, i := range w.random.Perm(len(w.members)) {
				w.step(w.members[i])
			}
			if returns && !w.back && w.now > time.Minute && w.random.IntN(100) == 0 {
				w.owner()
			}
		}
		for _, m := range w.members {
			m.dead, m.frozen, m.cut, m.deaf = false, 0, 0, 0
		}
		w.say("all is well")
		for until := w.now + 10*time.Minute; w.now < until && !w.back; w.now += 100 * time.Millisecond {
			for _, m := range w.members {
				w.step(m)
			}
		}
		for until := w.now + 3*time.Second; w.now < until; w.now += 100 * time.Millisecond {
			for _, m := range w.members {
				w.step(m)
			}
		}
		if w.back {
			for _, m := range w.members {
				if m.claim != nil {
					w.fail("%s still delivers for one that is back", m.name)
				}
			}
			continue // the rest is its own
		}
		for p := range int(w.length) {
			if w.sent[p] == 0 {
				w.fail("seed %d: position %d was never delivered", seed, p)
			}
			if w.emptied == 0 {
				twice += w.sent[p] - 1
			}
		}
		moves += w.moves
	}
	t.Logf("%d claims, %d samples of %d came twice where the bucket was not emptied", moves, twice, 120*3000)
	if moves < 120 {
		t.Errorf("only %d claims were made", moves)
	}
}

// TestOneTries has the members of a large cluster agree on who tries first, and share keys evenly.
func TestOneTries(t *testing.T) {
	s := Sight{Living: map[string]bool{}}
	var names []string
	for i := range 20 {
		names = append(names, fmt.Sprint("pc-", i))
		s.Living[names[i]] = true
	}
	first := map[string]int{}
	for k := range 2000 {
		e := Entry{Node: "gone", Journal: replica.Name(uint64(k + 1)), Sink: "cloud"}
		var turns []int
		for _, name := range names {
			s.Self = name
			turn := turnOf(&s, &e)
			turns = append(turns, turn)
			if turn == 0 {
				first[name]++
			}
		}
		slices.Sort(turns)
		if !slices.Equal(turns, numbers(0, 20)) {
			t.Fatalf("the turns are %v", turns)
		}
	}
	for name, n := range first {
		if n < 50 || n > 160 {
			t.Errorf("%s is first for %d of 2000", name, n)
		}
	}
}
