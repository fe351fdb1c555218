package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/sinks"
)

// followed is what a follower has seen.
type followed struct {
	seen  []got
	lost  uint64
	err   error
	views int
}

// reading reads with f in a goroutine of its own until that ends with an error.
func reading(ctx context.Context, f sinks.Follower) <-chan followed {
	done := make(chan followed, 1)
	go func() {
		var all followed
		var v sinks.View
		for {
			if all.err = f.Next(ctx, &v); all.err != nil {
				done <- all
				return
			}
			all.seen, all.lost, all.views = collect(all.seen, &v), all.lost+v.Lost, all.views+1
		}
	}()
	return done
}

// following is a follower that is closed when t ends.
func following(t *testing.T, j *Journal, p sinks.Pos, o sinks.Following) sinks.Follower {
	f := j.Follow(p, o)
	t.Cleanup(func() { f.Close() })
	return f
}

func TestFollowerSeesWhatComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, Options{})
		j.Start("s", "now")
		a, b := countGroup("a", 10), countGroup("b", 10)
		appendCount(t, j, a, 0)
		everything := reading(t.Context(), following(t, j, j.End(), sinks.Following{}))
		before := reading(t.Context(), following(t, j, 5, sinks.Following{}))
		chosen := reading(t.Context(), following(t, j, j.End(), sinks.Following{Match: match(t, "b/t3")}))
		for i := range 10 {
			synctest.Wait()
			appendCount(t, j, a, 100*i)
			appendCount(t, j, b, 100*i+10)
		}
		synctest.Wait()
		j.Close()
		var want []int64
		for i := range 10 {
			want = append(want, numbers(100*i, 20)...)
		}
		if r := <-everything; !slices.Equal(values(r.seen), want) || r.lost != 0 || !errors.Is(r.err, ErrClosed) {
			t.Errorf("everything: %d samples, %d lost, %v", len(r.seen), r.lost, r.err)
		}
		if r := <-before; !slices.Equal(values(r.seen), append(numbers(5, 5), want...)) || r.lost != 0 {
			t.Errorf("from within a record: %d samples, %d lost", len(r.seen), r.lost)
		}
		r := <-chosen
		if len(r.seen) != 10 || r.lost != 0 || r.views != 10 {
			t.Errorf("of one tag: %d samples in %d views, %d lost", len(r.seen), r.views, r.lost)
		}
		for i, s := range r.seen {
			if s != (got{"b", "t3", int64(100*i + 13)}) {
				t.Errorf("sample %d of one tag is %+v", i, s)
			}
		}
	})
}

// TestFollowerHoldsNothingBack lets one that never reads, and one that reads once in a while, lie beside a sink that keeps
// up: nothing is kept for them, and they are told exactly what they missed.
func TestFollowerHoldsNothingBack(t *testing.T) {
	j := open(t, Options{Tail: 1 << 20})
	p, _ := j.Start("s", "now")
	idle, slow := following(t, j, 0, sinks.Following{}), following(t, j, 0, sinks.Following{Max: 100})
	g := countGroup("a", 1000)
	var v sinks.View
	seen, lost := 0, uint64(0)
	most := int64(0)
	for i := range 500 {
		appendCount(t, j, g, 1000*i)
		p += 1000
		if err := j.Ack("s", p, sinks.Dealt{}); err != nil {
			t.Fatal(err)
		}
		if i%50 == 49 {
			if err := slow.Next(t.Context(), &v); err != nil {
				t.Fatal(err)
			}
			seen, lost = seen+v.Len(), lost+v.Lost
			if at := slow.Position(); sinks.Pos(seen)+sinks.Pos(lost) != at {
				t.Fatalf("%d seen and %d missed, but it is at %d", seen, lost, at)
			}
		}
		most = max(most, j.Bytes())
	}
	if most > 1<<18+2*chunkSize {
		t.Errorf("%d bytes are held for those who do not read", most)
	}
	if err := idle.Next(t.Context(), &v); err != nil || v.Lost == 0 || int(v.Lost)+v.Len() != int(idle.Position()) {
		t.Errorf("who never read missed %d of %d: %v", v.Lost, idle.Position(), err)
	}
	for range 2 {
		idle.Close()
		slow.Close()
	}
	appendCount(t, j, g, 0)
	if err := j.Ack("s", j.End(), sinks.Dealt{}); err != nil || j.Bytes() > 0 {
		t.Errorf("%d bytes are held when nobody follows, %v", j.Bytes(), err)
	}
}

func TestFollowerIsAtMostSoLate(t *testing.T) {
	j := open(t, Options{})
	j.Start("s", "now") // and never acknowledges: all is there
	f := following(t, j, 0, sinks.Following{Most: 250})
	g := countGroup("a", 100)
	for i := range 10 {
		appendCount(t, j, g, 100*i)
	}
	var v sinks.View
	if err := f.Next(t.Context(), &v); err != nil || v.Lost != 750 || !slices.Equal(values(collect(nil, &v)), numbers(750, 250)) {
		t.Errorf("%d samples, %d missed, %v", v.Len(), v.Lost, err)
	}
	appendCount(t, j, g, 1000)
	if err := f.Next(t.Context(), &v); err != nil || v.Lost != 0 || !slices.Equal(values(collect(nil, &v)), numbers(1000, 100)) {
		t.Errorf("then %d samples, %d missed, %v", v.Len(), v.Lost, err)
	}
	if f := following(t, j, 1<<40, sinks.Following{}); f.Position() != j.End() {
		t.Errorf("from a place that is not there yet: it is at %d, not %d", f.Position(), j.End())
	}
}

// TestFollowerThatMissesWhatWouldNotMatch is told of it at once: it does not know that it would not.
func TestFollowerThatMissesWhatWouldNotMatch(t *testing.T) {
	j := open(t, Options{})
	f := following(t, j, 0, sinks.Following{Match: match(t, "b/*"), Most: 10})
	appendCount(t, j, countGroup("a", 100), 0)
	var v sinks.View
	if err := f.Next(t.Context(), &v); err != nil || v.Lost != 90 || v.Len() != 0 {
		t.Errorf("%d samples, %d missed, %v", v.Len(), v.Lost, err)
	}
}

func TestFollowerGathers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, Options{})
		f := following(t, j, 0, sinks.Following{Flush: 250 * time.Millisecond, Max: 50})
		var v sinks.View
		appending := func(times int) {
			for i := range times {
				time.Sleep(100 * time.Millisecond)
				appendCount(t, j, countGroup("a", 10), i)
			}
		}
		began := time.Now()
		go appending(9)
		if err := f.Next(t.Context(), &v); err != nil || v.Len() != 30 || time.Since(began) != 350*time.Millisecond {
			t.Errorf("%d samples after %v, %v", v.Len(), time.Since(began), err)
		}
		f = following(t, j, j.End(), sinks.Following{Flush: time.Hour, Max: 50})
		if err := f.Next(t.Context(), &v); err != nil || v.Len() != 50 {
			t.Errorf("%d samples, %v", v.Len(), err)
		}
		time.Sleep(time.Second)
	})
}

func TestFollowerEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, Options{})
		ctx, cancel := context.WithCancel(t.Context())
		f := following(t, j, 0, sinks.Following{Match: match(t, "b/*")})
		done := reading(ctx, f)
		appendCount(t, j, countGroup("a", 10), 0)
		synctest.Wait()
		cancel()
		if r := <-done; !errors.Is(r.err, context.Canceled) || r.views != 0 {
			t.Errorf("with its context it ended with %v after %d views", r.err, r.views)
		}
		var v sinks.View
		appendCount(t, j, countGroup("b", 10), 0)
		if err := f.Next(ctx, &v); !errors.Is(err, context.Canceled) || v.Len() != 0 {
			t.Errorf("with a context that has ended it read %d samples, %v", v.Len(), err)
		}
		if err := f.Next(t.Context(), &v); err != nil || v.Len() != 10 {
			t.Errorf("what it left is %d samples, %v", v.Len(), err)
		}
		done = reading(t.Context(), f)
		synctest.Wait()
		if len(j.waiters) != 1 {
			t.Errorf("%d wait", len(j.waiters))
		}
		j.Close()
		if r := <-done; !errors.Is(r.err, ErrClosed) {
			t.Errorf("with the journal it ended with %v", r.err)
		}
		if len(j.waiters) != 0 {
			t.Errorf("%d are left waiting", len(j.waiters))
		}
	})
}

// TestFollowerSeesWhatSinksSee is not before it is written, or with sync 0 synced; and goes on while files are removed, fail
// and come back.
func TestFollowerSeesWhatSinksSee(t *testing.T) {
	d := newMemFolder()
	j := openOn(t, d, Options{Sync: time.Second, MaxSize: 1 << 20, Tail: 1 << 20})
	defer j.Close()
	j.Start("s", "now")
	f := following(t, j, j.End(), sinks.Following{Max: 1 << 20})
	g := countGroup("a", 1000)
	var v sinks.View
	appendCount(t, j, g, 0)
	ctx, cancel := context.WithCancel(t.Context())
	done := reading(ctx, f)
	cancel()
	if r := <-done; len(r.seen) > 0 || !errors.Is(r.err, context.Canceled) {
		t.Fatalf("it sees %d samples that no file has", len(r.seen))
	}
	disk{j}.flush()
	if err := f.Next(t.Context(), &v); err != nil || v.Len() != 1000 {
		t.Fatalf("%d samples, %v", v.Len(), err)
	}
	total, lost := v.Len(), v.Lost
	for i := range 300 {
		appendCount(t, j, g, 1000*i)
		switch i {
		case 100:
			d.mu.Lock()
			d.fail = func(op, name string) error { return errors.New("no space left on device") }
			d.mu.Unlock()
		case 200:
			d.mu.Lock()
			d.fail = nil
			d.mu.Unlock()
		}
		disk{j}.flush()
		disk{j}.sync()
		tidier{j}.retain(t.Context())
		if i%2 == 0 { // the sink keeps up, at times
			_ = j.Ack("s", j.End(), sinks.Dealt{}) // which the disk may not take
		}
		if j.End() > f.Position() {
			if err := f.Next(t.Context(), &v); err != nil {
				t.Fatal(err)
			}
			total, lost = total+v.Len(), lost+v.Lost
		}
	}
	if f.Position() != j.End() || uint64(total)+lost != uint64(j.End()) || lost > 0 {
		t.Errorf("%d seen and %d missed of %d, at %d", total, lost, j.End(), f.Position())
	}
}

// TestManyFollow has followers of all kinds come and go beside lanes and sinks: what each sees is in order, and with what it
// missed as much as there was.
func TestManyFollow(t *testing.T) {
	j := open(t, Options{Tail: 256 << 10})
	const lanes, polls, size = 4, 300, 50
	ctx, cancel := context.WithCancel(t.Context())
	var appending, others sync.WaitGroup
	p, _ := j.Start("s", "now")
	others.Go(func() {
		var v sinks.View
		for {
			next, err := j.Next(ctx, p, sinks.Query{Sink: "s", Max: 500, Flush: time.Millisecond}, &v)
			if err != nil || j.Ack("s", next, sinks.Dealt{}) != nil {
				return
			}
			p = next
		}
	})
	for k := range 8 {
		others.Go(func() {
			f := j.Follow(0, sinks.Following{Max: 1 + 97*k, Most: 500 * (k % 3), Flush: time.Duration(k%2) * time.Millisecond})
			defer f.Close()
			var v sinks.View
			seen, lost, last := 0, uint64(0), map[string]int64{}
			for f.Next(ctx, &v) == nil {
				for _, s := range collect(nil, &v) {
					id := fmt.Sprint(s.device, s.tag)
					if before, ok := last[id]; ok && s.value <= before {
						t.Errorf("follower %d: %d after %d of %s", k, s.value, before, id)
						return
					}
					last[id] = s.value
				}
				seen, lost = seen+v.Len(), lost+v.Lost
				if sinks.Pos(seen)+sinks.Pos(lost) != f.Position() {
					t.Errorf("follower %d: %d seen and %d missed, at %d", k, seen, lost, f.Position())
					return
				}
			}
		})
	}
	for l := range lanes {
		appending.Go(func() {
			g := countGroup(fmt.Sprint("lane", l), size)
			for i := range polls {
				appendCount(t, j, g, size*i)
			}
		})
	}
	appending.Wait()
	cancel()
	others.Wait()
}

// BenchmarkAppendFollowed is BenchmarkAppend with followers that wait for what does not come, as those of idle pages do.
func BenchmarkAppendFollowed(b *testing.B) {
	for _, followers := range []int{0, 1, 10} {
		b.Run(fmt.Sprint(followers), func(b *testing.B) {
			const n = 500
			j, _ := Open(Options{})
			p, _ := j.Start("s", "now")
			ctx, cancel := context.WithCancel(context.Background())
			var all sync.WaitGroup
			for range followers {
				all.Go(func() {
					var v sinks.View
					f := j.Follow(0, sinks.Following{Match: match(b, "other/*"), Flush: 100 * time.Millisecond, Max: 1 << 20})
					defer f.Close()
					for f.Next(ctx, &v) == nil {
					}
				})
			}
			batch := batchOf(countGroup("boiler", n), 0)
			b.ReportAllocs()
			for b.Loop() {
				if err := j.Append(batch); err != nil {
					b.Fatal(err)
				}
				if p += n; p%10_000 == 0 {
					if err := j.Ack("s", p, sinks.Dealt{}); err != nil {
						b.Fatal(err)
					}
				}
			}
			perSample(b, n)
			cancel()
			all.Wait()
		})
	}
}
