package sinks

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// TestPosition compares what a view knows of positions with the positions of its samples, noted one by one.
func TestPosition(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	group := testGroup("d", 4)
	for range 500 {
		var v View
		var at []Pos // of each sample of v
		p := Pos(r.IntN(100))
		for range r.IntN(8) {
			var m *Match
			if r.IntN(3) == 0 {
				patterns, err := mapping.ParsePatterns([]string{"*/t1", "*/t2"}[:1+r.IntN(2)])
				if err != nil {
					t.Fatal(err)
				}
				m = NewMatch(patterns)
			}
			b := mapping.Batch{Group: group}
			for i := range 1 + r.IntN(4) {
				b.Samples = append(b.Samples, mapping.Sample{Index: uint16(i)})
				if m.Group(group).Has(uint16(i)) {
					at = append(at, p+Pos(i))
				}
			}
			v.AppendFrom(p, &b, m)
			p += Pos(len(b.Samples)) + Pos(r.IntN(2)*r.IntN(5)) // sometimes there is something in between
		}
		for n := range at {
			got, ok := v.position(n)
			if !ok || got > at[n] || n > 0 && got+4 <= at[n-1] {
				t.Fatalf("position(%d) = %d, %v; the samples are at %v", n, got, ok, at)
			}
		}
	}
}

// TestForwarderKeepsWhatIsAcknowledgedOnTheWay has a sink that acknowledges one sample after the other: the log knows
// before Send has returned, and each sample counts once.
func TestForwarderKeepsWhatIsAcknowledgedOnTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		lost := false
		r.sink.answer = func(v *View) (int, error) {
			before := r.log.acked()
			for n := range v.Len() {
				v.Done(n + 1)
				if r.log.acked() != before+Pos(n+1) {
					t.Errorf("after sample %d of a view from %d, the log has %d", n, before, r.log.acked())
				}
				if v.Len() == 10 && n == 5 && !lost {
					lost = true
					return n + 1, errors.New("connection lost")
				}
			}
			return v.Len(), nil
		}
		r.log.append(intBatch(testGroup("a", 20), 0, 20))
		r.start(ForwarderOptions{Batch: 10})
		r.wait(time.Minute)
		if !lost || !slices.Equal(r.sink.got, upTo(0, 20)) || r.f.Stats().Delivered != 20 || r.log.acked() != 20 {
			t.Errorf("lost %v, delivered %v, counted %d, acknowledged %d", lost, r.sink.got, r.f.Stats().Delivered, r.log.acked())
		}
		r.stop()
	})
}
