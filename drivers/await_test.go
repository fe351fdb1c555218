package drivers

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// push is what a pusher's Wait returns.
type push struct {
	job     *Job
	samples []mapping.Sample
	err     error
}

// pusher is a fake link that pushes.
type pusher struct {
	*fake
	c     chan push
	waits int
}

func (p *pusher) Wait(ctx context.Context, b *mapping.Batch) (*Job, error) {
	p.waits++
	select {
	case x := <-p.c:
		if x.err == nil {
			b.Samples = append(b.Samples, x.samples...)
		}
		return x.job, x.err
	case <-ctx.Done():
		return nil, nil
	}
}

func newPusher(t *testing.T) (*rig, *pusher) {
	r := newRig(t, LaneOptions{})
	p := &pusher{fake: r.fake, c: make(chan push)}
	r.lane.link = p
	return r, p
}

func TestPushes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, p := newPusher(t)
		j := newJob(1, 10*time.Second, 3)
		r.run(j)
		r.pass(time.Second)
		r.forget()
		source := r.start.Add(-time.Minute).UnixNano()
		p.c <- push{job: j, samples: []mapping.Sample{{Index: 2, Kind: mapping.Int, Bits: 7, Time: source}, {Index: 1, Kind: mapping.Int}}}
		synctest.Wait()
		if len(r.sent) != 1 || r.sent[0].at != time.Second || len(r.sent[0].samples) != 2 {
			t.Fatalf("sent %+v, want the push at once", r.sent)
		}
		if s := r.sent[0].samples; s[0].Time != source || s[1].Time != r.start.Add(time.Second).UnixNano() {
			t.Errorf("times %d and %d, want the source's and the bridge's", s[0].Time, s[1].Time)
		}
		for tag := range r.lane.Tags() {
			if tag.Series.Tag == "t2" && tag.Sample.Bits != 7 {
				t.Errorf("table has %+v, want the value pushed", tag.Sample)
			}
		}
		r.pass(time.Minute)
		if got := r.times("u1"); len(got) < 5 || got[len(got)-1]-got[0] != time.Duration(len(got)-1)*10*time.Second {
			t.Errorf("read at %v besides, want every 10 s", got)
		}
	})
}

// TestPushOfOfflineUnit pushes a value of a unit that does not answer: it is sent beside the health.
func TestPushOfOfflineUnit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, p := newPusher(t)
		r.dead[1] = 10 * time.Millisecond
		j := newJob(1, time.Second, 2)
		j.Device.Health = healthGroup("u1")
		r.run(j)
		r.pass(time.Minute)
		r.forget()
		p.c <- push{job: j, samples: []mapping.Sample{{Index: 1, Kind: mapping.Int, Bits: 7}}}
		synctest.Wait()
		if len(r.sent) != 2 || !r.sent[0].own || r.sent[1].own {
			t.Fatalf("sent %+v, want the health and what was pushed", r.sent)
		}
		if s := r.sent[1].samples; len(s) != 1 || s[0].Index != 1 || s[0].Bits != 7 {
			t.Errorf("sent %+v, want the value pushed", s)
		}
	})
}

func TestApplyInsideWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, p := newPusher(t)
		a, b := newJob(1, time.Hour, 1), newJob(2, time.Hour, 1)
		r.run(a)
		r.pass(time.Second)
		r.lane.Apply([]*Job{b})
		synctest.Wait()
		wantTimes(t, "the new job was read", r.times("u2"), []time.Duration{time.Second})
		r.forget()
		p.c <- push{job: a, samples: []mapping.Sample{{Kind: mapping.Int}}}
		synctest.Wait()
		if len(r.sent) != 0 {
			t.Errorf("sent %+v of a job that has left", r.sent)
		}
	})
}

func TestShutdownInsideWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := newPusher(t)
		r.run(newJob(1, time.Hour, 1))
		r.pass(time.Second)
		before := time.Now()
		r.end()
		if d := time.Since(before); d != 0 || r.open {
			t.Errorf("Run returned after %v, link open %v", d, r.open)
		}
	})
}

// A session that has lived and is lost while the lane waits is opened again at once; if that fails, or it breaks again
// soon, the tags say so.
func TestWaitFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, p := newPusher(t)
		r.run(newJob(1, time.Hour, 1))
		r.pass(10 * time.Second)
		r.forget()
		p.c <- push{err: errors.New("session closed")}
		r.pass(10 * time.Second)
		if len(r.sent) != 1 || r.sent[0].samples[0].Quality != mapping.Good || r.opens != 2 {
			t.Errorf("%d opens, sent %+v, want a new session and its read", r.opens, r.sent)
		}
		r.forget()
		r.openAs = func() error { return errRefused }
		p.c <- push{err: errors.New("session closed")}
		r.pass(time.Second)
		if got := r.qualities("u1", 0); !slices.Equal(got, []mapping.Quality{mapping.BadNotConnected}) {
			t.Errorf("%v, want BadNotConnected", got)
		}
	})
}

// A Wait that returns without a reason must not keep a processor busy.
func TestRestlessWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, p := newPusher(t)
		r.run(newJob(1, time.Hour, 1))
		r.pass(time.Second)
		close(p.c)
		r.pass(time.Second)
		if p.waits > 110 {
			t.Errorf("%d waits in a second, want 100", p.waits)
		}
	})
}

// Heartbeats of pushed values are the lane's to make.
func TestPushedHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, p := newPusher(t)
		j := newJob(1, time.Hour, 1)
		rule := mapping.Rule{Report: mapping.ReportChange, Heartbeat: time.Minute, Pushed: true}
		j.Filter = mapping.NewFilter(j.Group, []mapping.Rule{rule})
		r.run(j)
		r.pass(time.Second)
		p.c <- push{job: j, samples: []mapping.Sample{{Kind: mapping.Int, Bits: 42}}}
		synctest.Wait()
		r.forget()
		r.pass(10*time.Minute + 30*time.Second)
		if n := len(r.qualities("u1", 0)); n != 10 {
			t.Errorf("%d heartbeats in ten minutes, want 10", n)
		}
	})
}
