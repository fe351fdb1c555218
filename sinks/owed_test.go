package sinks

import (
	"errors"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// TestPresentValuesAreOwedUntilDelivered stops a forwarder whose sink was never there, and says that they are settled
// only when they were delivered.
func TestPresentValuesAreOwedUntilDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		g := testGroup("a", 3)
		settled := 0
		o := ForwarderOptions{Fresh: true, Settled: func() { settled++ },
			Present: func(yield func(*mapping.Batch)) { yield(intBatch(g, 90, 3)) }}
		r.sink.answer = func(*View) (int, error) { return 0, errDown }
		r.start(o)
		r.wait(time.Minute)
		r.stop()
		if settled != 0 {
			t.Fatal("settled, though the sink took nothing")
		}
		r.sink.answer = nil
		r.start(o)
		r.wait(time.Minute)
		if settled != 1 || !slices.Equal(r.sink.got, []uint64{90, 91, 92}) {
			t.Errorf("settled %d times, delivered %v", settled, r.sink.got)
		}
		r.stop()
	})
}

// TestPresentValuesComeTwiceABacklogAtMost has a backlog with a loss in front and more further on: the sink gets them
// in front, and behind all of it.
func TestPresentValuesComeTwiceABacklogAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		settled := 0
		v := View{}
		f := NewForwarder(ForwarderOptions{Name: "s", Sink: r.sink, Log: r.log, Batch: 10, Settled: func() { settled++ },
			Present: func(yield func(*mapping.Batch)) { yield(intBatch(testGroup("a", 1), 900, 1)) }})
		wide(r.log, 100)
		for pos := Pos(0); pos < 100; pos += 10 {
			f.stats.position.Store(uint64(pos))
			f.owed.due = f.owed.due || pos%20 == 0 // a loss before every other view
			if err := f.settle(t.Context()); err != nil {
				t.Fatal(err)
			}
			v.Reset()
			v.Append(intBatch(testGroup("a", 10), int(pos), 10), nil)
			if err := f.deliverView(t.Context(), &v); err != nil {
				t.Fatal(err)
			}
		}
		f.stats.position.Store(100)
		if err := f.settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := append(append([]uint64{900}, upTo(0, 100)...), 900)
		if !slices.Equal(r.sink.got, want) || settled != 2 {
			t.Errorf("delivered %v, settled %d times", r.sink.got, settled)
		}
	})
}

// TestRefusedPresentValuesAreNotCounted has the sink refuse a tag, whose present value it is owed again and again: what is
// accounted for are the samples of the log, each once.
func TestRefusedPresentValuesAreNotCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		dir := t.TempDir()
		r.sink.answer = func(v *View) (int, error) {
			n := 0
			for _, b := range v.Batches {
				for _, s := range b.Samples {
					if s.Bits%10 == 3 {
						return n, &Fault{Action: Refuse, Refused: 1, Sure: true, Err: errors.New("unlucky")}
					}
					n++
				}
			}
			return n, nil
		}
		f := NewForwarder(ForwarderOptions{Name: "s", Sink: r.sink, Log: r.log, Batch: 100, Reject: NewRejects(RejectsOptions{Dir: dir, MaxSize: 1 << 20}),
			Present: func(yield func(*mapping.Batch)) { yield(intBatch(testGroup("a", 10), 900, 10)) }})
		for range 5 { // of which the later find the tag set aside
			f.owed.due = true
			if err := f.settle(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if d := f.dealt(); d != (Dealt{}) || f.Stats().Present != 45 {
			t.Errorf("dealt with %+v of the log, %d present values are taken", d, f.Stats().Present)
		}
		if files, _ := os.ReadDir(dir); len(files) > 0 {
			t.Errorf("%v were kept aside", files)
		}
	})
}
