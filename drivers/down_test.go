package drivers

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestOutageFromBefore has lanes begin with devices that were out of reach before: their outage is told from its beginning,
// whether they are still or not, and however the clock has been set since.
func TestOutageFromBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		time.Sleep(time.Hour)
		r := newRig(t, LaneOptions{Down: func(name string) time.Time {
			switch name {
			case "u1", "u2":
				return began
			case "u3":
				return time.Now().Add(time.Hour)
			}
			return time.Time{}
		}})
		r.dead[1] = 100 * ms
		r.run(newJob(1, time.Second, 1), newJob(2, time.Second, 1), newJob(3, time.Second, 1), newJob(4, time.Second, 1))
		r.pass(5 * time.Second)
		if d := r.device("u1"); d.State != Offline || !d.Since.Equal(began) {
			t.Errorf("u1 is %v since %v, want %v", d.State, d.Since, began)
		}
		for _, line := range []string{
			`msg="device offline" endpoint="" device=u1`, `msg="device online" endpoint="" device=u2 outage=1h0m`, `msg="device online" endpoint="" device=u3 outage=0s`,
			"msg=\"device online\" endpoint=\"\" device=u4\n",
		} {
			if !strings.Contains(r.logs.String(), line) {
				t.Errorf("the log has no %s:\n%s", line, r.logs)
			}
		}
		delete(r.dead, 1)
		r.pass(time.Minute)
		if d := r.device("u1"); d.State != Online || d.Missed < 3600 {
			t.Errorf("u1 is %v, %d polls were missed", d.State, d.Missed)
		}
		if !strings.Contains(r.logs.String(), `msg="device online" endpoint="" device=u1 outage=1h0m`) {
			t.Errorf("the log is\n%s", r.logs)
		}
	})
}

// TestBadFromBefore has tags that were bad before the lane knew them: those that are as bad still are so from then on.
func TestBadFromBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		time.Sleep(time.Hour)
		r := newRig(t, LaneOptions{Bad: func(device, tag string) (time.Time, string) {
			return began, map[string]string{"u1": "", "u2": "BadTimeout", "u3": "BadOutOfRange", "u4": ""}[device]
		}})
		for u := 1; u <= 3; u++ {
			r.dead[u] = 100 * ms
		}
		r.run(newJob(1, time.Second, 1), newJob(2, time.Second, 1), newJob(3, time.Second, 1), newJob(4, time.Second, 1))
		r.pass(5 * time.Second)
		again := map[string]bool{"u1": true, "u2": true} // u3 is bad in another way, u4 is good
		for s := range r.lane.Tags() {
			if device := s.Group.Device; time.Unix(0, s.Since).Equal(began) != again[device] {
				t.Errorf("%s is %v since %v", device, s.Sample.Quality, time.Unix(0, s.Since).Sub(began))
			}
		}
		for u := 1; u <= 3; u++ {
			delete(r.dead, u)
		}
		r.pass(time.Minute)
		r.dead[1] = 100 * ms
		r.pass(time.Minute)
		for s := range r.lane.Tags("u1") {
			if !s.Sample.Quality.IsBad() || time.Unix(0, s.Since).Before(began.Add(time.Hour)) {
				t.Errorf("bad anew, u1 is %v since %v", s.Sample.Quality, time.Unix(0, s.Since).Sub(began))
			}
		}
	})
}

// TestSinceOfTags has a tag go bad and good: it says since when it is what it is, and its turns are counted.
func TestSinceOfTags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.run(newJob(1, time.Second, 1))
		since := func() (at time.Time, turns uint64) {
			for s := range r.lane.Tags() {
				at = time.Unix(0, s.Since)
			}
			r.lane.Turns(func(_ string, _ bool, n uint64) { turns = n })
			return at, turns
		}
		if at, n := since(); at.UnixNano() != 0 || n != 0 {
			t.Errorf("before the first poll: since %v, %d turns", at, n)
		}
		r.pass(10 * time.Second)
		first, n := since()
		if first.After(r.start.Add(2*time.Second)) || n != 1 {
			t.Errorf("good since %v, %d turns", first.Sub(r.start), n)
		}
		r.dead[1] = 100 * ms
		r.pass(20 * time.Second)
		bad, n := since()
		if after := bad.Sub(r.start); after < 10*time.Second || after > 13*time.Second || n != 2 {
			t.Errorf("bad since %v, %d turns", after, n)
		}
	})
}

// TestOfflineSaysWhenHeard has a device that answered go silent, and one that never answers.
func TestOfflineSaysWhenHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		began := time.Now()
		r.dead[2] = 100 * ms
		r.run(newJob(1, time.Second, 1), newJob(2, time.Second, 1))
		r.pass(10 * time.Second)
		times := r.times("u1")
		r.dead[1] = 100 * ms
		r.pass(5 * time.Second)
		heard := fmt.Sprintf(`device=u1 err="no answer in time" event=device-offline heard="[%s`, began.Add(times[len(times)-1]).UTC().Format("2006-01-02 15:04:05"))
		never := `device=u2 err="no answer in time" event=device-offline heard="[0001-01-01 `
		if text := r.logs.String(); !strings.Contains(text, heard) || !strings.Contains(text, never) {
			t.Errorf("the log has no %s, %s:\n%s", heard, never, text)
		}
	})
}
