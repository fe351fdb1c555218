package heir

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/cluster/replica"
	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/sinks"
)

// left has a member pc-a leave n samples, of which its sink got those before at.
func (p *plant) left(n, at int) []replica.Message {
	p.t.Helper()
	j := open(p.t, "", "cloud")
	g := group("boiler", 10)
	for range n / 1000 {
		count(p.t, j, g, 1000)
	}
	list := messages(p.t, j, "pc-a", 0, 50)
	p.leave("pc-a", list, sinks.Pos(n), sinks.Pos(at), "cloud")
	return list
}

// TestInherit has two members deliver what a third one left: one of them does, in order, from its cursor on.
func TestInherit(t *testing.T) {
	p := newPlant(t)
	p.lives("pc-b", "pc-c")
	list := p.left(5000, 1234)
	b, c := p.join("pc-b", "cloud"), p.join("pc-c", "cloud")
	id := list[0].Journal
	await(t, "the cursor is at the end, and nobody's", func() bool {
		at := p.cursor("pc-a", id, "cloud")
		return at.Position == 5000 && at.By == "" && at.Seq == uint64(len(list))
	})
	got := append(b.sink.values(), c.sink.values()...)
	if !slices.Equal(got, numbers(1234, 5000)) || len(b.sink.values()) > 0 && len(c.sink.values()) > 0 {
		t.Errorf("%d samples went out by pc-b, %d by pc-c", len(b.sink.values()), len(c.sink.values()))
	}
	if at := p.cursor("pc-a", id, "cloud"); at.Delivered != 5000-1234 || at.Rejected != 0 || at.Missing != nil {
		t.Errorf("the cursor says %+v", at)
	}
	await(t, "both know that it is through", func() bool {
		for _, m := range []*member{b, c} {
			if r := m.heir.State().Rests; len(r) != 1 || !r[0].Finished || r[0].Position != 5000 {
				return false
			}
		}
		return true
	})
}

// TestNotInherited leaves alone what a living member has, and what is of a sink that nobody here has.
func TestNotInherited(t *testing.T) {
	p := newPlant(t)
	p.lives("pc-a", "pc-b")
	list := p.left(1000, 0)
	b := p.join("pc-b", "other")
	id := list[0].Journal
	await(t, "pc-b has looked", func() bool { return b.heir.state.Load() != nil })
	if r := b.heir.State().Rests; len(r) > 0 {
		t.Errorf("of a living member: %+v", r)
	}
	p.lives("pc-b")
	await(t, "pc-b knows of it", func() bool {
		r := b.heir.State().Rests
		return len(r) == 1 && r[0].NoSink && !r[0].Finished && r[0].End == 1000
	})
	if at := p.cursor("pc-a", id, "cloud"); at.By != "" || at.Position != 0 {
		t.Errorf("the cursor says %+v", at)
	}
}

// TestHeirDies has the first heir end in the middle, without a word, as its process is killed; the other one goes on. What comes twice is
// what the cursor lagged.
func TestHeirDies(t *testing.T) {
	p := newPlant(t)
	p.lives("pc-b", "pc-c")
	list := p.left(20000, 0)
	id := list[0].Journal
	members := map[string]*member{"pc-b": p.join("pc-b", "cloud"), "pc-c": p.join("pc-c", "cloud")}
	slow := func(v *sinks.View) (int, error) {
		time.Sleep(5 * time.Millisecond)
		return v.Len(), nil
	}
	for _, m := range members {
		m.sink.set(slow)
	}
	var by string
	await(t, "somebody has begun", func() bool {
		by = p.cursor("pc-a", id, "cloud").By
		return by != "" && p.cursor("pc-a", id, "cloud").Position > 1000
	})
	dead := members[by]
	dead.cut.Store(true) // it writes no more, as one that is killed
	dead.stop()
	for node := range members {
		if node != by {
			p.lives(node)
		}
	}
	await(t, "the other one has delivered the rest", func() bool {
		at := p.cursor("pc-a", id, "cloud")
		return at.Position == 20000 && at.By == ""
	})
	var got []int
	for node, m := range members {
		values := m.sink.values()
		if !slices.IsSorted(values) {
			t.Errorf("%s delivered out of order", node)
		}
		got = append(got, values...)
	}
	slices.Sort(got)
	if unique := slices.Compact(slices.Clone(got)); !slices.Equal(unique, numbers(0, 20000)) {
		t.Errorf("%d of 20000 samples went out", len(unique))
	}
	t.Logf("%d of 20000 came twice", len(got)-20000)
}

// TestStopped stops an heir's clock and writes for longer than the lease, as SIGSTOP does: another one takes over, and the one that wakes up sends
// nothing more and takes no cursor back.
func TestStopped(t *testing.T) {
	p := newPlant(t)
	p.lives("pc-b", "pc-c")
	list := p.left(3000, 0)
	id := list[0].Journal
	b := p.join("pc-b", "cloud")
	hold := make(chan struct{})
	b.sink.set(func(v *sinks.View) (int, error) {
		<-hold
		return v.Len(), nil
	})
	await(t, "pc-b has it", func() bool { return p.cursor("pc-a", id, "cloud").By == "pc-b" })
	b.cut.Store(true)
	c := p.join("pc-c", "cloud")
	await(t, "pc-c has delivered it", func() bool { return p.cursor("pc-a", id, "cloud").Position == 3000 })
	before := len(b.sink.values())
	close(hold)
	await(t, "pc-b has sent what was under way", func() bool { return len(b.sink.values()) > before })
	b.cut.Store(false)
	await(t, "pc-b has ended it", func() bool {
		r := b.heir.State().Rests
		return len(r) == 1 && r[0].Finished
	})
	if at := p.cursor("pc-a", id, "cloud"); at.Position != 3000 || at.By == "pc-b" {
		t.Errorf("the cursor says %+v", at)
	}
	if got := c.sink.values(); !slices.Equal(got, numbers(0, 3000)) {
		t.Errorf("pc-c delivered %d", len(got))
	}
	if got := b.sink.values(); len(got) > 60 {
		t.Errorf("pc-b delivered %d samples after it had been stopped", len(got))
	}
}

// TestSinkDown has the sink of the first heir take nothing: after a while another one, who reaches it, delivers.
func TestSinkDown(t *testing.T) {
	p := newPlant(t)
	p.lives("pc-b", "pc-c")
	list := p.left(2000, 0)
	id := list[0].Journal
	b := p.join("pc-b", "cloud")
	b.sink.set(func(*sinks.View) (int, error) { return 0, errors.New("connection refused") })
	await(t, "pc-b has it", func() bool { return p.cursor("pc-a", id, "cloud").By == "pc-b" })
	c := p.join("pc-c", "cloud")
	await(t, "it is delivered", func() bool { return p.cursor("pc-a", id, "cloud").Position == 2000 })
	if !slices.Equal(c.sink.values(), numbers(0, 2000)) || len(b.sink.values()) > 0 {
		t.Errorf("pc-b delivered %d, pc-c %d", len(b.sink.values()), len(c.sink.values()))
	}
}

// TestOwnerReturns has the member itself come back while another one delivers: that one stops, and the member gets to know what was
// delivered.
func TestOwnerReturns(t *testing.T) {
	p := newPlant(t)
	p.lives("pc-b")
	j := open(t, "", "cloud")
	g := group("boiler", 10)
	for range 10 {
		count(t, j, g, 1000)
	}
	list := messages(t, j, "pc-a", 0, 50)
	id := list[0].Journal
	p.leave("pc-a", list, 10000, 100, "cloud")
	b := p.join("pc-b", "cloud")
	b.sink.set(func(v *sinks.View) (int, error) {
		time.Sleep(10 * time.Millisecond)
		return v.Len(), nil
	})
	await(t, "pc-b is within it", func() bool { return p.cursor("pc-a", id, "cloud").Position > 1000 })

	began := time.Now()
	a := New(Options{
		Bridge: bridgeName, Node: "pc-a", Store: p.connect("pc-a", nil), Living: p.heard, Now: func() time.Duration { return time.Since(began) }, Rules: quick,
	})
	a.Has([]string{"cloud"})
	a.Opened(j.Identity, false)
	sink := &recorder{}
	f := sinks.NewForwarder(sinks.ForwarderOptions{Name: "cloud", Log: a.Ask("cloud", j, sinks.Span{To: j.End()}), Sink: sink, Start: 100, Batch: 50, Flush: time.Millisecond})
	p.lives("pc-a", "pc-b")
	done := make(chan struct{}, 2)
	go func() { a.Run(t.Context()); done <- struct{}{} }()
	go func() { _ = f.Run(t.Context()); done <- struct{}{} }()
	t.Cleanup(func() { <-done; <-done })
	await(t, "the member has the rest", func() bool {
		got := sink.values()
		return len(got) > 0 && got[len(got)-1] == 9999
	})
	await(t, "the cursor is its own", func() bool { return p.cursor("pc-a", id, "cloud").By == "" })
	got, others := sink.values(), b.sink.values()
	if !slices.IsSorted(got) || !slices.IsSorted(others) || got[0] < 1000 {
		t.Errorf("it delivered from %d on", got[0])
	}
	all := append(slices.Clone(got), others...)
	slices.Sort(all)
	if unique := slices.Compact(slices.Clone(all)); !slices.Equal(unique, numbers(100, 10000)) {
		t.Errorf("%d of 9900 went out", len(unique))
	}
	t.Logf("%d by pc-b, %d by itself, %d twice", len(others), len(got), len(all)-9900)
}

// TestNoJetStream has a member come back that reaches nobody: after a while it delivers all that it has.
func TestNoJetStream(t *testing.T) {
	j := open(t, "", "cloud")
	count(t, j, group("boiler", 10), 1000)
	s, err := store.New(store.Options{Bridge: bridgeName, Node: "pc-a", URLs: []string{"nats://127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	a := New(Options{
		Bridge: bridgeName, Node: "pc-a", Store: s, Living: func() ([]string, bool) { return nil, false },
		Now: func() time.Duration { return time.Since(began) }, Rules: quick, Patience: 300 * time.Millisecond,
	})
	a.Opened(j.Identity, false)
	sink := &recorder{}
	f := sinks.NewForwarder(sinks.ForwarderOptions{Name: "cloud", Log: a.Ask("cloud", j, sinks.Span{To: j.End()}), Sink: sink, Flush: time.Millisecond})
	done := make(chan struct{}, 2)
	go func() { a.Run(t.Context()); done <- struct{}{} }()
	go func() { _ = f.Run(t.Context()); done <- struct{}{} }()
	t.Cleanup(func() { <-done; <-done })
	await(t, "it has delivered all", func() bool { return len(sink.values()) == 1000 })
}

// TestEmptied empties the bucket of cursors in the middle: who delivers writes its place again.
func TestEmptied(t *testing.T) {
	p := newPlant(t)
	p.lives("pc-b")
	list := p.left(10000, 0)
	id := list[0].Journal
	b := p.join("pc-b", "cloud")
	b.sink.set(func(v *sinks.View) (int, error) {
		time.Sleep(10 * time.Millisecond)
		return v.Len(), nil
	})
	await(t, "pc-b is within it", func() bool { return p.cursor("pc-a", id, "cloud").Position > 1000 })
	_, kv := p.js()
	if err := kv.Purge(t.Context(), replica.CursorKey("pc-a", id, "cloud")); err != nil {
		t.Fatal(err)
	}
	await(t, "all is delivered", func() bool {
		at := p.cursor("pc-a", id, "cloud")
		return at.Position == 10000 && at.By == ""
	})
	got := b.sink.values()
	slices.Sort(got) // where it was slow to make the cursor anew, what came after it comes twice
	if got = slices.Compact(got); !slices.Equal(got, numbers(0, 10000)) {
		t.Errorf("%d of 10000 went out", len(got))
	}
}

// TestNoCursors has nothing but the stream of a member that is gone, and a cursor that is garbage of another sink: all that there is is delivered.
func TestNoCursors(t *testing.T) {
	p := newPlant(t)
	p.lives("pc-b")
	list := p.left(2000, 500)
	_, kv := p.js()
	id := list[0].Journal
	for _, key := range []string{replica.CursorKey("pc-a", id, "cloud"), replica.EndKey("pc-a", id)} {
		if err := kv.Purge(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	b := p.join("pc-b", "cloud")
	await(t, "all is delivered", func() bool { return p.cursor("pc-a", id, "cloud").Position == 2000 })
	if got := b.sink.values(); !slices.Equal(got, numbers(0, 2000)) {
		t.Errorf("%d went out", len(got))
	}
}

// TestGarbage has a cursor that cannot be read, and others in the bucket that are nobody's.
func TestGarbage(t *testing.T) {
	p := newPlant(t)
	p.lives("pc-b")
	list := p.left(2000, 500)
	_, kv := p.js()
	id := list[0].Journal
	for _, key := range []string{"a", "a.b", "pc-a.xyz.cloud", "pc-a.0000000000000000.cloud", "pc-a." + replica.Name(id) + ".cloud.more"} {
		p.put(kv, key, []byte("{}"))
	}
	p.put(kv, replica.CursorKey("pc-a", id, "cloud"), []byte(`{"version":1,`))
	b := p.join("pc-b", "cloud")
	await(t, "all is delivered", func() bool {
		e, err := kv.Get(t.Context(), replica.CursorKey("pc-a", id, "cloud"))
		if err != nil {
			return false
		}
		c, err := replica.ParseCursor(e.Value())
		return err == nil && c.Position == 2000
	})
	if got := b.sink.values(); !slices.Equal(got, numbers(0, 2000)) {
		t.Errorf("%d went out", len(got))
	}
}

// TestTrimmed has the stream let go of some under the reader: it is missing, and said so.
func TestTrimmed(t *testing.T) {
	p := newPlant(t)
	p.lives("pc-b")
	list := p.left(10000, 0)
	l, _ := p.js()
	stream, err := l.JS.Stream(t.Context(), store.Records(bridgeName, "pc-a"))
	if err != nil {
		t.Fatal(err)
	}
	for seq := uint64(300); seq < 310; seq++ {
		if err := stream.DeleteMsg(t.Context(), seq); err != nil {
			t.Fatal(err)
		}
	}
	id := list[0].Journal
	b := p.join("pc-b", "cloud")
	await(t, "the rest is delivered", func() bool { return p.cursor("pc-a", id, "cloud").Position == 10000 })
	from, to := int(list[299].From), int(list[308].To)
	if got := b.sink.values(); !slices.Equal(got, append(numbers(0, from), numbers(to, 10000)...)) {
		t.Errorf("%d went out", len(got))
	}
	if at := p.cursor("pc-a", id, "cloud"); !slices.Equal(at.Missing, []replica.Missing{gap(from, to, whyTrimmed)}) {
		t.Errorf("missing %v", at.Missing)
	}
	await(t, "pc-b says so", func() bool {
		return p.said("have no copy", "of=pc-a", fmt.Sprintf("samples=%d ", to-from), fmt.Sprintf("why=%q", fmt.Sprint(to-from, " trimmed")), "event=cluster")
	})
}

// TestNotCopied has a member leave less in its stream than it had taken: that is said with its number.
func TestNotCopied(t *testing.T) {
	p := newPlant(t)
	p.lives("pc-b")
	j := open(t, "", "cloud")
	count(t, j, group("boiler", 10), 1000)
	p.leave("pc-a", messages(t, j, "pc-a", 0, 50), 1042, 0, "cloud")
	b := p.join("pc-b", "cloud")
	await(t, "pc-b says so", func() bool {
		return p.said("have no copy", "of=pc-a", "samples=42 ", `why="42 not copied"`, "event=cluster")
	})
	if got := b.sink.values(); !slices.Equal(got, numbers(0, 1000)) {
		t.Errorf("%d went out", len(got))
	}
}

// TestServerRestarts kills NATS in the middle and starts it again.
func TestServerRestarts(t *testing.T) {
	p := newPlant(t)
	p.lives("pc-b")
	list := p.left(10000, 0)
	id := list[0].Journal
	b := p.join("pc-b", "cloud")
	b.sink.set(func(v *sinks.View) (int, error) {
		time.Sleep(5 * time.Millisecond)
		return v.Len(), nil
	})
	await(t, "pc-b is within it", func() bool { return p.cursor("pc-a", id, "cloud").Position > 1000 })
	p.server.Stop()
	p.server.Start(t)
	await(t, "all is delivered", func() bool { return p.cursor("pc-a", id, "cloud").Position == 10000 })
	got := b.sink.values()
	slices.Sort(got)
	if unique := slices.Compact(slices.Clone(got)); !slices.Equal(unique, numbers(0, 10000)) {
		t.Errorf("%d of 10000 went out", len(unique))
	}
	t.Logf("%d came twice", len(got)-10000)
}
