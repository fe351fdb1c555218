package drivers

import (
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// A job that is silent by itself has another job of its unit asked before that is taken for dead, one that is read;
// when the link then gives the request up, the unit stays online.
func TestWitnessOfUniqueRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		silent, other := newJob(1, time.Second, 1), sibling(1)
		other.Period = time.Hour
		tries, heard := 0, false
		r.do = func(j *Job, _ int) error {
			switch {
			case time.Since(r.start) < 10*time.Second:
			case j == other:
				heard = tries > 0
			default:
				tries++
				return &NoAnswer{Quality: mapping.BadTimeout, Err: errSilent, Alone: heard, Retry: RetryUnique}
			}
			return nil
		}
		r.run(silent, other)
		r.pass(20 * time.Second)
		if n := len(r.times("sibling")); n != 2 {
			t.Errorf("the other job was read %d times, want at the start and as a witness", n)
		}
		if tries != 12 {
			t.Errorf("%d tries, want 3 and then one a second", tries)
		}
		if d := r.device("u1"); d.State != Online || d.Errors[ErrorTimeout] != uint64(tries) {
			t.Errorf("device %+v, want online with %d timeouts", d, tries)
		}
	})
}

// A unit of two jobs that dies is offline after the tries of one and one of the other.
func TestWitnessOfDeadUnit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		a, b := newJob(1, time.Second, 1), sibling(1)
		b.Period = time.Hour
		dead := false
		r.do = func(*Job, int) error {
			if dead {
				return &NoAnswer{Quality: mapping.BadTimeout, Err: errSilent, Retry: RetryUnique}
			}
			return nil
		}
		r.run(a, b)
		r.pass(10 * time.Second)
		dead = true
		r.forget()
		r.pass(time.Second)
		if len(r.calls) != 3 || r.calls[2].job != "sibling" {
			t.Errorf("exchanges %v, want two of u1 and one of its sibling", r.calls)
		}
		if d := r.device("sibling"); d.State != Offline || d.BadTags != 1 {
			t.Errorf("device %+v, want offline", d)
		}
	})
}

// Without retries a job that has something else to ask is asked once more.
func TestRetryThatAsksSomethingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		j := newJob(1, time.Second, 1)
		j.Device.Retries = 0
		missed := false
		r.do = func(*Job, int) error {
			if len(r.calls) == 3 && !missed {
				missed = true
				return &NoAnswer{Quality: mapping.BadTimeout, Err: errSilent, Retry: RetryOther}
			}
			return nil
		}
		r.run(j)
		r.pass(5 * time.Second)
		if d := r.device("u1"); d.State != Online || !missed {
			t.Errorf("device %+v, want online", d)
		}
		for _, q := range r.qualities("u1", 0) {
			if q != mapping.Good {
				t.Errorf("sent %v, want good only", q)
			}
		}
	})
}
