package heir

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/cluster/replica"
	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// returning is a member that is back with its disk, as a process begins: it looks at KV before it knows its journal and sinks.
type returning struct {
	sink *recorder
	stop func()
}

// comeBack begins one that has log, and whose place is at. It waits for an answer for a very long time. It ends with the test.
func (p *plant) comeBack(log *journal.Journal, at sinks.Pos) *returning {
	p.t.Helper()
	began := time.Now()
	a := New(Options{
		Bridge: bridgeName, Node: "pc-a", Store: p.connect("pc-a", nil), Living: p.heard, Now: func() time.Duration { return time.Since(began) }, Rules: quick,
		Patience: time.Hour, Log: slog.New(slog.NewTextHandler(p, nil)),
	})
	a.later = time.Hour
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() { a.Run(ctx) })
	stop := sync.OnceFunc(func() {
		cancel()
		all.Wait()
	})
	p.t.Cleanup(stop)
	await(p.t, "it has looked", func() bool { return a.state.Load() != nil })
	a.Has([]string{"cloud"})
	a.Opened(log.Identity, true)
	r := &returning{sink: &recorder{}, stop: stop}
	none := func(func(*mapping.Batch)) {}
	f := sinks.NewForwarder(sinks.ForwarderOptions{
		Name: "cloud", Log: a.Ask("cloud", log, sinks.Span{From: at, To: log.End()}), Sink: r.sink, Start: at, Batch: 50, Flush: time.Millisecond,
		Estate: a.Estate("cloud"), Present: none, Every: none,
	})
	all.Go(func() { _ = f.Run(ctx) })
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
	if !p.said("others have delivered for this member", "delivered=2900 ", "remaining=0 ", "event=cluster") {
		t.Errorf("it does not say so:\n%s", &p.log)
	}
}

// TestBackFromBackup has a member come back with a journal that is older than what others delivered: nothing of that goes out again, also where
// its copy has found out already that the journal goes on from another one, and what is new goes out.
func TestBackFromBackup(t *testing.T) {
	for _, branched := range []bool{false, true} {
		p := newPlant(t)
		p.lives("pc-b")
		dir, backup := t.TempDir(), t.TempDir()
		g := group("boiler", 10)
		j := open(t, dir, "cloud")
		count(t, j, g, 600)
		if _, err := j.Identity(); err != nil { // as its copy has done by then
			t.Fatal(err)
		}
		if err := os.CopyFS(backup, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		count(t, j, g, 400)
		list := messages(t, j, "pc-a", 0, 50)
		id := list[0].Journal
		p.leave("pc-a", list, 1000, 100, "cloud")
		b := p.join("pc-b", "cloud")
		await(t, "pc-b has delivered it", func() bool { c := p.cursor("pc-a", id, "cloud"); return c.Position == 1000 && c.By == "" })

		old := open(t, backup, "cloud")
		if end := old.End(); end != 600 {
			t.Fatalf("the backup ends at %d", end)
		}
		if branched {
			if _, err := old.Branch(); err != nil {
				t.Fatal(err)
			}
		}
		p.lives("pc-a", "pc-b")
		a := p.comeBack(old, 50)
		count(t, old, g, 70)
		await(t, "it delivers what is new", func() bool {
			got := a.sink.values()
			return len(got) > 0 && got[len(got)-1] == 669
		})
		if got := a.sink.values(); !slices.Equal(got, numbers(600, 670)) {
			t.Errorf("branched %v: it delivered %d samples from %d on", branched, len(got), got[0])
		}
		if got := b.sink.values(); !slices.Equal(got, numbers(100, 1000)) {
			t.Errorf("pc-b delivered %d", len(got))
		}
		a.stop()
		b.stop()
	}
}

// TestBackEmpty has a member come back with an empty disk while others deliver what its old journal had: they go on, or it does
// itself, and nothing is lost.
func TestBackEmpty(t *testing.T) {
	p := newPlant(t)
	p.lives("pc-b")
	list := p.left(10000, 100)
	b := p.join("pc-b", "cloud")
	b.sink.set(func(v *sinks.View) (int, error) {
		time.Sleep(5 * time.Millisecond)
		return v.Len(), nil
	})
	await(t, "pc-b is within it", func() bool { return p.cursor("pc-a", list[0].Journal, "cloud").Position > 1000 })
	empty := open(t, "", "cloud")
	p.lives("pc-a", "pc-b")
	a := p.comeBack(empty, 0)
	is, err := empty.Identity()
	if err != nil {
		t.Fatal(err)
	}
	_, kv := p.js()
	e := replica.End{Journal: replica.Name(is.ID), Run: replica.Name(9), Node: "pc-a", At: time.Now()}
	p.put(kv, replica.EndKey("pc-a", is.ID), e.Bytes())
	count(t, empty, group("boiler", 10), 70)
	await(t, "the old one is delivered", func() bool {
		c := p.cursor("pc-a", list[0].Journal, "cloud")
		return c.Position == 10000 && c.By == ""
	})
	await(t, "the new one is, too", func() bool {
		return slices.Equal(slices.DeleteFunc(a.sink.values(), func(v int) bool { return v >= 100 }), numbers(0, 70))
	})
	got := append(b.sink.values(), slices.DeleteFunc(a.sink.values(), func(v int) bool { return v < 100 })...)
	slices.Sort(got)
	if got = slices.Compact(got); !slices.Equal(got, numbers(100, 10000)) {
		t.Errorf("%d of 9900 were delivered", len(got))
	}
}
