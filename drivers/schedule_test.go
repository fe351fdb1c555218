package drivers

import (
	"context"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

const ms = time.Millisecond

func TestSlot(t *testing.T) {
	for _, c := range []struct{ period, grid time.Duration }{
		{time.Second, gridStep}, {time.Minute, gridStep}, {1250 * ms, gridStep}, {100 * ms, 100 * ms}, {999 * ms, gridStep},
	} {
		used := map[time.Duration]bool{}
		for i := range 1000 {
			s := slot(newJob(i, c.period, 0).Device.Name, c.period)
			if s < 0 || s >= c.period || s%c.grid != 0 {
				t.Fatalf("slot for period %v = %v, not on the grid of %v", c.period, s, c.grid)
			}
			used[s] = true
		}
		if want := int(c.period / c.grid); len(used) < min(want, 250) {
			t.Errorf("1000 devices of period %v use %d slots of %d", c.period, len(used), want)
		}
	}
	if a, b := slot("boiler", time.Second), slot("boiler", 10*time.Second)%time.Second; a != b {
		t.Errorf("the 10 s job of a device has slot %v in the second, its 1 s job %v", b, a)
	}
}

func TestOnPhase(t *testing.T) {
	for _, c := range []struct{ at, phase, want time.Duration }{
		{0, 300, 300}, {300, 300, 300}, {301, 300, 1300}, {-1, 300, 300}, {-701, 300, -700}, {2500, -100, 2900},
	} {
		if got := onPhase(c.at, c.phase, 1000); got != c.want {
			t.Errorf("onPhase(%d, %d, 1000) = %d, want %d", c.at, c.phase, got, c.want)
		}
	}
}

func TestFirstReadThenPhase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		j := newJob(1, time.Second, 1)
		r.openAs = func() error { time.Sleep(130 * ms); return nil }
		r.run(j)
		r.pass(10 * time.Second)
		got := r.times("u1")
		if len(got) < 9 || got[0] != 130*ms {
			t.Fatalf("reads at %v, want the first at 130ms", got)
		}
		if gap := got[1] - got[0]; gap < 500*ms || gap >= 1500*ms {
			t.Errorf("second read %v after the first, want 0.5 to 1.5 s", gap)
		}
		for i, at := range got[1:] {
			if want := got[1] + time.Duration(i)*time.Second; at != want || at%time.Second != offset(j) {
				t.Errorf("read at %v, want %v in phase %v", at, want, offset(j))
			}
		}
	})
}

// Lanes that opened at different times wake at one instant, so that the processor does.
func TestLanesShareSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newRig(t, LaneOptions{}), newRig(t, LaneOptions{})
		a.run(newJob(1, time.Second, 1))
		time.Sleep(377 * ms)
		b.run(newJob(1, time.Second, 1))
		a.pass(10 * time.Second)
		if x, y := a.times("u1"), b.times("u1"); x[len(x)-1] != y[len(y)-1] {
			t.Errorf("last reads at %v and %v, want the same instant", x[len(x)-1], y[len(y)-1])
		}
	})
}

// A round of 20 exchanges of 300 ms must not hold a job of 1 s for 6 s.
func TestLongRoundIsInterleaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.cost = 300 * ms
		r.steps["u2"] = 20
		fast, slow := newJob(1, time.Second, 1), newJob(2, time.Minute, 20)
		r.run(slow, fast)
		r.pass(3 * time.Minute)
		for _, at := range r.times("u1")[2:] {
			if late := (at - offset(fast)) % time.Second; late > 300*ms {
				t.Errorf("u1 read %v after it was due, want at most one exchange", late)
			}
		}
		if d := r.device("u1"); d.Late > 1 {
			t.Errorf("u1 has %d late polls, want none after the start", d.Late)
		}
		if d := r.device("u2"); d.Polls < 3 || d.Late != 0 {
			t.Errorf("u2 has %d polls, %d late, want 3 and 0", d.Polls, d.Late)
		}
	})
}

// An overloaded line goes on without idling, everyone gets a share, and what was skipped is counted.
func TestOverrun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.cost = 400 * ms
		var jobs []*Job
		for u := range 5 {
			jobs = append(jobs, newJob(u+1, time.Second, 1))
		}
		jobs = append(jobs, newJob(6, 20*time.Second, 1))
		r.run(jobs...)
		r.pass(100 * time.Second)
		if n := len(r.calls); n < 248 {
			t.Errorf("%d exchanges of 400 ms in 100 s, want the line busy", n)
		}
		for _, d := range r.lane.Devices()[:5] {
			if d.Polls < 46 || d.Polls > 50 || d.Polls+d.Late < 97 || d.Polls+d.Late > 101 {
				t.Errorf("%s: %d polls and %d late, want about 49 each", d.Name, d.Polls, d.Late)
			}
		}
		if d := r.device("u6"); d.Polls < 2 || d.Polls+d.Late < 4 {
			t.Errorf("u6 with 20 s was read %d times and skipped %d, want half each as well", d.Polls, d.Late)
		}
		if busy := r.lane.Line().Busy; busy < 0.99 {
			t.Errorf("line busy = %v, want 1", busy)
		}
	})
}

// A stall of seconds is followed by one read, not by those that were missed.
func TestStallDoesNotPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		j := newJob(1, 100*ms, 1)
		r.run(j)
		r.pass(time.Second)
		r.cost = 1030 * ms
		r.pass(100 * ms)
		r.cost = 0
		r.forget()
		r.pass(2 * time.Second)
		for i, at := range r.times("u1") {
			if i > 1 && at%(100*ms) != offset(j) {
				t.Errorf("read at %v after the stall, want phase %v", at, offset(j))
			}
		}
		if n := len(r.calls); n < 10 || n > 12 {
			t.Errorf("%d reads in the second after the stall, want 10 or 11", n)
		}
		if d := r.device("u1"); d.Late != 9 {
			t.Errorf("late = %d, want the 9 polls skipped", d.Late)
		}
	})
}

func TestShutdownAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.run(newJob(1, time.Second, 1))
		r.pass(time.Second)
		r.cost = time.Hour
		r.forget()
		r.pass(1500 * ms)
		before := time.Now()
		r.end()
		if d := time.Since(before); d != 0 {
			t.Errorf("Run returned %v after its context, want at once", d)
		}
		if r.open || r.opens != 1 || len(r.calls) != 1 || len(r.sent) != 0 {
			t.Errorf("link open %v after %d opens, %d exchanges, sent %v, want it closed and nothing more", r.open, r.opens, len(r.calls), r.sent)
		}
		r.lane.Apply(nil)
		if err := r.lane.Applied(context.Background()); err != nil {
			t.Errorf("Applied after Run = %v", err)
		}
	})
}

// A round that never ends must neither spin nor starve others.
func TestEndlessRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.steps["u1"] = math.MaxInt
		r.run(newJob(1, time.Second, 1), newJob(2, time.Second, 1))
		r.pass(10 * time.Second)
		if n := len(r.times("u1")); n > 12*68 {
			t.Errorf("%d exchanges of the endless round in 10 s, want them bounded", n)
		}
		if d := r.device("u2"); d.Polls < 10 {
			t.Errorf("u2 was read %d times, want 10", d.Polls)
		}
		if d := r.device("u1"); d.Errors[ErrorRunaway] < 9 {
			t.Errorf("errors = %v, want each runaway counted", d.Errors)
		}
	})
}

// Jobs that are due together are read in the same order each time.
func TestOrderIsStable(t *testing.T) {
	a := newAgenda(0.05)
	u := &unit{state: unitOnline}
	for i := range 9 {
		u.jobs = append(u.jobs, newJob(i, time.Second, 0))
		u.jobs[i].unit, u.jobs[i].sched.period = u, time.Second
		a.wait(u.jobs[i])
	}
	for round := range 3 {
		for i, want := range u.jobs {
			if got := a.take(time.Duration(round) * time.Second); got != want {
				t.Fatalf("round %d: job %d is %s, want %s", round, i, got.Device.Name, want.Device.Name)
			}
		}
		for _, j := range u.jobs {
			j.sched.due += time.Second
			a.wait(j)
		}
	}
}

func TestQueueOrder(t *testing.T) {
	q := queue{less: func(a, b *schedule) bool { return a.due < b.due }}
	var jobs []*Job
	for i := range 50 {
		j := &Job{}
		j.sched.due = time.Duration(i * 37 % 50)
		jobs = append(jobs, j)
		q.push(j)
	}
	for _, j := range jobs[10:20] {
		j.remove()
		j.remove()
	}
	var got []time.Duration
	for j := q.top(); j != nil; j = q.top() {
		j.remove()
		got = append(got, j.sched.due)
	}
	if len(got) != 40 || !slices.IsSorted(got) {
		t.Errorf("queue gave %v, want 40 in order", got)
	}
}
