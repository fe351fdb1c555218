package journal

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// openOn opens a journal in d. Its Run is not called: tests write and sync where they want it.
func openOn(t testing.TB, d folder, o Options) *Journal {
	t.Helper()
	if o.Sync == 0 {
		o.Sync = time.Second
	}
	j := newJournal(o)
	if err := j.recover(d); err != nil {
		t.Fatal(err)
	}
	return j
}

// values are those of samples.
func values(seen []got) []int64 {
	v := make([]int64, len(seen))
	for i := range seen {
		v[i] = seen[i].value
	}
	return v
}

// numbers are n numbers from the first on.
func numbers(first, n int) []int64 {
	v := make([]int64, n)
	for i := range v {
		v[i] = int64(first + i)
	}
	return v
}

var everything = sinks.Query{Sink: "s", Max: 1000}

func TestReopen(t *testing.T) {
	d := newMemFolder()
	g := countGroup("a", 10)
	end := 0
	acked := sinks.Pos(0)
	for round := range 5 {
		j := openOn(t, d, Options{})
		p, fresh := j.Start("s", "now")
		if p != acked || fresh != (round == 0) {
			t.Fatalf("round %d: Start = %d, %v, want %d, %v", round, p, fresh, acked, round == 0)
		}
		for range 50 {
			appendCount(t, j, g, end)
			end += 10
		}
		switch round % 2 {
		case 0:
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
		case 1:
			j.flush() // killed before anything is synced
		}
		d = d.kill()

		j = openOn(t, d, Options{})
		p, _ = j.Start("s", "now")
		seen, _, lost := drain(t, j, p, everything)
		if want := numbers(int(p), end-int(p)); lost != 0 || !slices.Equal(values(seen), want) {
			t.Fatalf("round %d: from %d on %d samples, lost %d, want %d in order", round, p, len(seen), lost, len(want))
		}
		acked = sinks.Pos(end)
		d = d.kill()
	}
}

func TestReopenFindsGroups(t *testing.T) {
	d := newMemFolder()
	j := openOn(t, d, Options{})
	j.Start("s", "now")
	g := plantGroup("boiler", 20)
	b := batchOf(g, 0)
	if err := j.Append(b); err != nil {
		t.Fatal(err)
	}
	j.flush()
	j = openOn(t, d.kill(), Options{})
	var v sinks.View
	if _, err := j.Next(t.Context(), 0, everythingOf(j, "s"), &v); err != nil || len(v.Batches) != 1 {
		t.Fatal(v.Batches, err)
	}
	if got := v.Batches[0].Group; got == g || got.ID != g.ID || got.Series[3].Labels[0] != g.Series[3].Labels[0] {
		t.Errorf("group %+v, want one like %+v", got, g)
	}
}

// everythingOf starts a sink at the oldest sample and is a query for it.
func everythingOf(j *Journal, sink string) sinks.Query {
	j.Start(sink, "start")
	return sinks.Query{Sink: sink, Max: 1000}
}

func TestVisibleWhenTaken(t *testing.T) {
	for _, sync := range []time.Duration{0, time.Second} {
		d := newMemFolder()
		j := newJournal(Options{Sync: sync})
		if err := j.recover(d); err != nil {
			t.Fatal(err)
		}
		j.Start("s", "now")
		appendCount(t, j, countGroup("a", 10), 0)
		if n := j.End(); n != 0 {
			t.Errorf("sync %v: %d samples are visible before they are written", sync, n)
		}
		j.flush()
		if n, want := j.End(), map[time.Duration]sinks.Pos{0: 0, time.Second: 10}[sync]; n != want {
			t.Errorf("sync %v: %d samples are visible when written, want %d", sync, n, want)
		}
		j.sync()
		if n := j.End(); n != 10 {
			t.Errorf("sync %v: %d samples are visible when synced, want 10", sync, n)
		}
	}
}

func TestKeepingUpReadsNothing(t *testing.T) {
	d := newMemFolder()
	j := openOn(t, d, Options{Tail: 16 * chunkSize})
	p, _ := j.Start("s", "now")
	j.Start("dead", "now")
	g := countGroup("a", 100)
	for i := range 5000 {
		appendCount(t, j, g, i)
		if i%50 != 0 {
			continue
		}
		j.flush()
		j.sync()
		j.retain(t.Context())
		_, p, _ = drain(t, j, p, everything)
	}
	if d.reads > 0 {
		t.Errorf("a sink that keeps up caused %d reads", d.reads)
	}
	if n, most := j.tail.bytes, 4*chunkSize+2*chunkSize; n > most {
		t.Errorf("the tail holds %d bytes for a dead sink, want at most %d", n, most)
	}
}

// TestLaggingReadsFiles lets one sink lag far behind and drain while more comes, over several segments.
func TestLaggingReadsFiles(t *testing.T) {
	d := newMemFolder()
	j := openOn(t, d, Options{Tail: 4 * chunkSize, MaxSize: 16 << 20})
	p, _ := j.Start("s", "now")
	k, _ := j.Start("keen", "now")
	groups := []*mapping.Group{countGroup("a", 100), countGroup("b", 100)}
	n := 0
	more := func(batches int) {
		for range batches {
			appendCount(t, j, groups[n/100%2], n)
			if n += 100; n%5000 == 0 {
				j.flush()
				j.sync()
				_, k, _ = drain(t, j, k, sinks.Query{Sink: "keen", Max: 5000})
			}
		}
		j.flush()
	}
	more(10_000)
	if len(j.files.segments) < 3 {
		t.Fatalf("%d segments: the test shows nothing", len(j.files.segments))
	}
	var seen []got
	var v sinks.View
	for p < j.End() {
		next, err := j.Next(t.Context(), p, sinks.Query{Sink: "s", Max: 3000, Match: match(t, "*", "!b/t7")}, &v)
		if err != nil || v.Lost > 0 || next == p {
			t.Fatalf("at %d: lost %d, error %v", p, v.Lost, err)
		}
		if seen, p = collect(seen, &v), next; n < 1_300_000 {
			more(5)
		}
		if err := j.Ack("s", p); err != nil {
			t.Fatal(err)
		}
		j.retain(t.Context())
	}
	want := numbers(0, n)
	want = slices.DeleteFunc(want, func(v int64) bool { return v%200 == 107 })
	if !slices.Equal(values(seen), want) {
		t.Errorf("%d samples, want %d in order", len(seen), len(want))
	}
	j.sync()
	if j.retain(t.Context()); len(j.files.segments) > 1 {
		t.Errorf("%d segments are left when all is delivered", len(j.files.segments))
	}
	if _, err := j.Next(t.Context(), p, everything, &v); err != nil || j.cursors["s"].lagged.d != nil {
		t.Error("a sink that has caught up still holds a file open")
	}
}

func TestRunWrites(t *testing.T) {
	dir := t.TempDir()
	j, err := Open(Options{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Dir: dir}); err == nil {
		t.Error("two journals in one folder")
	}
	p, _ := j.Start("s", "now")
	stop := runJournal(t, j)
	for i := range 30 {
		appendCount(t, j, countGroup(fmt.Sprint("d", i), 10), 10*i)
	}
	seen := follow(t, j, p, sinks.Query{Sink: "s", Max: 7, Flush: time.Millisecond}, 250)
	appendCount(t, j, countGroup("last", 10), 300)
	stop()
	if n := j.End(); n != 310 {
		t.Errorf("end %d when Run has ended, want 310", n)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j, err = Open(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	p, _ = j.Start("s", "now")
	rest, _, _ := drain(t, j, p, everything)
	if all := values(append(seen, rest...)); !slices.Equal(all, numbers(0, 310)) {
		t.Errorf("got %v", all)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestLaggingBeginsAgain lets a sink that reads files go back to what it has not acknowledged, as after a reload.
func TestLaggingBeginsAgain(t *testing.T) {
	d, samples := damageable(t, 5, 12)
	j := openOn(t, d, Options{})
	p, _ := j.Start("s", "start")
	for _, most := range []int{1, 40, 70, samples} {
		var v sinks.View
		for at, n := p, 0; n < most; n += v.Len() {
			var err error
			if at, err = j.Next(t.Context(), at, sinks.Query{Sink: "s", Max: 7}, &v); err != nil || v.Lost > 0 {
				t.Fatalf("after %d samples: lost %d, error %v", n, v.Lost, err)
			}
			for i, s := range v.Batches[0].Samples {
				if want := int(at) - v.Len() + i; int(s.Bits) != want {
					t.Fatalf("value %d, want %d", s.Bits, want)
				}
			}
		}
	}
}

// TestEvictedButWritten overfills the tail with what is written and not synced: nothing of that is lost.
func TestEvictedButWritten(t *testing.T) {
	j := openOn(t, newMemFolder(), Options{Tail: chunkSize})
	p, _ := j.Start("s", "now")
	for i := range 1000 {
		appendCount(t, j, countGroup("a", 100), 100*i)
		j.flush()
	}
	if first := j.tail.first(); first == 0 {
		t.Fatal("the tail holds everything: the test shows nothing")
	}
	seen, _, lost := drain(t, j, p, everything)
	if lost > 0 || !slices.Equal(values(seen), numbers(0, 100_000)) {
		t.Errorf("%d samples, lost %d, want 100000 in order", len(seen), lost)
	}
}

// TestRunTidies lets Run keep the limits and remove what all sinks have passed.
func TestRunTidies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := openOn(t, newMemFolder(), Options{Sync: 100 * time.Millisecond})
		j.files.segmentSize = 5000
		stop := runJournal(t, j)
		p, _ := j.Start("s", "now")
		for i := range 100 {
			appendCount(t, j, countGroup("a", 100), 100*i)
			time.Sleep(50 * time.Millisecond)
			_, p, _ = drain(t, j, p, everything)
		}
		time.Sleep(2 * time.Minute)
		j.mu.Lock()
		if n := len(j.files.segments); n != 1 {
			t.Errorf("%d segments are left, want the one being written", n)
		}
		j.mu.Unlock()
		stop()
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
}
