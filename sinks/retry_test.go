package sinks

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestForwarderRetriesWithGrowingPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		down := true
		r.sink.answer = func(v *View) (int, error) {
			if down {
				return 0, errDown
			}
			return v.Len(), nil
		}
		r.start(ForwarderOptions{})
		r.log.append(intBatch(testGroup("a", 3), 1, 3))
		r.wait(30 * time.Minute)
		if s := r.f.Stats(); s.Connected || s.Error != errDown.Error() || s.Delivered != 0 || s.OldestUnack.IsZero() {
			t.Errorf("stats while down: %+v", s)
		}
		for i := 1; i < len(r.sink.times); i++ {
			pause := r.sink.times[i].Sub(r.sink.times[i-1])
			most := steps[min(i-1, len(steps)-1)]
			if pause < most/2 || pause > most {
				t.Errorf("pause %d is %v, want %v to %v", i, pause, most/2, most)
			}
		}
		if n := len(r.sink.times); n < 60 || n > 150 {
			t.Errorf("%d tries in half an hour", n)
		}
		r.change(func() { down = false })
		r.wait(time.Minute)
		if !slices.Equal(r.sink.got, upTo(1, 4)) || r.log.acked() != 3 {
			t.Errorf("delivered %v, acknowledged %d", r.sink.got, r.log.acked())
		}
		if r.logged("sink offline") != 1 || r.logged("sink online") != 1 {
			t.Errorf("log:\n%s", r.output.String())
		}
		if s := r.f.Stats(); !s.Connected || s.Error != "" || s.Retries != uint64(len(r.sink.times)-1) {
			t.Errorf("stats after: %+v", s)
		}
		r.stop()
	})
}

func TestForwarderWaitsAsLongAsItIsAsked(t *testing.T) {
	for asked, atMost := range map[time.Duration]time.Duration{
		45 * time.Second: 50 * time.Second,
		3 * time.Hour:    11 * time.Minute,
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.sink.answer = func(v *View) (int, error) {
				if len(r.sink.sizes) == 1 {
					return 0, &Fault{After: asked, Err: errDown}
				}
				return v.Len(), nil
			}
			r.start(ForwarderOptions{})
			r.log.append(intBatch(testGroup("a", 3), 0, 3))
			r.wait(time.Hour)
			if pause := r.sink.times[1].Sub(r.sink.times[0]); pause < min(asked, pauseAsked) || pause > atMost {
				t.Errorf("asked for %v, waited %v", asked, pause)
			}
			r.stop()
		})
	}
}

func TestForwarderHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.sink.answer = func(*View) (int, error) { return 0, &Fault{Action: Hold, Err: errDown} }
		r.start(ForwarderOptions{})
		r.log.append(intBatch(testGroup("a", 3), 0, 3))
		r.wait(time.Hour)
		if n := r.logged("level=ERROR"); n != 1 || len(r.log.acks) != 0 || r.f.Stats().Rejected != 0 {
			t.Errorf("%d errors logged, want 1:\n%s", n, r.output.String())
		}
		if n := len(r.sink.times); n < 100 {
			t.Errorf("%d tries in an hour: the sink is not noticed when it has been mended", n)
		}
		r.stop()
	})
}

func TestForwarderShrinksForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		most := 30
		r.sink.answer = func(v *View) (int, error) {
			if v.Len() > most {
				return 0, &Fault{Action: Shrink, Err: errDown}
			}
			return v.Len(), nil
		}
		r.start(ForwarderOptions{Batch: 100})
		g := testGroup("a", 100)
		for i := range 3 {
			r.log.append(intBatch(g, 100*i, 100))
			r.wait(time.Minute)
		}
		if want := []int{100, 50, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25}; !slices.Equal(r.sink.sizes, want) {
			t.Errorf("requests of %v, want %v", r.sink.sizes, want)
		}
		if !slices.Equal(r.sink.got, upTo(0, 300)) {
			t.Errorf("delivered %v", r.sink.got)
		}
		// The size is tried again ever more rarely while it is still too large, and comes back when it is not.
		r.change(func() { r.sink.sizes = nil })
		for i := 3; i < 203; i++ {
			r.log.append(intBatch(g, 100*i, 100))
			r.wait(time.Minute)
		}
		large := 0
		for _, n := range r.sink.sizes {
			if n > most {
				large++
			}
		}
		if large < 2 || large > 6 {
			t.Errorf("%d of %d requests were too large, want a few", large, len(r.sink.sizes))
		}
		r.change(func() { most = 1000 })
		for i := 203; i < 1500; i++ {
			r.log.append(intBatch(g, 100*i, 100))
			r.wait(time.Minute)
		}
		if last := r.sink.sizes[len(r.sink.sizes)-1]; last != 100 {
			t.Errorf("the last request is of %d, want 100", last)
		}
		if !slices.Equal(r.sink.got, upTo(0, 150000)) {
			t.Errorf("%d samples were delivered, or not in order", len(r.sink.got))
		}
		r.stop()
	})
}

func TestForwarderRejectsASampleThatIsTooLargeAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.sink.answer = func(v *View) (int, error) {
			if v.Len() == 1 && v.Batches[0].Samples[0].Bits != 1 {
				return 1, nil
			}
			return 0, &Fault{Action: Shrink, Err: errDown}
		}
		r.start(ForwarderOptions{})
		r.log.append(intBatch(testGroup("a", 4), 0, 4))
		r.wait(time.Minute)
		if !slices.Equal(r.sink.got, []uint64{0, 2, 3}) || r.f.Stats().Rejected != 1 || r.log.acked() != 4 {
			t.Errorf("delivered %v, rejected %d, acknowledged %d", r.sink.got, r.f.Stats().Rejected, r.log.acked())
		}
		r.stop()
	})
}

func TestForwarderGoesOnBehindWhatWasTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.sink.answer = func(v *View) (int, error) {
			if v.Len() > 3 {
				return 3, errDown
			}
			return v.Len(), nil
		}
		r.start(ForwarderOptions{})
		r.log.append(intBatch(testGroup("a", 10), 0, 10))
		r.wait(time.Minute)
		if !slices.Equal(r.sink.got, upTo(0, 10)) || r.f.Stats().Delivered != 10 {
			t.Errorf("delivered %v, counted %d", r.sink.got, r.f.Stats().Delivered)
		}
		r.stop()
	})
}

// TestBacklogIsReportedWhileItGrows has a sink that is down: that a backlog has begun is said then, not when the sink is
// back.
func TestBacklogIsReportedWhileItGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		down := true
		r.sink.answer = func(v *View) (int, error) {
			if down {
				return 0, errDown
			}
			return v.Len(), nil
		}
		r.start(ForwarderOptions{Batch: 10})
		for i := range 100 {
			r.log.append(intBatch(testGroup("a", 1), i, 1))
			r.wait(time.Second)
		}
		r.wait(time.Minute)
		if r.logged("backlog began") != 1 || r.logged("backlog delivered") != 0 {
			t.Errorf("log while it is down:\n%s", r.output.String())
		}
		r.change(func() { down = false })
		r.wait(time.Minute)
		if r.logged("backlog began") != 1 || r.logged("backlog delivered") != 1 || !slices.Equal(r.sink.got, upTo(0, 100)) {
			t.Errorf("delivered %d, log after:\n%s", len(r.sink.got), r.output.String())
		}
		r.stop()
	})
}
