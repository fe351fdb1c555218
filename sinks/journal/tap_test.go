package journal

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// tapped is what a reader of copies has made of them.
type tapped struct {
	d      Decoder
	values []int64
	next   sinks.Pos
	lost   uint64
	whys   map[Reason]uint64
}

// take takes s, and checks that it goes on where the one before ended.
func (c *tapped) take(t testing.TB, s Stretch) {
	t.Helper()
	if s.From != c.next+sinks.Pos(s.Lost) && s.Lost > 0 || s.From > c.next+sinks.Pos(s.Lost) {
		t.Fatalf("from %d after %d, with %d lost", s.From, c.next, s.Lost)
	}
	if s.Lost > 0 {
		if c.whys == nil {
			c.whys = map[Reason]uint64{}
		}
		c.lost += s.Lost
		c.whys[s.Why] += s.Lost
		c.next = s.From
	}
	at := s.From
	err := c.d.Each(s.Records, func(r *Copied) error {
		if r.Pos != at || r.Batch == nil || len(r.Batch.Samples) != r.Samples {
			t.Fatalf("record of %d at %d, expected at %d, batch %v", r.Samples, r.Pos, at, r.Batch)
		}
		at = r.End()
		for i, b := range r.Batch.Samples {
			if r.Pos+sinks.Pos(i) >= c.next {
				c.values = append(c.values, int64(b.Bits))
			}
		}
		return nil
	})
	if err != nil || at != s.To {
		t.Fatalf("the records of %d to %d end at %d: %v", s.From, s.To, at, err)
	}
	c.next = max(c.next, s.To)
}

// all takes what there is up to the end of j.
func (c *tapped) all(t testing.TB, j *Journal, tap *Tap, most int) {
	t.Helper()
	for tap.Position() < j.End() {
		s, err := tap.Next(t.Context(), TapQuery{Bytes: most})
		if err != nil {
			t.Fatal(err)
		}
		if records := s.Records; len(records) > most {
			if h := peek(records); headerSize+h.size != len(records) {
				t.Fatalf("%d bytes, at most %d were asked for", len(records), most)
			}
		}
		c.take(t, s)
	}
}

func TestTap(t *testing.T) {
	for _, most := range []int{1, 200, 4000, 1 << 20} {
		d := newMemFolder()
		g, h := countGroup("a", 30), countGroup("b", 5)
		n := 0
		for round := range 4 { // of which all but the last are read from files
			j := openOn(t, d, Options{})
			j.Start("s", "start")
			tap := j.Tap(0)
			var c, again, half tapped
			for i := range 20 {
				g := []*mapping.Group{g, h}[i%2]
				appendCount(t, j, g, n)
				n += len(g.Series)
				disk{j}.flush()
			}
			c.all(t, j, tap, most)
			if !slices.Equal(c.values, numbers(0, n)) || c.lost != 0 {
				t.Fatalf("round %d: %d of %d values, %d lost", round, len(c.values), n, c.lost)
			}
			tap.Seek(sinks.Pos(n / 2))
			half.next = sinks.Pos(n / 2)
			tap.Afresh()
			half.all(t, j, tap, most)
			if !slices.Equal(half.values, numbers(n/2, n-n/2)) {
				t.Fatalf("from the middle on: %d of %d values", len(half.values), n-n/2)
			}
			tap.Seek(0)
			again.d = half.d // without definitions
			again.all(t, j, tap, most)
			if len(again.values) != n || again.d.Groups() != 2 {
				t.Fatalf("again: %d of %d values, %d groups", len(again.values), n, again.d.Groups())
			}
			tap.Close()
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			d = d.kill()
		}
	}
}

// TestTapDamage has segments damaged anywhere: what is intact comes, and the rest is counted.
func TestTapDamage(t *testing.T) {
	whole, samples := damageable(t, 3, 6)
	for _, pick := range []func(*memFolder) *memFile{firstSegment, lastSegment} {
		for at := range pick(whole).data {
			d := whole.kill()
			pick(d).data[at] ^= 0x55
			j := openOn(t, d, Options{})
			end := int(j.End())
			appendCount(t, j, countGroup("new", 10), end)
			disk{j}.flush()
			tap := j.Tap(0)
			var c tapped
			known := countGroup("a", 3)
			c.d.Know(known, countGroup("b", 2)) // a definition may be what is damaged
			c.all(t, j, tap, 1000)
			if got := uint64(len(c.values)) + c.lost; got != uint64(end)+10 || len(c.values) < samples/2 {
				t.Fatalf("byte %d: %d values and %d lost of %d", at, len(c.values), c.lost, end+10)
			}
			if !slices.IsSorted(c.values) {
				t.Fatalf("byte %d: not in order: %v", at, c.values)
			}
			tap.Close()
			j.Close()
		}
	}
}

// TestTapGone has the log give away what it has not read.
func TestTapGone(t *testing.T) {
	d := newMemFolder()
	j := openOn(t, d, Options{MaxSize: 1 << 20})
	g := countGroup("a", 500)
	tap := j.Tap(0)
	defer tap.Close()
	n := 0
	for range 2000 {
		appendCount(t, j, g, n)
		n += 500
		disk{j}.flush()
		tidier{j}.retain(t.Context())
	}
	disk{j}.sync()
	j.mu.Lock()
	j.tail.release(j.files.synced, 0)
	first := j.files.segments[0].first
	j.mu.Unlock()
	if first == 0 {
		t.Fatal("nothing has gone")
	}
	var c tapped
	c.all(t, j, tap, 1<<16)
	if c.lost != uint64(first) || c.whys[LostSize] != c.lost || len(c.values) != n-int(first) {
		t.Errorf("%v lost, %d values, of %d that begin at %d", c.whys, len(c.values), n, first)
	}
}

// TestTapMemory is a journal without a disk.
func TestTapMemory(t *testing.T) {
	j := open(t, Options{Tail: 1 << 16})
	g := countGroup("a", 100)
	tap := j.Tap(0)
	defer tap.Close()
	var c tapped
	n := 0
	for round := range 50 {
		for range 1 + round*10 {
			appendCount(t, j, g, n)
			n += 100
		}
		c.all(t, j, tap, 1<<14)
	}
	if int(c.lost)+len(c.values) != n || c.lost == 0 || c.whys[LostMemory] != c.lost {
		t.Errorf("%d values and %v lost of %d", len(c.values), c.whys, n)
	}
}

// TestTapRandom reads beside writing, reopening and giving up, at any pace.
func TestTapRandom(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		d := newMemFolder()
		groups := []*mapping.Group{countGroup("a", 30), countGroup("b", 5), countGroup("c", 300)}
		j := openOn(t, d, Options{Tail: 1 << 16, MaxSize: 300 << 10})
		j.Start("s", "start")
		tap, n := j.Tap(0), 0
		var c tapped
		for range 600 {
			switch r.IntN(12) {
			case 0:
				disk{j}.sync()
			case 1:
				tidier{j}.retain(t.Context())
			case 2:
				if err := j.Ack("s", j.End(), sinks.Dealt{}); err != nil {
					t.Fatal(err)
				}
			case 3, 4:
				disk{j}.flush()
			case 5:
				tap.Afresh()
			case 6:
				tap.Seek(tap.Position())
			case 7, 8:
				if tap.Position() < j.End() {
					s, err := tap.Next(t.Context(), TapQuery{Bytes: 1 + r.IntN(10000)})
					if err != nil {
						t.Fatal(err)
					}
					c.take(t, s)
				}
			default:
				g := groups[r.IntN(3)]
				appendCount(t, j, g, n)
				n += len(g.Series)
			}
		}
		disk{j}.flush()
		c.all(t, j, tap, 5000)
		if int(c.lost)+len(c.values) != n {
			t.Fatalf("seed %d: %d values and %v lost of %d", seed, len(c.values), c.whys, n)
		}
		tap.Close()
		j.Close()
	}
}

// TestTapWaits has it wait for what comes, and for no more than that.
func TestTapWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, _ := Open(Options{})
		defer j.Close()
		tap := j.Tap(0)
		defer tap.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		began := time.Now()
		time.AfterFunc(time.Minute, func() { appendCount(t, j, countGroup("a", 3), 0) })
		s, err := tap.Next(ctx, TapQuery{Flush: 10 * time.Millisecond})
		if err != nil || s.To != 3 || time.Since(began) != time.Minute+10*time.Millisecond {
			t.Errorf("to %d after %v: %v", s.To, time.Since(began), err)
		}
		if _, err = tap.Next(ctx, TapQuery{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with nothing: %v", err)
		}
		j.Close()
		if _, err = tap.Next(t.Context(), TapQuery{}); !errors.Is(err, ErrClosed) {
			t.Errorf("of a closed journal: %v", err)
		}
	})
}

// BenchmarkTap is what it costs to take records for a copy.
func BenchmarkTap(b *testing.B) {
	const n, batches = 500, 200
	j, _ := Open(Options{Tail: 64 << 20})
	defer j.Close()
	j.Start("s", "start")
	var batch mapping.Batch
	poll(rand.New(rand.NewPCG(1, 2)), &batch, plantGroup("boiler", n), 1_700_000_000_123_456_789)
	for range batches {
		_ = j.Append(&batch)
	}
	tap := j.Tap(0)
	defer tap.Close()
	b.ReportAllocs()
	for b.Loop() {
		tap.Seek(0)
		for tap.Position() < n*batches {
			if _, err := tap.Next(b.Context(), TapQuery{}); err != nil {
				b.Fatal(err)
			}
		}
	}
	perSample(b, n*batches)
}
