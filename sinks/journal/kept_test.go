package journal

import (
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/sinks"
)

// keeper is a journal on a folder in memory with a sink that keeps up.
type keeper struct {
	t   *testing.T
	d   *memFolder
	j   *Journal
	pos sinks.Pos
	n   int
}

func newKeeper(t *testing.T, o Options) *keeper {
	k := &keeper{t: t, d: newMemFolder()}
	k.open(o)
	return k
}

func (k *keeper) open(o Options) {
	o.Tail = chunkSize
	k.j = openOn(k.t, k.d, o)
	k.j.files.segmentSize = 10_000
	k.pos, _ = k.j.Start("keen", "now")
}

// live appends so many batches of a hundred samples, writes and delivers them, and keeps the limits.
func (k *keeper) live(batches int) {
	k.t.Helper()
	for range batches {
		appendCount(k.t, k.j, countGroup("a", 100), k.n)
		k.n += 100
		disk{k.j}.flush()
		disk{k.j}.sync()
		_, k.pos, _ = drain(k.t, k.j, k.pos, sinks.Query{Sink: "keen", Max: 500})
		disk{k.j}.sync()
		tidier{k.j}.retain(k.t.Context())
	}
}

// list is the segments, and what of them is kept.
func (k *keeper) list() (all []*segment, kept int, size int64) {
	k.j.mu.Lock()
	defer k.j.mu.Unlock()
	kept, size = k.j.kept()
	return slices.Clone(k.j.files.segments), kept, size
}

// TestKept has everything delivered, and finds it again after a restart: a sink that is new and begins at the start gets
// it all.
func TestKept(t *testing.T) {
	o := Options{Keep: time.Hour, KeepSize: 1 << 30}
	k := newKeeper(t, o)
	k.live(300)
	k.d = k.d.kill()
	k.open(o)
	k.live(100)
	p, _ := k.j.Start("new", "start")
	seen, end, lost := drain(t, k.j, p, sinks.Query{Sink: "new", Max: 500})
	if p != 0 || int(end) != k.n || lost > 0 || !slices.Equal(values(seen), numbers(0, k.n)) {
		t.Errorf("a new sink began at %d, got %d samples up to %d, lost %d, want %d", p, len(seen), end, lost, k.n)
	}
	if s := statOf(t, k.j, "keen"); s.Samples != 0 || s.Bytes != 0 {
		t.Errorf("what is kept counts as waiting: %+v", s)
	}
}

// TestKeptOverAFullDisk has a sink get everything out of memory while the disk is full: once it is not any more, that is
// there to look back on as well, as far as memory reached.
func TestKeptOverAFullDisk(t *testing.T) {
	for _, batches := range []int{10, 1000} {
		o := Options{Keep: time.Hour, KeepSize: 1 << 30}
		k := newKeeper(t, o)
		k.live(3)
		k.d.fail = func(op, name string) error {
			if strings.HasSuffix(name, ".seg") && (op == "write" || op == "create") {
				return syscall.ENOSPC
			}
			return nil
		}
		k.live(batches)
		k.d.fail = nil
		k.live(3)
		if s := statOf(t, k.j, "keen"); s.Samples != 0 || len(s.Dropped) > 0 && s.Dropped["memory"] > 0 {
			t.Errorf("%d batches: %+v", batches, s)
		}
		k.open(o)
		p, _ := k.j.Start("new", "start")
		seen, _, _ := drain(t, k.j, p, sinks.Query{Sink: "new", Max: 500})
		got := values(seen)
		if batches == 10 && !slices.Equal(got, numbers(0, k.n)) || len(got) < 1600 || got[len(got)-1] != int64(k.n-1) {
			t.Errorf("%d of %d samples are kept", len(got), k.n)
		}
	}
}

func TestNothingKept(t *testing.T) {
	for _, o := range []Options{{}, {Keep: time.Hour}, {KeepSize: 1 << 30}} {
		k := newKeeper(t, o)
		k.live(300)
		if all, _, _ := k.list(); len(all) > 1 {
			t.Errorf("%+v: %d segments are left", o, len(all))
		}
	}
}

func TestKeepSize(t *testing.T) {
	k := newKeeper(t, Options{Keep: time.Hour, KeepSize: 100_000})
	k.live(2000)
	if _, n, size := k.list(); size > 100_000 || size < 80_000 {
		t.Errorf("%d bytes are kept in %d segments, want up to 100000", size, n)
	}
	k.j.SetLimits(Limits{Keep: time.Hour, KeepSize: 30_000})
	k.j.files.segmentSize = 10_000
	k.live(1)
	if _, n, size := k.list(); size > 30_000 || n == 0 {
		t.Errorf("%d bytes are kept in %d segments, want up to 30000", size, n)
	}
}

// TestKeepAge counts the time for which the bridge has had something.
func TestKeepAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKeeper(t, Options{Keep: 10 * time.Hour, KeepSize: 1 << 30})
		k.j.files.segmentAge = 30 * time.Minute
		for range 100 {
			k.live(10)
			time.Sleep(time.Hour)
		}
		k.live(1)
		all, _, _ := k.list()
		if age := time.Since(all[0].born); age < 10*time.Hour || age > 12*time.Hour {
			t.Errorf("the oldest kept is %v old, want 10 h", age)
		}
	})
}

// TestKeptTakesNoRoom has a sink that takes nothing, after much was delivered: what waits for it has all of the room that
// it has without anything kept, and before any of it goes what is kept goes.
func TestKeptTakesNoRoom(t *testing.T) {
	const most = 100_000
	k := newKeeper(t, Options{Keep: time.Hour, KeepSize: 100_000, MaxSize: most})
	k.live(2000)
	k.j.Start("dead", "now")
	full := false
	for range 400 {
		k.live(5)
		_, kept, size := k.list()
		waits := k.j.Bytes() - size
		lost := statOf(t, k.j, "dead").Dropped["size"]
		switch {
		case lost > 0 && (kept > 0 || waits < most-20_000):
			t.Fatalf("%d samples were lost while %d bytes waited and %d segments were kept", lost, waits, kept)
		case waits > most+20_000:
			t.Fatalf("%d bytes wait, at most %d may", waits, most)
		}
		full = full || lost > 0
	}
	if !full {
		t.Error("nothing was lost: the test shows nothing")
	}
}

// TestKeptMakesRoom has a disk that is full: what is kept goes, as much as is needed, and nobody notices.
func TestKeptMakesRoom(t *testing.T) {
	k := newKeeper(t, Options{Keep: time.Hour, KeepSize: 1 << 30})
	k.live(1000)
	_, before, _ := k.list()
	room := k.used() + 500
	k.d.fail = func(op, name string) error {
		if (op == "write" || op == "create") && strings.HasSuffix(name, segmentSuffix) && k.usedLocked() > room {
			return syscall.ENOSPC
		}
		return nil
	}
	for range 50 {
		k.live(10)
		if err := k.j.Failing(); err != nil {
			t.Fatalf("Failing = %v while there is something kept", err)
		}
	}
	all, after, _ := k.list()
	if after == 0 || after > before || all[0].first == 0 {
		t.Errorf("%d segments are kept, before the disk was full %d", after, before)
	}
	k.d.fail = func(op, name string) error {
		if op == "write" && strings.HasSuffix(name, segmentSuffix) {
			return syscall.ENOSPC
		}
		return nil
	}
	appendCount(t, k.j, countGroup("a", 100), k.n)
	disk{k.j}.flush()
	if _, n, _ := k.list(); n > 0 || !errors.Is(k.j.Failing(), syscall.ENOSPC) {
		t.Errorf("%d segments are kept while nothing can be written; failing: %v", n, k.j.Failing())
	}
}

// used is the size of the segments on the disk.
func (k *keeper) used() int {
	k.d.mu.Lock()
	defer k.d.mu.Unlock()
	return k.usedLocked()
}

func (k *keeper) usedLocked() (n int) {
	for name, f := range k.d.files {
		if strings.HasSuffix(name, segmentSuffix) {
			n += len(f.data)
		}
	}
	return n
}

// TestKeptForWhoIsAway lets a sink go on where it was, as long as that is kept.
func TestKeptForWhoIsAway(t *testing.T) {
	k := newKeeper(t, Options{Keep: time.Hour, KeepSize: 50_000})
	away, _ := k.j.Start("away", "now")
	k.live(10)
	k.j.Leave("away")
	k.live(10)
	p, fresh := k.j.Start("away", "now")
	if p != away {
		t.Errorf("a sink that was away goes on at %d, want %d: all of it is there", p, away)
	}
	seen, _, lost := drain(t, k.j, p, sinks.Query{Sink: "away", Max: 500})
	if lost > 0 || len(seen) != 2000 {
		t.Errorf("it got %d samples, lost %d (owed %v)", len(seen), lost, fresh)
	}
}
