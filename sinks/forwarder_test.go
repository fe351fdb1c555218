package sinks

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// upTo is the numbers from first to last-1.
func upTo(first, last int) []uint64 {
	var list []uint64
	for i := first; i < last; i++ {
		list = append(list, uint64(i))
	}
	return list
}

func TestForwarderDeliversInOrderAndAcknowledges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		g := testGroup("a", 100)
		r.start(ForwarderOptions{Batch: 30, Flush: time.Second})
		for i := range 5 {
			r.log.append(intBatch(g, 100*i, 100))
			r.wait(300 * time.Millisecond)
		}
		r.wait(time.Second)
		if !slices.Equal(r.sink.got, upTo(0, 500)) {
			t.Errorf("delivered %v", r.sink.got)
		}
		if !slices.IsSorted(r.log.acks) || r.log.acked() != 500 {
			t.Errorf("acknowledged %v, want up to 500", r.log.acks)
		}
		s := r.f.Stats()
		if s.Delivered != 500 || s.Rejected != 0 || s.Behind != 0 || !s.Connected || !s.OldestUnack.IsZero() {
			t.Errorf("stats %+v", s)
		}
		if err := r.stop(); err != nil {
			t.Errorf("Run = %v, want nil after its context ended", err)
		}
	})
}

func TestForwarderSendsAloneWhatNothingFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.start(ForwarderOptions{Flush: time.Second})
		begin := time.Now()
		r.log.append(intBatch(testGroup("a", 1), 0, 1))
		r.wait(time.Minute)
		if len(r.sink.times) != 1 || r.sink.times[0].Sub(begin) != time.Second {
			t.Errorf("sent after %v, want after the flush time", r.sink.times[0].Sub(begin))
		}
		r.stop()
	})
}

func TestForwarderPassesOverWhatDoesNotMatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		patterns, err := mapping.ParsePatterns([]string{"b/*", "!b/t1"})
		if err != nil {
			t.Fatal(err)
		}
		r.start(ForwarderOptions{Match: NewMatch(patterns)})
		r.log.append(intBatch(testGroup("a", 10), 0, 10))
		r.wait(time.Minute)
		if r.log.acked() != 10 || len(r.sink.sizes) != 0 {
			t.Errorf("acknowledged %d with %d requests, want 10 with none", r.log.acked(), len(r.sink.sizes))
		}
		r.log.append(intBatch(testGroup("b", 3), 20, 3))
		r.wait(time.Minute)
		if !slices.Equal(r.sink.got, []uint64{20, 22}) {
			t.Errorf("delivered %v, want 20 and 22", r.sink.got)
		}
		r.stop()
	})
}

func TestForwarderGrowsBatchesWhileBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		for range 500 {
			r.log.append(intBatch(testGroup("a", 10), 0, 10))
		}
		r.start(ForwarderOptions{Batch: 10})
		r.wait(time.Minute)
		r.log.append(intBatch(testGroup("a", 10), 0, 10))
		r.wait(time.Minute)
		if most := slices.Max(r.log.asked); most != 10*growth {
			t.Errorf("took up to %d at a time, want %d", most, 10*growth)
		}
		if last := r.log.asked[len(r.log.asked)-1]; last != 10 {
			t.Errorf("still takes %d at a time when it has caught up, want 10", last)
		}
		if r.logged("backlog began") != 1 || r.logged("backlog delivered") != 1 {
			t.Errorf("log:\n%s", r.output.String())
		}
		r.stop()
	})
}

func TestForwarderGivesANewSinkPresentValuesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		g := testGroup("a", 3)
		r.log.append(intBatch(g, 10, 3))
		r.start(ForwarderOptions{Fresh: true, Present: func(yield func(*mapping.Batch)) { yield(intBatch(g, 90, 3)) }})
		r.wait(time.Minute)
		if !slices.Equal(r.sink.got, []uint64{90, 91, 92, 10, 11, 12}) {
			t.Errorf("delivered %v", r.sink.got)
		}
		if s := r.f.Stats(); s.Delivered != 3 || s.Present != 3 {
			t.Errorf("counted %d delivered and %d present, want 3 and 3", s.Delivered, s.Present)
		}
		r.stop()
	})
}

// TestForwarderTakesPresentValuesBeforeItRuns has a value read between the making of the forwarder and its running: it
// is in the log, and is delivered from there alone.
func TestForwarderTakesPresentValuesBeforeItRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		g := testGroup("a", 3)
		var last *mapping.Batch
		r.make(ForwarderOptions{Fresh: true, Present: func(yield func(*mapping.Batch)) {
			if last != nil {
				yield(last)
			}
		}})
		last = intBatch(g, 10, 3)
		r.log.append(last)
		r.run()
		r.wait(time.Minute)
		if !slices.Equal(r.sink.got, []uint64{10, 11, 12}) {
			t.Errorf("delivered %v", r.sink.got)
		}
		r.stop()
	})
}

func TestForwarderGivesPresentValuesAfterALoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		g := testGroup("a", 4)
		r.log.append(intBatch(g, 0, 4))
		r.log.gone = 2
		r.start(ForwarderOptions{Present: func(yield func(*mapping.Batch)) { yield(intBatch(g, 90, 1)) }})
		r.wait(time.Minute)
		if !slices.Equal(r.sink.got, []uint64{90, 2, 3}) {
			t.Errorf("delivered %v", r.sink.got)
		}
		if s := r.f.Stats(); s.Lost != 2 || s.Delivered != 2 {
			t.Errorf("counted %d lost and %d delivered, want 2 and 2", s.Lost, s.Delivered)
		}
		r.stop()
	})
}

func TestForwarderEndsWithItsLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.log.broken = errors.New("log is closed")
		r.start(ForwarderOptions{})
		if err := <-r.done; err == nil || !strings.Contains(err.Error(), "sink test: log is closed") {
			t.Errorf("Run = %v", err)
		}
		r.cancel()
	})
}

func TestForwarderGoesOnWhenPositionsAreNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.log.ackErr = errors.New("no space left on device")
		r.start(ForwarderOptions{})
		for i := range 5 {
			r.log.append(intBatch(testGroup("a", 1), i, 1))
			r.wait(10 * time.Second)
		}
		if len(r.sink.got) != 5 || r.logged("no space left") != 1 {
			t.Errorf("delivered %v; log:\n%s", r.sink.got, r.output.String())
		}
		r.stop()
	})
}

func TestForwarderDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.start(ForwarderOptions{Batch: 10, Flush: time.Hour})
		r.log.append(intBatch(testGroup("a", 25), 0, 25))
		r.log.append(intBatch(testGroup("b", 3), 25, 3))
		synctest.Wait()
		begin := time.Now()
		if err := r.f.Drain(t.Context()); err != nil {
			t.Errorf("Drain = %v", err)
		}
		if !slices.Equal(r.sink.got, upTo(0, 28)) || r.log.acked() != 28 || time.Since(begin) > time.Second {
			t.Errorf("delivered %v, acknowledged %d, in %v", r.sink.got, r.log.acked(), time.Since(begin))
		}
		if err := <-r.done; err != nil {
			t.Errorf("Run = %v", err)
		}
		r.cancel()
	})
}

func TestForwarderDrainsNoLongerThanItIsGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.sink.answer = func(*View) (int, error) { return 0, errDown }
		r.start(ForwarderOptions{})
		r.log.append(intBatch(testGroup("a", 1), 0, 1))
		r.wait(10 * time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		begin, tries := time.Now(), len(r.sink.sizes)
		if err := r.f.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 5*time.Second {
			t.Errorf("Drain = %v after %v", err, time.Since(begin))
		}
		if len(r.sink.sizes) == tries || r.sink.times[tries] != begin {
			t.Errorf("the sink did not get another try at once")
		}
		if len(r.log.acks) != 0 {
			t.Errorf("acknowledged %v of what was not delivered", r.log.acks)
		}
		r.cancel()
	})
}
