package drivers

import (
	"errors"
	"slices"
	"strings"
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

// probes is how many exchanges were of the first n units.
func (r *rig) probes(n int) (count int) {
	for _, j := range tenUnits(time.Second)[:n] {
		count += len(r.times(j.Device.Name))
	}
	return count
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

// One lost answer costs a retry and no bad sample.
func TestOneMissIsRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		missed := false
		r.do = func(*Job, int) error {
			if len(r.calls) == 3 && !missed {
				missed = true
				return &NoAnswer{mapping.BadTimeout, errSilent}
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

// A unit that answers again is back within one probe, and all of its jobs are read at once.
func TestRecovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		slow, fast, other := newJob(1, time.Hour, 1), newJob(1, time.Second, 1), newJob(2, time.Second, 1)
		fast.Device = slow.Device
		r.run(slow, fast, other)
		r.pass(10 * time.Second)
		r.dead[1] = 100 * ms
		r.pass(10 * time.Minute)
		delete(r.dead, 1)
		r.forget()
		r.pass(31 * time.Second)
		got := r.times("u1")
		if len(got) < 2 || got[0] != got[1] {
			t.Fatalf("after the return reads at %v, want probe and both jobs at once", got)
		}
		d := r.device("u1")
		if d.State != Online || d.Error != "" || d.Missed < 590 || d.Missed > 640 {
			t.Errorf("device %+v, want online and about 600 missed polls", d)
		}
		logs := r.logs.String()
		if n := strings.Count(logs, "device offline"); n != 1 {
			t.Errorf("%d lines of device offline, want 1:\n%s", n, logs)
		}
		if !strings.Contains(logs, `msg="device online" endpoint="" device=u1 outage=10m`) {
			t.Errorf("log has no outage:\n%s", logs)
		}
	})
}

// Alone on its lane, a dead unit is asked at its period, at most 5 s apart.
func TestProbeAlone(t *testing.T) {
	for _, c := range []struct{ period, gap time.Duration }{
		{time.Second, 1100 * ms}, {time.Minute, 5100 * ms},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, LaneOptions{})
			r.dead[1] = 100 * ms
			r.run(newJob(1, c.period, 1))
			r.pass(time.Minute)
			times := r.times("u1")
			for i := 3; i < len(times); i++ {
				if gap := times[i] - times[i-1]; gap != c.gap {
					t.Errorf("period %v: probes %v apart, want %v", c.period, gap, c.gap)
				}
			}
			if len(times) < 10 {
				t.Errorf("period %v: probed at %v", c.period, times)
			}
		})
	}
}

// A gateway that answers for a dead unit with an exception costs nothing, yet its tags say so, and change when it does.
func TestQualityOfSilenceChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		q := mapping.BadNoCommunication
		r.do = func(j *Job, _ int) error {
			if j.Device.UnitID == 1 {
				return &NoAnswer{q, errors.New("exception 11")}
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

// A unit that never answers to one of its exchanges does not come and go all the time.
func TestRelapsesAreDamped(t *testing.T) {
	for _, others := range []int{0, 1} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, LaneOptions{})
			r.steps["u1"] = 2
			r.do = func(j *Job, step int) error {
				if step == 1 {
					return &NoAnswer{mapping.BadTimeout, errSilent}
				}
				return nil
			}
			jobs := []*Job{newJob(1, time.Second, 2)}
			for range others {
				jobs = append(jobs, newJob(2, time.Second, 1))
			}
			r.run(jobs...)
			r.pass(10 * time.Minute)
			if n := strings.Count(r.logs.String(), "device=u1"); n < 10 || n > 60 {
				t.Errorf("%d changes in 10 minutes, want one in 30 s at last", n)
			}
		})
	}
}

func TestOverloadIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.cost = 1100 * ms
		r.run(newJob(1, time.Second, 1))
		r.pass(10 * time.Minute)
		r.cost = 10 * ms
		r.pass(5 * time.Minute)
		logs := r.logs.String()
		if strings.Count(logs, "line overloaded") != 1 || strings.Count(logs, "line keeps up again") != 1 {
			t.Errorf("want each once:\n%s", logs)
		}
	})
}

// A link that does not return from an exchange is noticed.
func TestStuckLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.run(newJob(1, time.Second, 1), newJob(2, time.Hour, 1))
		r.pass(time.Hour)
		if d := r.lane.Line().Overdue; d != 0 {
			t.Errorf("a lane that reads is overdue by %v", d)
		}
		r.cost = 10 * time.Minute
		r.pass(5 * time.Minute)
		if d := r.lane.Line().Overdue; d < 4*time.Minute {
			t.Errorf("a stuck lane is overdue by %v, want minutes", d)
		}
	})
}
