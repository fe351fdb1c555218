package journal

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// TestCopyWhileItRuns copies a journal file by file, from the first name to the last and the other way, while it is written,
// delivered and limited: what the copy has is in order and whole, what it has not is said, and no sink is told more than
// there was.
func TestCopyWhileItRuns(t *testing.T) {
	dir := t.TempDir()
	j, err := Open(Options{Dir: dir, Sync: time.Millisecond, MaxSize: 200_000, Keep: time.Hour, KeepSize: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	j.files.segmentSize = 4000
	p, _ := j.Start("keen", "now")
	j.Start("slow", "now")
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { j.Run(ctx) })
	all.Go(func() {
		for n, v := 0, new(sinks.View); ctx.Err() == nil; n += 100 {
			appendCount(t, j, countGroup("a", 100), n)
			if p, err = j.Next(ctx, p, sinks.Query{Sink: "keen", Max: 500}, v); err == nil {
				err = j.Ack("keen", p, sinks.Dealt{Delivered: uint64(v.Len())})
			}
		}
	})
	for i := range 60 {
		copied := copyOf(t, dir, i%2 == 1)
		if i > 3 { // else there may be nothing yet
			checkCopy(t, copied)
		}
	}
	stop()
	all.Wait()
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// copyOf copies what is in dir, one file after the other.
func copyOf(t *testing.T, dir string, backwards bool) string {
	t.Helper()
	to := t.TempDir()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if backwards {
		slices.Reverse(entries)
	}
	for _, e := range entries {
		if b, err := os.ReadFile(filepath.Join(dir, e.Name())); err == nil { // else it has gone
			if err := os.WriteFile(filepath.Join(to, e.Name()), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return to
}

func checkCopy(t *testing.T, dir string) {
	t.Helper()
	in := inspect(t, dir)
	last, holes := int64(-1), uint64(0)
	missing, err := in.History(t.Context(), Past{}, func(b *mapping.Batch, i int) error {
		n := int64(b.Samples[i].Bits)
		if last >= 0 && n <= last {
			t.Errorf("%d follows %d", n, last)
		}
		if last >= 0 {
			holes += uint64(n - last - 1)
		}
		last = n
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	said := uint64(0)
	for _, m := range missing {
		if m.Reason == MissingOlder {
			continue
		}
		said += m.Samples
	}
	if said != holes {
		t.Errorf("%d samples are not there, %d are said not to be: %+v", holes, said, missing)
	}
	sum, err := in.Summary()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sum.Sinks {
		if s.Err != nil || s.Behind > uint64(sum.End) {
			t.Errorf("%s is behind %d of %d, %v", s.Sink, s.Behind, sum.End, s.Err)
		}
	}
}
