package sinks

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// fakeBequest is a Bequest of samples in memory.
type fakeBequest struct {
	mu      sync.Mutex
	all     []mapping.Batch // each of one sample
	at      Pos
	not     bool // it is somebody else's
	through Pos
	sum     Dealt
}

// left is a bequest of samples with values from first on.
func left(n int, first uint64) *fakeBequest {
	b := &fakeBequest{}
	series := mapping.Series{Tag: "t", Field: "t", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Uint}}
	g := mapping.NewGroup(mapping.Group{Device: "gone", Measurement: "gone", Series: []*mapping.Series{&series}})
	for i := range n {
		b.all = append(b.all, mapping.Batch{Group: g, Samples: []mapping.Sample{{Kind: mapping.Uint, Time: int64(i + 1), Bits: first + uint64(i)}}})
	}
	return b
}

func (b *fakeBequest) Take(m *Match, most int, v *View) Pos {
	b.mu.Lock()
	defer b.mu.Unlock()
	v.Reset()
	for ; int(b.at) < len(b.all) && v.Len() < min(most, 10); b.at++ {
		v.AppendFrom(b.at, &b.all[b.at], m)
	}
	return b.at
}

func (b *fakeBequest) Mine() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.not
}

func (b *fakeBequest) Through(p Pos, d Dealt) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.through = p
	b.sum.Add(d)
}

// state is how far b was delivered.
func (b *fakeBequest) state() (Pos, Dealt) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.through, b.sum
}

func from(all []uint64, least uint64) []uint64 {
	return slices.DeleteFunc(slices.Clone(all), func(v uint64) bool { return v < least })
}

// TestInherit delivers what another process left beside what is its own, each in its order, with a sink that goes down in between and
// refuses one of them; the counts of its own log stay its own.
func TestInherit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, e, b := newRig(t), NewEstate(), left(100, 1000)
		down := true
		poison := refuse(func(v uint64) bool { return v == 1042 })
		r.sink.answer = func(v *View) (int, error) {
			for _, b := range v.Batches {
				for _, s := range b.Samples {
					if s.Bits >= 1000 != v.Inherited() {
						t.Errorf("%d: inherited is %v", s.Bits, v.Inherited())
					}
				}
			}
			if down {
				return 0, errDown
			}
			return poison(v)
		}
		dir := t.TempDir()
		r.start(ForwarderOptions{Estate: e, Reject: NewRejects(RejectsOptions{Dir: dir, MaxSize: 1 << 20})})
		e.Add(b)
		wide(r.log, 30)
		r.wait(time.Minute)
		if p, _ := b.state(); p != 0 {
			t.Errorf("through %d while the sink is down", p)
		}
		r.change(func() { down = false })
		r.wait(time.Minute)
		wide(r.log, 5)
		r.wait(time.Minute)
		p, sum := b.state()
		if p != 100 || sum.Delivered != 99 || sum.Rejected != 1 {
			t.Errorf("through %d, %+v", p, sum)
		}
		if got := from(r.sink.got, 1000); len(got) != 99 || !slices.IsSorted(got) {
			t.Errorf("of the other: %v", got)
		}
		if n, _ := CountRejected(dir); n != 1 {
			t.Errorf("%d are rejected", n)
		}
		if s := r.f.Stats(); s.Inherited != 99 || s.InheritedRefused != 1 || s.Delivered != 35 || s.Rejected != 0 || r.log.acked() != 35 {
			t.Errorf("%+v, acknowledged %d", s, r.log.acked())
		}
		r.stop()
	})
}

// TestInheritedNoMore has a bequest go to somebody else while the sink is down: nothing more of it is sent, and what is the forwarder's
// own is.
func TestInheritedNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, e, b := newRig(t), NewEstate(), left(100, 1000)
		down := true
		r.sink.answer = func(v *View) (int, error) {
			if down {
				return 0, errDown
			}
			return v.Len(), nil
		}
		e.Add(b)
		r.start(ForwarderOptions{Estate: e})
		r.wait(time.Minute)
		b.mu.Lock()
		b.not = true
		b.mu.Unlock()
		r.change(func() { down = false })
		wide(r.log, 7)
		r.wait(2 * time.Minute)
		if got := from(r.sink.got, 1000); len(got) > 0 || r.log.acked() != 7 {
			t.Errorf("sent %v of what is somebody else's, acknowledged %d of its own", got, r.log.acked())
		}
		r.stop()
	})
}

// TestInheritStops stops a forwarder while it delivers what another left to a sink that is down: it ends at once, and the next one goes
// on where the bequest is.
func TestInheritStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, e, b := newRig(t), NewEstate(), left(10, 1000)
		r.sink.answer = func(*View) (int, error) { return 0, errDown }
		e.Add(b)
		r.start(ForwarderOptions{Estate: e})
		r.wait(time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.f.Drain(ctx); err != nil {
			t.Errorf("Drain = %v", err)
		}
		r.stop()
		if p, sum := b.state(); p != 0 || sum != (Dealt{}) {
			t.Errorf("through %d, %+v", p, sum)
		}
	})
}

// TestInheritMatches leaves out what the sink does not get, and says that it is through with it.
func TestInheritMatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others, err := mapping.ParsePatterns([]string{"other/*"})
		if err != nil {
			t.Fatal(err)
		}
		r, e, b := newRig(t), NewEstate(), left(10, 1000)
		r.start(ForwarderOptions{Estate: e, Match: NewMatch(others)})
		e.Add(b)
		r.wait(time.Minute)
		if p, sum := b.state(); p != 10 || sum != (Dealt{}) || len(r.sink.got) > 0 {
			t.Errorf("through %d, %+v, sent %v", p, sum, r.sink.got)
		}
		r.stop()
	})
}

// TestInheritWokenLate wakes a forwarder for something that it has seen to since, as happens when who wakes it is late: it goes on.
func TestInheritWokenLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.start(ForwarderOptions{Estate: NewEstate()})
		for range 3 {
			r.wait(time.Minute)
			(*r.f.again.wake.Load())()
		}
		wide(r.log, 7)
		r.wait(time.Minute)
		if r.log.acked() != 7 {
			t.Errorf("acknowledged %d of 7", r.log.acked())
		}
		r.stop()
	})
}
