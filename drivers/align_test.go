package drivers

import (
	"testing"
	"testing/synctest"
	"time"
)

// stepped makes the wall clock of r run ahead by step from now on.
func (r *rig) stepped(step *time.Duration) {
	r.lane.wall = func(t time.Time) int64 {
		r.fence.Add(1)
		return t.Add(*step).UnixNano()
	}
}

func TestAlignedInUTC(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(123456789) // the origin is no whole second
		r := newRig(t, LaneOptions{})
		j := newJob(1, 5*time.Second, 1)
		j.Align = true
		r.run(j)
		r.pass(time.Minute)
		times := r.times("u1")
		for _, at := range times[1:] {
			if wall := r.start.Add(at).UnixNano(); wall%int64(5*time.Second) != 0 {
				t.Errorf("read at %v, want whole multiples of 5 s", r.start.Add(at))
			}
		}
		if len(times) != 13 {
			t.Errorf("%d reads in a minute, want 13", len(times))
		}
	})
}

// After a step of the wall clock the phase is taken up again within two intervals, none of which is a gap or a burst.
func TestAlignedAfterClockStep(t *testing.T) {
	for _, step := range []time.Duration{
		3 * time.Second, -3 * time.Second, 4900 * ms, 10*365*24*time.Hour + 1234*ms, -1100*time.Hour - 5*time.Second, 200 * ms,
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, LaneOptions{})
			var ahead time.Duration
			r.stepped(&ahead)
			j := newJob(1, 10*time.Second, 1)
			j.Align = true
			r.run(j)
			r.pass(time.Minute + 5*time.Second)
			ahead = step
			r.forget()
			r.pass(2 * time.Minute)
			times := r.times("u1")
			for i, at := range times {
				if i > 0 && (at-times[i-1] < 7500*ms || at-times[i-1] > 12500*ms) {
					t.Errorf("step %v: %v between two reads, want 7.5 to 12.5 s", step, at-times[i-1])
				}
				if wall := r.start.Add(at + ahead).UnixNano(); i > 2 && wall%int64(10*time.Second) != 0 {
					t.Errorf("step %v: read %d at %v, want whole multiples again", step, i, time.Unix(0, wall).UTC())
				}
			}
		})
	}
}

// A daily job that was planned by a wrong clock does not wait for the next day to notice.
func TestLongAlignedFollowsClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		var ahead time.Duration
		r.stepped(&ahead)
		j := newJob(1, 24*time.Hour, 1)
		j.Align = true
		r.run(j)
		r.pass(time.Hour)
		ahead = 5*365*24*time.Hour + 7*time.Hour
		r.pass(17 * time.Hour)
		if got := r.times("u1"); len(got) != 2 || got[1] != 17*time.Hour {
			t.Errorf("read at %v, want at the corrected clock's midnight, after 17h", got)
		}
	})
}

// Schedules that are not aligned do not know of the wall clock; samples carry it.
func TestClockStepUnaligned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		var ahead time.Duration
		r.stepped(&ahead)
		j := newJob(1, time.Second, 1)
		r.run(j)
		r.pass(10 * time.Second)
		ahead = -time.Hour
		r.forget()
		r.pass(10 * time.Second)
		if n := len(r.calls); n != 10 {
			t.Errorf("%d reads in 10 s after the step, want 10", n)
		}
		for _, b := range r.sent {
			if want := r.start.Add(b.at - time.Hour).UnixNano(); b.samples[0].Time != want {
				t.Errorf("sample has time %v, want the wall clock's", time.Unix(0, b.samples[0].Time))
			}
		}
	})
}
