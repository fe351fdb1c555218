package journal

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/sinks"
)

// openOn opens a journal in d. Its Run is not called: tests write and sync where they want it.
func openOn(t testing.TB, d folder, o Options) *Journal {
	t.Helper()
	if o.Sync == 0 {
		o.Sync = time.Second
	}
	j := newJournal(o)
	if err := (opening{j}).recover(d); err != nil {
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
		j.Settle("s")
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
			disk{j}.flush() // killed before anything is synced
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
	disk{j}.flush()
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
		if err := (opening{j}).recover(d); err != nil {
			t.Fatal(err)
		}
		j.Start("s", "now")
		appendCount(t, j, countGroup("a", 10), 0)
		if n := j.End(); n != 0 {
			t.Errorf("sync %v: %d samples are visible before they are written", sync, n)
		}
		disk{j}.flush()
		if n, want := j.End(), map[time.Duration]sinks.Pos{0: 0, time.Second: 10}[sync]; n != want {
			t.Errorf("sync %v: %d samples are visible when written, want %d", sync, n, want)
		}
		disk{j}.sync()
		if n := j.End(); n != 10 {
			t.Errorf("sync %v: %d samples are visible when synced, want 10", sync, n)
		}
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
