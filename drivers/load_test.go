package drivers

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// On a line that is never idle, with a dead unit on it, one lost answer costs a live unit a poll and not more.
func TestLostAnswerOnSaturatedLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.cost = 200 * ms
		r.dead[1] = time.Second
		missed := 0
		r.do = func(j *Job, _ int) error {
			if j.Device.UnitID == 5 && time.Since(r.start) > time.Duration(missed+1)*time.Minute {
				missed++
				return &NoAnswer{Quality: mapping.BadTimeout, Err: errSilent}
			}
			return nil
		}
		r.run(tenUnits(time.Second)...)
		r.pass(30 * time.Second)
		r.forget()
		r.pass(10 * time.Minute)
		times := r.times("u5")
		for i := 1; i < len(times); i++ {
			if gap := times[i] - times[i-1]; gap > 4*time.Second {
				t.Errorf("u5 read at %v and not before %v later", times[i-1], gap)
			}
		}
		if missed < 9 {
			t.Errorf("%d answers lost, want one a minute", missed)
		}
	})
}

// At start-up too the tries of dead units keep to their share once live ones are known.
func TestStartOnSaturatedLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.cost = 300 * ms
		for u := 1; u <= 5; u++ {
			r.dead[u] = time.Second
		}
		r.run(tenUnits(time.Second)...)
		r.pass(45 * time.Second)
		if n := r.probes(5); n < 5 || n > 8 {
			t.Errorf("%d tries of 1 s of dead units in 45 s, want one each and then 5 %% of the time", n)
		}
	})
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
		if !strings.Contains(logs, `slow_down="u1 every 1s: 100 %"`) {
			t.Errorf("want the only job to be all of the load, in a minute that had begun before too:\n%s", logs)
		}
	})
}

// A line that was too slow before the lane began is so from then on: it is said when that is over, and how long it was.
func TestOverloadFromBefore(t *testing.T) {
	for cost, want := range map[time.Duration]string{
		1100 * ms: "outage=1h9m",
		10 * ms:   "outage=1h0m",
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			time.Sleep(time.Hour)
			r := newRig(t, LaneOptions{Late: func(string) time.Time { return began }})
			r.cost = cost
			r.run(newJob(1, time.Second, 1))
			r.pass(8*time.Minute + 30*time.Second)
			r.cost = 10 * ms
			r.pass(5 * time.Minute)
			logs := r.logs.String()
			if strings.Contains(logs, "line overloaded") || strings.Count(logs, "line keeps up again") != 1 || !strings.Contains(logs, want) ||
				!strings.Contains(logs, "event=polls-on-time of=[u1]") {
				t.Errorf("want %s once:\n%s", want, logs)
			}
		})
	}
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
		if d := r.lane.Line().Overdue; d < 2*time.Minute {
			t.Errorf("a stuck lane is overdue by %v, want minutes", d)
		}
	})
}
