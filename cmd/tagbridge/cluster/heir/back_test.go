package heir

import (
	"slices"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/cluster/replica"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// returning is a member that is back with its disk, as a process begins: it looks at KV before it knows its journal and sinks.
type returning struct {
	heir *Heir
	log  *journal.Journal
	sink *recorder
}

// comeBack begins one that has log, and whose place is at. It waits for an answer for a very long time. It ends with the test.
func (p *plant) comeBack(log *journal.Journal, at sinks.Pos) *returning {
	p.t.Helper()
	began := time.Now()
	a := New(Options{
		Bridge: bridgeName, Node: "pc-a", Store: p.connect("pc-a", nil), Living: p.heard, Now: func() time.Duration { return time.Since(began) }, Rules: quick,
		Patience: time.Hour,
	})
	a.later = time.Hour
	done := make(chan struct{}, 2)
	go func() { a.Run(p.t.Context()); done <- struct{}{} }()
	p.t.Cleanup(func() { <-done; <-done })
	await(p.t, "it has looked", func() bool { return a.state.Load() != nil })
	a.Has([]string{"cloud"})
	a.Opened(log.Identity, true)
	r := &returning{heir: a, log: log, sink: &recorder{}}
	f := sinks.NewForwarder(sinks.ForwarderOptions{
		Name: "cloud", Log: a.Ask("cloud", log, sinks.Span{From: at, To: log.End()}), Sink: r.sink, Start: at, Batch: 50, Flush: time.Millisecond,
	})
	go func() { _ = f.Run(p.t.Context()); done <- struct{}{} }()
	return r
}

// TestAskedLate has a member come back that looks at KV before it has opened its journal, as it does in a process: its sinks hear at once what others
// delivered, and it delivers nothing of that.
func TestAskedLate(t *testing.T) {
	p := newPlant(t)
	p.lives("pc-b")
	j := open(t, "", "cloud")
	count(t, j, group("boiler", 10), 3000)
	list := messages(t, j, "pc-a", 0, 50)
	id := list[0].Journal
	p.leave("pc-a", list, 3000, 100, "cloud")
	b := p.join("pc-b", "cloud")
	await(t, "pc-b has delivered it", func() bool {
		c := p.cursor("pc-a", id, "cloud")
		return c.Position == 3000 && c.By == ""
	})
	p.lives("pc-a", "pc-b")
	a := p.comeBack(j, 100)
	count(t, j, group("boiler", 10), 50)
	await(t, "it delivers what is new", func() bool {
		got := a.sink.values()
		return len(got) > 0 && got[len(got)-1] == 3049
	})
	if got := a.sink.values(); !slices.Equal(got, numbers(3000, 3050)) {
		t.Errorf("it delivered %d samples from %d on", len(got), got[0])
	}
	if got := b.sink.values(); !slices.Equal(got, numbers(100, 3000)) {
		t.Errorf("pc-b delivered %d", len(got))
	}
}

// TestBackFirst has a member come back that nobody has delivered for, while another one is about to, as it has not heard it yet: one of them
// delivers.
func TestBackFirst(t *testing.T) {
	p := newPlant(t)
	p.lives("pc-a")
	j := open(t, "", "cloud")
	count(t, j, group("boiler", 10), 1000)
	list := messages(t, j, "pc-a", 0, 50)
	id := list[0].Journal
	p.leave("pc-a", list, 1000, 100, "cloud")
	b := p.join("pc-b", "cloud")
	l, kv := p.js()
	s := b.heir.sight(nil, true)
	if err := s.read(t.Context(), kv); err != nil {
		t.Fatal(err)
	}
	e := s.Entries[slices.IndexFunc(s.Entries, func(e Entry) bool { return e.Key() == replica.CursorKey("pc-a", id, "cloud") })]
	a := p.comeBack(j, 100)
	await(t, "the member delivers", func() bool { return len(a.sink.values()) == 900 })
	if c, err := b.heir.take(t.Context(), l, kv, &e, 0); c != nil || err != nil {
		t.Errorf("pc-b takes it all the same: %v", err)
	}
}
