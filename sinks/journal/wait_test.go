package journal

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/sinks"
)

// result is how a call of Next ended, and when.
type result struct {
	p     sinks.Pos
	n     int
	err   error
	after time.Duration
}

// next calls Next in its own goroutine.
func next(ctx context.Context, j *Journal, p sinks.Pos, q sinks.Query) <-chan result {
	done := make(chan result, 1)
	began := time.Now()
	go func() {
		var v sinks.View
		p, err := j.Next(ctx, p, q, &v)
		done <- result{p, v.Len(), err, time.Since(began)}
	}()
	return done
}

func TestNextWaits(t *testing.T) {
	const each = 100 * time.Millisecond
	for _, c := range []struct {
		name    string
		appends int // of ten samples each, every 100 ms from 100 ms on
		q       sinks.Query
		want    result
	}{
		{"until there are enough", 9, sinks.Query{Max: 50, Flush: time.Second}, result{p: 50, n: 50, after: 500 * time.Millisecond}},
		{"until the first is old", 9, sinks.Query{Max: 500, Flush: time.Second / 4}, result{p: 30, n: 30, after: 350 * time.Millisecond}},
		{"not at all", 0, sinks.Query{Max: 50}, result{}},
		{"for what matches", 4, sinks.Query{Max: 30, Flush: time.Second, Match: match(t, "nothing")}, result{p: 30, after: 300 * time.Millisecond}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := open(t, Options{})
				j.Start("s", "now")
				c.q.Sink = "s"
				done := next(t.Context(), j, 0, c.q)
				for i := range c.appends {
					time.Sleep(each)
					appendCount(t, j, countGroup("a", 10), i)
					synctest.Wait()
				}
				if r := <-done; r != c.want {
					t.Errorf("Next returned %+v, want %+v", r, c.want)
				}
			})
		})
	}
}

func TestNextWaitsForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, Options{})
		j.Start("s", "now")
		done := next(t.Context(), j, 0, sinks.Query{Sink: "s", Max: 50, Flush: time.Second})
		time.Sleep(time.Hour)
		select {
		case r := <-done:
			t.Fatalf("Next returned %+v though nothing came", r)
		default:
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if r := <-done; !errors.Is(r.err, ErrClosed) {
			t.Errorf("Next returned %v, want closed", r.err)
		}
	})
}

func TestNextEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, Options{})
		j.Start("s", "now")
		ctx, cancel := context.WithCancel(t.Context())
		done := next(ctx, j, 0, sinks.Query{Sink: "s", Max: 50, Flush: time.Second})
		synctest.Wait()
		cancel()
		if r := <-done; !errors.Is(r.err, context.Canceled) {
			t.Errorf("Next returned %v, want canceled", r.err)
		}
		if len(j.waiters) != 0 {
			t.Errorf("%d waiters are left behind", len(j.waiters))
		}
	})
}

func TestClosed(t *testing.T) {
	j := open(t, Options{})
	j.Start("s", "now")
	appendCount(t, j, countGroup("a", 10), 0)
	j.Close()
	var v sinks.View
	if _, err := j.Next(t.Context(), 0, sinks.Query{Sink: "s", Max: 1}, &v); !errors.Is(err, ErrClosed) {
		t.Errorf("Next returned %v, want closed", err)
	}
	if err := j.Ack("s", 1, sinks.Dealt{}); !errors.Is(err, ErrClosed) {
		t.Errorf("Ack returned %v, want closed", err)
	}
	g := countGroup("a", 1)
	b := batchOf(g, 1)
	if err := j.Append(b); !errors.Is(err, ErrClosed) {
		t.Errorf("Append returned %v, want closed", err)
	}
}

// runJournal lets j run until the function it returns is called.
func runJournal(t testing.TB, j *Journal) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// TestNextWaitsForTheWrite has a flush shorter than it takes until a sample is written.
func TestNextWaitsForTheWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := openOn(t, newMemFolder(), Options{})
		stop := runJournal(t, j)
		j.Start("s", "now")
		done := next(t.Context(), j, 0, sinks.Query{Sink: "s", Max: 50, Flush: time.Millisecond})
		synctest.Wait()
		appendCount(t, j, countGroup("a", 10), 0)
		if r, want := <-done, (result{p: 10, n: 10, after: writeEvery}); r != want {
			t.Errorf("Next returned %+v, want %+v", r, want)
		}
		stop()
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
}
