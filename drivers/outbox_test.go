package drivers

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// A round within 20 ms is one batch with one time.
func TestRoundIsOneBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.cost, r.steps["u1"] = 2*ms, 4
		r.run(newJob(1, time.Second, 8))
		r.pass(100 * ms)
		if len(r.sent) != 1 || len(r.sent[0].samples) != 8 {
			t.Fatalf("sent %v, want one batch of 8", r.sent)
		}
		for _, s := range r.sent[0].samples {
			if want := r.start.Add(2 * ms).UnixNano(); s.Time != want {
				t.Errorf("sample %d has time %v, want that of the first answer", s.Index, time.Unix(0, s.Time))
			}
		}
	})
}

// The bridge's own samples, which the first answer brings about, do not cut the round in two.
func TestFirstRoundIsOneBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.cost, r.steps["u1"] = 2*ms, 4
		j := newJob(1, time.Second, 8)
		j.Device.Health = healthGroup("u1")
		r.run(j)
		r.pass(100 * ms)
		var sizes []int
		for _, b := range r.sent {
			sizes = append(sizes, len(b.samples))
		}
		if !slices.Equal(sizes, []int{8, 1}) {
			t.Errorf("batches of %d samples, want one of 8 and _online", sizes)
		}
	})
}

// Samples do not wait longer than 20 ms for others; within 100 ms they share the time of the first.
func TestSlowRound(t *testing.T) {
	for _, perPoll := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, LaneOptions{})
			r.cost, r.steps["u1"] = 40*ms, 5
			j := newJob(1, time.Second, 5)
			j.Device.TimestampPerPoll = perPoll
			r.run(j)
			r.pass(500 * ms)
			if len(r.sent) != 5 {
				t.Fatalf("%d batches, want each answer sent by itself", len(r.sent))
			}
			for i, b := range r.sent {
				answer := time.Duration(i+1) * 40 * ms
				if b.at-answer > 20*ms {
					t.Errorf("answer at %v sent at %v, want within 20 ms", answer, b.at)
				}
				if perPoll && i <= 2 {
					answer = 40 * ms
				}
				if got := time.Duration(b.samples[0].Time - r.start.UnixNano()); got != answer {
					t.Errorf("per poll %v: answer %d has time %v, want %v", perPoll, i, got, answer)
				}
			}
		})
	}
}

// Another job's exchange in between does not hold samples back.
func TestTurnToOtherJobSends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.steps["u1"] = 2
		r.do = func(j *Job, step int) error {
			if step == 1 {
				r.cost = time.Second
			}
			return nil
		}
		slow, fast := newJob(1, time.Minute, 2), newJob(2, time.Second, 1)
		r.run(slow, fast)
		r.pass(500 * ms)
		if len(r.sent) == 0 || len(r.sent[0].samples) != 1 {
			t.Errorf("sent %v, want what was read before the wait", r.sent)
		}
	})
}

// Samples that bring their own time keep it.
func TestOwnTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLane(&fake{}, LaneOptions{})
		j := newJob(1, time.Second, 2)
		l.out.batch.Samples = []mapping.Sample{{Time: 5}, {Index: 1}}
		l.stamp(j, 0, moment{mono: 1, wall: 7})
		if got := l.out.batch.Samples; got[0].Time != 5 || got[1].Time != 7 {
			t.Errorf("times %d and %d, want 5 and 7", got[0].Time, got[1].Time)
		}
	})
}

// What Append refuses is counted, logged once, and not taken for sent.
func TestAppendRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		j := newJob(1, time.Second, 2)
		j.Filter = mapping.NewFilter(j.Group, []mapping.Rule{{Report: mapping.ReportChange}, {Report: mapping.ReportChange}})
		constant := &steady{fake: r.fake}
		r.lane.link = constant
		r.refuse = errors.New("closed")
		r.run(j)
		r.pass(5 * time.Second)
		if n := r.lane.Line().Unsent; n < 8 {
			t.Errorf("unsent = %d, want every sample of every poll, as each is as if the first", n)
		}
		r.refuse = nil
		r.pass(5 * time.Second)
		if len(r.sent) != 1 || len(r.sent[0].samples) != 2 {
			t.Errorf("sent %v, want the value once it could be", r.sent)
		}
		if n := strings.Count(r.logs.String(), "samples not taken"); n != 1 {
			t.Errorf("refusal logged %d times, want once:\n%s", n, r.logs)
		}
	})
}

// steady is a link whose values never change; the first tag is bad when told so.
type steady struct {
	*fake
	bad bool
}

func (s *steady) Do(ctx context.Context, j *Job, step int, b *mapping.Batch) (int, error) {
	next, err := s.fake.Do(ctx, j, step, b)
	for i := range b.Samples {
		b.Samples[i].Bits = 1
		if b.Samples[i].Index == 0 && s.bad {
			b.Samples[i] = mapping.Sample{Quality: mapping.BadConfigurationError}
		}
	}
	return next, err
}
