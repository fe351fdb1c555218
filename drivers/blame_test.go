package drivers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

var errHungUp = errors.New("connection reset by peer")

// storm is the most connections that were opened in any ten seconds.
func (r *rig) storm() (most int) {
	for i := range r.openings {
		n := 0
		for _, at := range r.openings[i:] {
			if at-r.openings[i] < 10*time.Second {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// wantGood checks that tag 0 of the device was good in all that was sent, and how often at least.
func (r *rig) wantGood(device string, least int) {
	r.Helper()
	q := r.qualities(device, 0)
	if bad := slices.IndexFunc(q, mapping.Quality.IsBad); bad >= 0 || len(q) < least {
		r.Errorf("%s: %d samples, the first bad one %d, want %d good ones", device, len(q), bad, least)
	}
}

// A gateway that hangs up for a dead unit costs that unit alone, with few connections, and the unit comes back.
func TestUnitThatBreaksTheLink(t *testing.T) {
	for ill := 1; ill <= 3; ill++ { // the first, one between others, the last
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, LaneOptions{})
			r.do = func(j *Job, _ int) error {
				if j.Device.UnitID == ill {
					return errHungUp
				}
				return nil
			}
			var jobs []*Job
			var well []string
			for u := 1; u <= 3; u++ {
				jobs = append(jobs, newJob(u, time.Second, 1))
				if u != ill {
					well = append(well, jobs[u-1].Device.Name)
				}
			}
			r.run(jobs...)
			r.pass(5 * time.Second)
			r.forget()
			r.pass(time.Minute)
			for _, name := range well {
				r.wantGood(name, 58)
			}
			name := jobs[ill-1].Device.Name
			if d := r.device(name); d.State != Offline || !strings.Contains(d.Error, "reset by peer") || d.Errors[ErrorConnection] == 0 {
				t.Errorf("ill unit %d: %+v, want offline with the reason", ill, d)
			}
			if n := r.storm(); n > 4 {
				t.Errorf("ill unit %d: %d connections in 10 s at %v, want the first and 3 at most", ill, n, r.openings)
			}
			r.do = nil
			r.pass(45 * time.Second)
			if d := r.device(name); d.State != Online {
				t.Errorf("ill unit %d: %v after its return, want online", ill, d.State)
			}
		})
	}
}

// A unit that is asked once an hour does not go bad because another one breaks a link that nobody else uses.
func TestBreakingProbeBetweenRarePolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.run(newJob(1, time.Second, 1), newJob(2, time.Hour, 1))
		r.pass(20 * time.Second)
		r.do = func(j *Job, _ int) error {
			if j.Device.UnitID == 1 {
				return errHungUp
			}
			return nil
		}
		r.pass(90 * time.Minute)
		r.wantGood("u2", 2)
		if n := r.storm(); n > 3 {
			t.Errorf("%d connections in 10 s, want 3 at most", n)
		}
	})
}

// A peer that closes after each answer is mended each time, at nobody's cost.
func TestPeerThatClosesAfterEachAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		used := 0
		r.do = func(*Job, int) error {
			if used == r.opens {
				return errHungUp
			}
			used = r.opens
			return nil
		}
		a, b, c := newJob(1, time.Second, 4), newJob(2, time.Second, 1), newJob(3, 100*ms, 1)
		r.steps["u1"] = 4
		r.cost = 10 * ms
		r.run(a, b, c)
		r.pass(time.Minute)
		r.wantGood("u1", 59)
		r.wantGood("u2", 59)
		r.wantGood("u3", 590)
	})
}

// A host that breaks whatever is asked is down, and asked with growing pauses; it is not its units that are dead.
func TestHostThatBreaksEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		var jobs []*Job
		for u := range 5 {
			jobs = append(jobs, newJob(u+1, time.Second, 1))
		}
		r.run(jobs...)
		r.pass(20 * time.Second)
		r.openings = nil
		r.do = func(*Job, int) error { return errHungUp }
		r.pass(5 * time.Minute)
		if n := r.storm(); n > 3 || len(r.openings) > 25 {
			t.Errorf("%d connections in 10 s, %d in 5 minutes, want 3 and growing pauses", n, len(r.openings))
		}
		for _, j := range jobs {
			if d := r.device(j.Device.Name); d.State != Disconnected {
				t.Errorf("%s is %v, want disconnected", d.Name, d.State)
			}
		}
		r.do = nil
		r.forget()
		r.pass(35 * time.Second)
		for _, j := range jobs {
			if got := r.qualities(j.Device.Name, 0); len(got) == 0 || got[0] != mapping.Good {
				t.Errorf("%s: %v after the return, want good", j.Device.Name, got)
			}
		}
	})
}

// A job of a link that pushes breaks it again and again: it is set aside, and its tags say why. What others push goes on.
func TestJobThatBreaksALinkThatPushes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := newPusher(t)
		ill, well := newJob(1, 10*time.Second, 1), sibling(1)
		r.steps["u1"] = 2
		broken := true
		r.do = func(j *Job, step int) error {
			if j == ill && step == 1 && broken {
				return errHungUp
			}
			return nil
		}
		r.run(well, ill)
		r.pass(30 * time.Second)
		r.forget()
		r.openings = nil
		r.pass(10 * time.Minute)
		r.wantGood("sibling", 590)
		if n := r.storm(); n > 3 || len(r.openings) > 10 {
			t.Errorf("%d connections in 10 s, %d in 10 minutes, want growing pauses", n, len(r.openings))
		}
		for tag := range r.lane.Tags("u1") {
			if !tag.Sample.Quality.IsBad() || !strings.Contains(tag.Error, "reset by peer") {
				t.Errorf("tag is %v because of %q, want bad with the reason", tag.Sample.Quality, tag.Error)
			}
		}
		if n := strings.Count(r.logs.String(), "set aside"); n != 1 {
			t.Errorf("said %d times, want once:\n%s", n, r.logs)
		}
		broken = false
		r.pass(11 * time.Minute)
		if got := r.qualities("u1", 0); len(got) == 0 || got[len(got)-1] != mapping.Good {
			t.Errorf("qualities %v after the return, want good", got)
		}
	})
}

// A session that takes its subscriptions and then breaks is not online: the pauses grow, tags are bad, the log says why.
func TestSessionThatBreaksSoon(t *testing.T) {
	for _, delivers := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r, p := newPusher(t)
			a, b := newJob(1, time.Hour, 1), newJob(2, time.Hour, 1)
			if !delivers { // as subscribing does: the values are to be pushed
				r.steps["u1"], r.steps["u2"] = 2, 2
				a.Group, b.Group = newJob(1, time.Hour, 0).Group, newJob(2, time.Hour, 0).Group
			}
			r.openAs = func() error {
				time.AfterFunc(100*ms, func() { p.c <- push{err: errors.New("answer of more than 16770816 bytes")} })
				return nil
			}
			r.run(a, b)
			r.pass(5 * time.Minute)
			if n := r.storm(); n > 4 || r.opens > 20 {
				t.Errorf("delivers %v: %d connections in 10 s, %d in 5 minutes, want growing pauses", delivers, n, r.opens)
			}
			if d := r.device("u1"); d.State != Disconnected || !strings.Contains(d.Error, "16770816") {
				t.Errorf("delivers %v: device %+v, want disconnected with the reason", delivers, d)
			}
			said := strings.Contains(r.logs.String(), "answer of more than")
			online := strings.Contains(r.logs.String(), "device online")
			if !said || online != delivers {
				t.Errorf("delivers %v: the log says why: %v, online: %v:\n%s", delivers, said, online, r.logs)
			}
		})
	}
}

// The log has each reason of an outage, once as long as it is the same.
func TestReasonOfAnOutageChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.run(newJob(1, time.Second, 1))
		r.pass(5 * time.Second)
		r.openAs = func() error { return errRefused }
		r.do = func(*Job, int) error { return errHungUp }
		r.pass(time.Minute)
		r.openAs = func() error { return fmt.Errorf("certificate %d is not trusted", r.opens) }
		r.pass(5 * time.Minute)
		logs := r.logs.String()
		if strings.Count(logs, "connection refused") != 1 || strings.Count(logs, "is not trusted") != 1 {
			t.Errorf("want each reason once:\n%s", logs)
		}
		if d := r.device("u1"); !strings.Contains(d.Error, "is not trusted") {
			t.Errorf("error %q, want the present one", d.Error)
		}
	})
}

func TestReasonOfASilentUnitChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		says := &NoAnswer{Quality: mapping.BadTimeout, Err: errSilent}
		r.do = func(*Job, int) error { return says }
		r.run(newJob(1, time.Second, 1))
		r.pass(time.Minute)
		says = &NoAnswer{Quality: mapping.BadNoCommunication, Err: errors.New("gateway path unavailable")}
		r.pass(time.Minute)
		if n := strings.Count(r.logs.String(), "gateway path unavailable"); n != 1 {
			t.Errorf("the new reason was said %d times, want once:\n%s", n, r.logs)
		}
	})
}
