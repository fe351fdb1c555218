package journal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// inspected is a folder with two segments of 50 samples and a sink at 20, open in a journal.
func inspected(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for round := range 2 {
		j, err := Open(Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		j.Start("s/1", "now")
		for i := range 5 {
			appendCount(t, j, countGroup("a", 10), 50*round+10*i)
		}
		disk{j}.flush()
		disk{j}.sync()
		if err := j.Ack("s/1", 20, sinks.Dealt{}); err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			j.Close()
		} else {
			t.Cleanup(func() { j.Close() })
		}
	}
	return dir
}

func inspect(t *testing.T, dir string) *Inspection {
	t.Helper()
	in, err := Inspect(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

func TestSummary(t *testing.T) {
	dir := inspected(t)
	sum, err := inspect(t, dir).Summary()
	if err != nil {
		t.Fatal(err)
	}
	if sum.Segments != 2 || sum.First != 0 || sum.End != 100 || sum.Bytes == 0 || sum.Oldest.IsZero() || len(sum.Corrupt) > 0 {
		t.Errorf("summary %+v", sum)
	}
	if len(sum.Sinks) != 1 || sum.Sinks[0].Sink != "s/1" || sum.Sinks[0].Pos != 20 || sum.Sinks[0].Behind != 80 || sum.Sinks[0].Err != nil {
		t.Errorf("sinks %+v", sum.Sinks)
	}
	if err := os.WriteFile(filepath.Join(dir, "bad.cursor"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if sum, err = inspect(t, dir).Summary(); err != nil || !errors.Is(sum.Sinks[0].Err, ErrCorrupt) {
		t.Errorf("a garbled cursor: %v, %v, want corrupt", sum.Sinks, err)
	}
	if _, err := Inspect(filepath.Join(dir, "nowhere")); err == nil {
		t.Error("a folder that is not there was inspected")
	}
}

func TestDump(t *testing.T) {
	in := inspect(t, inspected(t))
	var seen []int64
	at := sinks.Pos(35)
	_, err := in.Dump(t.Context(), at, func(p sinks.Pos, b *mapping.Batch) error {
		if p != at {
			t.Errorf("batch at %d, want %d", p, at)
		}
		at += sinks.Pos(len(b.Samples))
		for _, s := range b.Samples {
			seen = append(seen, int64(s.Bits))
		}
		return nil
	})
	if err != nil || !slices.Equal(seen, numbers(35, 65)) {
		t.Errorf("dumped %v, %v", seen, err)
	}
	stop := errors.New("stop")
	if _, err := in.Dump(t.Context(), 0, func(sinks.Pos, *mapping.Batch) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error %v, want that of yield", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := in.Dump(ctx, 0, func(sinks.Pos, *mapping.Batch) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want canceled", err)
	}
}

func TestVerify(t *testing.T) {
	dir := inspected(t)
	in := inspect(t, dir)
	if all, err := in.Verify(t.Context()); err != nil || len(all) > 0 {
		t.Fatalf("an intact journal: %v, %v", all, err)
	}
	name := in.segments[0].name()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 0x10
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := in.Verify(t.Context())
	if err != nil || len(all) != 1 || all[0].File != name || all[0].Lost != 10 || all[0].Bytes == 0 {
		t.Errorf("a flipped bit: %+v, %v, want 10 samples of %s", all, err, name)
	}
}

// TestInspectAfterAKill has a kill leave a book that is newer than the position: what the folder tells of is what the next
// start goes on with, also when samples were lost that the forwarder had.
// A bridge that runs takes segments away while somebody looks.
func TestSummaryOfSegmentsThatGo(t *testing.T) {
	dir := inspected(t)
	in := inspect(t, dir)
	segments, err := filepath.Glob(filepath.Join(dir, "*.seg"))
	if err != nil || len(segments) != 2 {
		t.Fatal(segments, err)
	}
	if err := os.Remove(segments[0]); err != nil {
		t.Fatal(err)
	}
	sum, err := in.Summary()
	if err != nil || sum.Segments != 1 || sum.First != 50 || sum.End != 100 {
		t.Errorf("%+v, %v", sum, err)
	}
}

func TestInspectAfterAKill(t *testing.T) {
	dir := t.TempDir()
	j, err := Open(Options{Dir: dir, Tail: chunkSize, MaxSize: 60_000})
	if err != nil {
		t.Fatal(err)
	}
	j.files.segmentSize = 1000
	p, _ := j.Start("s", "now")
	j.Settle("s")
	for i := range 40 {
		appendCount(t, j, countGroup("a", 100), 100*i)
		disk{j}.flush()
		disk{j}.sync()
	}
	var v sinks.View
	if _, err := j.Next(t.Context(), p, sinks.Query{Sink: "s", Max: 1000}, &v); err != nil {
		t.Fatal(err)
	}
	slot := slurp(t, j, "s.cursor")
	j.SetLimits(Limits{MaxSize: j.Bytes() / 2, MaxAge: time.Hour})
	tidier{j}.retain(t.Context())
	if sum, err := inspect(t, dir).Summary(); err != nil || sum.Sinks[0].Behind != statOf(t, j, "s").Samples || len(sum.Sinks[0].Ever.Lost) != len(statOf(t, j, "s").Ever.Lost) {
		t.Errorf("beside the journal, which says %+v, the folder says %+v, %v", statOf(t, j, "s"), sum.Sinks, err)
	}
	for _, cut := range []bool{true, false} {
		if cut { // the book is there, and the position of before
			j.cursors["s"].slots.f.WriteAt(slot, 0)
		} else {
			disk{j}.sync()
			j.mu.Lock()
			n := j.cursors["s"].place()
			j.mu.Unlock()
			if err := n.write(); err != nil {
				t.Fatal(err)
			}
		}
		copied := t.TempDir()
		if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		sum, err := inspect(t, copied).Summary()
		if err != nil {
			t.Fatal(err)
		}
		next, err := Open(Options{Dir: copied})
		if err != nil {
			t.Fatal(err)
		}
		next.Start("s", "now")
		said, is := sum.Sinks[0], next.Stat()[0]
		if err := next.Close(); err != nil {
			t.Error(err)
		}
		list, err := inspect(t, copied).Losses("s")
		if err != nil {
			t.Fatal(err)
		}
		lost := is.Ever.Lost["size"]
		if said.Behind != is.Samples || said.Ever.Lost["size"].Samples != lost.Samples || lost.Samples == 0 {
			t.Errorf("cut %v: the folder says %+v, the next start %+v", cut, said, is)
		}
		for _, l := range list {
			if l.First.IsZero() || l.Last.Before(l.First) {
				t.Errorf("cut %v: the book says %+v", cut, l)
			}
		}
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}
