package drivers

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

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
