package drivers

import (
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

func healthGroup(device string) *mapping.Group {
	return mapping.NewGroup(mapping.Group{Device: device, Own: true, Series: []*mapping.Series{
		{Tag: "_online", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Bool}}, {Tag: "_latency_ms", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.F64}},
	}})
}

// own is the health samples sent of a device.
func (r *rig) own(device string) (samples []mapping.Sample) {
	for _, b := range r.sent {
		if b.own && b.device == device {
			samples = append(samples, b.samples...)
		}
	}
	return samples
}

func TestHealthSamples(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{Name: "tcp://127.0.0.1:502"})
		r.cost = 4 * ms
		j := newJob(1, time.Second, 1)
		j.Device.Health = healthGroup("u1")
		r.run(j)
		r.pass(10 * time.Second)
		first := r.own("u1")
		if len(first) == 0 || first[0].Index != onlineIndex || first[0].Bits != 1 || first[0].Time != r.start.Add(4*ms).UnixNano() {
			t.Fatalf("health after the first answer %+v, want online at once", first)
		}
		r.pass(time.Minute)
		r.forget()
		r.pass(5 * time.Minute)
		got := r.own("u1")
		if len(got) != 10 {
			t.Fatalf("%d health samples in 5 minutes, want 2 a minute", len(got))
		}
		for _, s := range got {
			if s.Index == latencyIndex && math.Float64frombits(s.Bits) != 4 || s.Index == onlineIndex && s.Bits != 1 {
				t.Errorf("health sample %+v, want online and 4 ms", s)
			}
		}
		r.dead[1] = time.Second
		r.forget()
		r.pass(4 * time.Second)
		if got := r.own("u1"); len(got) == 0 || got[0].Bits != 0 {
			t.Errorf("health after going offline %+v, want _online false", got)
		}
		r.pass(time.Minute)
		r.forget()
		r.pass(5 * time.Minute)
		if got := r.own("u1"); len(got) != 5 {
			t.Errorf("health while offline %+v, want _online each minute and no latency", got)
		}
	})
}

// The bad tags of a device that cannot be read are sent again every 15 minutes, and only those.
func TestBadRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.openAs = func() error { return errRefused }
		r.run(newJob(1, time.Second, 2))
		r.pass(time.Second)
		r.forget()
		r.pass(time.Hour + time.Minute)
		if n := len(r.qualities("u1", 1)); n != 4 {
			t.Errorf("%d repetitions in an hour, want 4", n)
		}
		for _, b := range r.sent {
			if got := time.Duration(b.samples[0].Time - r.start.UnixNano()); got != b.at {
				t.Errorf("repetition at %v has time %v, want the bridge's", b.at, got)
			}
		}
	})
}

func TestBadRepeatsEachHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		j := newJob(1, time.Second, 1)
		j.Filter = mapping.NewFilter(j.Group, []mapping.Rule{{Report: mapping.ReportChange, Heartbeat: time.Minute}})
		r.dead[1] = 100 * ms
		r.run(j)
		r.pass(time.Second)
		r.forget()
		r.pass(10*time.Minute + 30*time.Second)
		if n := len(r.qualities("u1", 0)); n != 10 {
			t.Errorf("%d repetitions in ten minutes, want 10", n)
		}
	})
}

// A lane with nothing due sleeps: its chores do not wake it more than they must.
func TestIdleWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLane(&fake{}, LaneOptions{})
		l.start(0)
		if got := l.chores.wake(5*time.Minute, true, l.out.repeats()); got != l.chores.minuteAt {
			t.Errorf("wakes at %v, want the minute %v", got, l.chores.minuteAt)
		}
		if due := l.chores.minuteAt + choreSlack; l.chores.wake(due, true, l.out.repeats()) != due {
			t.Errorf("wakes before a job that is due within the slack")
		}
		l.out.bad = 1
		if got := l.chores.wake(5*time.Minute, true, l.out.repeats()); got != l.chores.repeatAt {
			t.Errorf("with bad tags wakes at %v, want %v", got, l.chores.repeatAt)
		}
		var at []time.Duration
		for i := range 600 {
			at = append(at, NewLane(&fake{}, LaneOptions{Name: newJob(i, 0, 0).Device.Name}).chores.nextMinute(0))
		}
		slices.Sort(at)
		if n := len(slices.Compact(at)); n < 200 {
			t.Errorf("600 lanes have their minute at %d instants, want them spread", n)
		}
	})
}
