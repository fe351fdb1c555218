package drivers

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// Nine dead units of ten with a timeout of 1 s: together they get 5 % of the time, each of them its share of that.
func TestProbeShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		for u := 1; u <= 9; u++ {
			r.dead[u] = time.Second
		}
		jobs := tenUnits(time.Second)
		jobs[0] = newJob(1, time.Minute, 1)
		r.run(jobs...)
		r.pass(time.Minute)
		r.forget()
		r.pass(20 * time.Minute)
		if n := r.probes(9); n < 55 || n > 61 {
			t.Errorf("%d probes of 1 s in 20 minutes, want 5 %% of the time", n)
		}
		for _, j := range tenUnits(time.Second)[:9] {
			if n := len(r.times(j.Device.Name)); n < 6 || n > 7 {
				t.Errorf("%s was probed %d times, want 6 or 7", j.Device.Name, n)
			}
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
		for _, at := range got[2:] {
			if at%time.Second != offset(fast) {
				t.Errorf("read at %v after the return, want phase %v", at, offset(fast))
			}
		}
		d := r.device("u1")
		if d.State != Online || d.Error != "" || d.Late != 0 || d.Missed < 590 || d.Missed > 640 {
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

// A unit that never answers to one of its exchanges does not come and go all the time.
func TestRelapsesAreDamped(t *testing.T) {
	for _, others := range []int{0, 1} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, LaneOptions{})
			r.steps["u1"] = 2
			r.do = func(j *Job, step int) error {
				if step == 1 {
					return &NoAnswer{Quality: mapping.BadTimeout, Err: errSilent}
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

// A unit on a noisy line, that answers all it is asked between its outages, is probed as soon as ever.
func TestNoiseIsNoRelapse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		n := 0
		r.do = func(*Job, int) error {
			if n++; n%10 < 2 { // twice in a row
				return &NoAnswer{Quality: mapping.BadTimeout, Err: errSilent}
			}
			return nil
		}
		r.run(newJob(1, time.Second, 1))
		r.pass(10 * time.Minute)
		if d := r.device("u1"); d.Polls < 450 || d.Errors[ErrorTimeout] < 90 {
			t.Errorf("%d polls, %d timeouts in 10 minutes, want three quarters of 600 and an outage every ten", d.Polls, d.Errors[ErrorTimeout])
		}
	})
}

// The jobs of an offline unit take turns as its probe: one that is never answered does not hide that others are.
func TestProbesRotate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.dead[1] = 10 * ms
		a, b := newJob(1, time.Second, 1), sibling(1)
		r.run(a, b)
		r.pass(time.Second)
		r.forget()
		r.pass(10 * time.Second)
		if x, y := len(r.times("u1")), len(r.times("sibling")); x < 4 || y < 4 {
			t.Errorf("probed with one job %d times, with the other %d, want them in turn", x, y)
		}
	})
}

// sibling is a job of another device with the unit's number.
func sibling(unit int) *Job {
	j := newJob(unit, time.Second, 1)
	j.Device = &Device{Name: "sibling", UnitID: unit, Retries: 1}
	j.Group = mapping.NewGroup(mapping.Group{Device: "sibling", Series: j.Group.Series})
	j.Filter = mapping.NewFilter(j.Group, make([]mapping.Rule, 1))
	return j
}

// The last live unit that goes, by dying or by Apply, leaves the line to the probes of the others.
func TestNobodyLeftToDisturb(t *testing.T) {
	for _, removed := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, LaneOptions{})
			a, b := newJob(1, time.Second, 1), newJob(2, time.Second, 1)
			r.dead[1] = 500 * ms
			r.run(a, b)
			r.pass(time.Minute)
			if removed {
				r.lane.Apply([]*Job{a})
			} else {
				r.dead[2] = 100 * ms
			}
			r.pass(time.Minute)
			r.forget()
			r.pass(time.Minute)
			if n := len(r.times("u1")); n < 30 {
				t.Errorf("removed %v: %d probes in a minute, want one every 1.5 s", removed, n)
			}
		})
	}
}
