package drivers

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

func tenUnits(period time.Duration) (jobs []*Job) {
	for u := range 10 {
		jobs = append(jobs, newJob(u+1, period, 1))
	}
	return jobs
}

// Five dead units of ten, 300 ms timeout: live ones are late by one timeout and one exchange at most, from the second
// read on, and keep their rate; all probing takes its share at most.
func TestDeadUnitsAmongLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.cost = 20 * ms
		for u := 1; u <= 5; u++ {
			r.dead[u] = 300 * ms
		}
		jobs := tenUnits(time.Second)
		r.run(jobs...)
		r.pass(2 * time.Minute)
		for _, j := range jobs[5:] {
			times := r.times(j.Device.Name)
			if times[0] > 1600*ms {
				t.Errorf("%s first read at %v, want each dead unit tried at most once before", j.Device.Name, times[0])
			}
			for _, at := range times[2:] {
				if late := (at - offset(j)) % time.Second; late > 400*ms {
					t.Errorf("%s read at %v, %v late, want one timeout at most", j.Device.Name, at, late)
				}
			}
			if d := r.device(j.Device.Name); d.Late > 0 || d.Polls < 118 {
				t.Errorf("%s: %d polls, %d late, want all", j.Device.Name, d.Polls, d.Late)
			}
		}
		r.forget()
		r.pass(5 * time.Minute)
		for u := 1; u <= 5; u++ {
			if n := len(r.times(jobs[u-1].Device.Name)); n < 5 || n > 12 {
				t.Errorf("dead unit %d was probed %d times in 5 minutes, want 5 to 12", u, n)
			}
		}
		if lost := 300 * ms * time.Duration(r.probes(5)); lost > 16*time.Second {
			t.Errorf("probes took %v of 5 minutes, want 5 %%", lost)
		}
	})
}

func TestRetriesThenOffline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		j := newJob(1, time.Second, 2)
		j.Device.Retries = 2
		r.run(j)
		r.pass(3 * time.Second)
		r.dead[1] = 100 * ms
		r.forget()
		r.pass(1250 * ms)
		if n := len(r.calls); n != 3 {
			t.Errorf("%d exchanges without an answer, want 3 tries", n)
		}
		want := []mapping.Quality{mapping.BadTimeout}
		if got := r.qualities("u1", 1); !slices.Equal(got, want) {
			t.Errorf("qualities %v, want %v", got, want)
		}
		if s := r.sent[0].samples[0]; s.Time != r.start.Add(r.sent[0].at).UnixNano() {
			t.Errorf("the bad sample has time %v, want that of the failure", time.Unix(0, s.Time))
		}
		if d := r.device("u1"); d.State != Offline || d.BadTags != 2 || d.Error != errSilent.Error() || d.Errors[ErrorTimeout] != 3 {
			t.Errorf("device %+v, want offline, 2 bad tags, 3 timeouts", d)
		}
	})
}

// After a miss the other jobs of the unit, too, give way to live ones that are due.
func TestUnitGivesWayAsAWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		a, b := newJob(1, time.Second, 1), newJob(1, time.Second, 1)
		b.Device = a.Device
		c := newJob(2, time.Second, 1)
		for u := 3; offset(c) != offset(a); u++ {
			c = newJob(u, time.Second, 1)
		}
		r.run(a, b, c)
		r.pass(10*time.Second + offset(a) - ms)
		r.dead[1] = 100 * ms
		r.forget()
		r.pass(time.Second)
		if len(r.calls) < 3 || r.calls[0].job != "u1" || r.calls[1].job != c.Device.Name {
			t.Errorf("exchanges %v, want u1 to miss and the live one next", r.calls)
		}
	})
}

// One lost answer costs a retry and no bad sample.
func TestOneMissIsRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		missed := false
		r.do = func(*Job, int) error {
			if len(r.calls) == 3 && !missed {
				missed = true
				return &NoAnswer{Quality: mapping.BadTimeout, Err: errSilent}
			}
			return nil
		}
		r.run(newJob(1, time.Second, 1))
		r.pass(5 * time.Second)
		for _, q := range r.qualities("u1", 0) {
			if q != mapping.Good {
				t.Errorf("sent %v, want good only", q)
			}
		}
		if r.calls[2].at != r.calls[3].at {
			t.Errorf("retried at %v, want at once after %v", r.calls[3].at, r.calls[2].at)
		}
	})
}

// A gateway that answers for a dead unit with an exception costs nothing, yet its tags say so, and change when it does.
func TestQualityOfSilenceChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		q := mapping.BadNoCommunication
		r.do = func(j *Job, _ int) error {
			if j.Device.UnitID == 1 {
				return &NoAnswer{Quality: q, Err: errors.New("exception 11")}
			}
			return nil
		}
		r.run(newJob(1, time.Second, 1), newJob(2, time.Second, 1))
		r.pass(time.Minute)
		q = mapping.BadTimeout
		r.pass(time.Minute)
		want := []mapping.Quality{mapping.BadNoCommunication, mapping.BadTimeout}
		if got := r.qualities("u1", 0); !slices.Equal(got, want) {
			t.Errorf("qualities %v, want %v", got, want)
		}
	})
}

// On a line that is never idle a unit in doubt still gets its tries, within the share.
func TestDoubtOnSaturatedLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.cost = 200 * ms
		r.dead[1] = 300 * ms
		r.run(tenUnits(time.Second)...)
		r.pass(30 * time.Second)
		if d := r.device("u1"); d.State != Offline {
			t.Errorf("dead unit is %v after 30 s, want offline", d.State)
		}
		delete(r.dead, 1)
		r.pass(40 * time.Second)
		if d := r.device("u1"); d.State != Online {
			t.Errorf("unit that returned is %v after 40 s, want online", d.State)
		}
	})
}
