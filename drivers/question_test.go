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

// question asks for a job of unit 9 with that many exchanges, and returns what becomes of it.
func (r *rig) question(ctx context.Context, steps int) (b *mapping.Batch, done chan error) {
	j := newJob(9, time.Second, steps)
	r.steps["u9"] = steps
	b, done = &mapping.Batch{}, make(chan error, 1)
	b.Reset(j.Group)
	go func() { done <- r.lane.AskOnce(ctx, j, b) }()
	return b, done
}

// TestQuestionGoesBetweenReads asks for much on a line that is used half: the reads go on as if nothing were asked, and the
// question takes no more than its share.
func TestQuestionGoesBetweenReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.cost = 15 * time.Millisecond
		r.run(newJob(1, 40*time.Millisecond, 1))
		r.pass(time.Second)
		before := r.times("u1")
		r.forget()
		b, done := r.question(t.Context(), 10)
		r.pass(10 * time.Second)
		if err := <-done; err != nil || len(b.Samples) != 10 {
			t.Fatalf("%v, %d samples", err, len(b.Samples))
		}
		if late := r.device("u1").Late; late > 0 {
			t.Errorf("%d reads are late", late)
		}
		phase := before[len(before)-1] % (40 * time.Millisecond)
		for _, at := range r.times("u1") {
			if at%(40*time.Millisecond) != phase {
				t.Fatalf("a read at %v, the others at %v of each period", at, phase)
			}
		}
		asked := r.times("u9")
		for i := range asked[1:] {
			if gap := asked[i+1] - asked[i]; gap < 300*time.Millisecond {
				t.Errorf("exchanges of 15ms at %v and %v: more than a twentieth of the time", asked[i], asked[i+1])
			}
		}
		if !slices.Contains(r.drops, "u9") {
			t.Error("the link still has what was asked")
		}
		for _, s := range r.sent {
			if s.device == "u9" {
				t.Fatal("what was asked was delivered")
			}
		}
	})
}

// TestQuestionOnABusyLine has no gap: it goes first after a while, and never again soon.
func TestQuestionOnABusyLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.cost = 30 * time.Millisecond
		r.run(newJob(1, 20*time.Millisecond, 1))
		r.pass(time.Second)
		_, done := r.question(t.Context(), 3)
		r.pass(10 * time.Second)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if asked := r.times("u9"); len(asked) != 3 || asked[2]-asked[0] < 2*questionPatience {
			t.Errorf("asked at %v", asked)
		}
	})
}

func TestQuestionsThatFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.cost = 10 * time.Millisecond
		r.dead[9] = time.Second
		r.run(newJob(1, time.Second, 1))
		r.pass(5 * time.Second)
		// A unit that does not answer: asked twice, and the line's own are as before.
		b, done := r.question(t.Context(), 1)
		_, second := r.question(t.Context(), 1)
		if err := <-second; err != ErrAsked {
			if other := <-done; other != ErrAsked { // the second was the first
				t.Errorf("two questions at a time: %v, %v", err, other)
			}
		}
		r.pass(time.Minute)
		if asked := r.times("u9"); len(asked) != 2 || len(b.Samples) > 1 {
			t.Errorf("asked at %v, %v", asked, b.Samples)
		}
		// A link that breaks over it is opened again at once, and no tag is bad for it.
		r.do = func(j *Job, _ int) error {
			if j.Device.Name == "u9" {
				return errors.New("connection reset")
			}
			return nil
		}
		opens := r.opens
		r.forget()
		_, done = r.question(t.Context(), 1)
		r.pass(30 * time.Second)
		if err := <-done; err == nil || err.Error() != "connection reset" || r.opens != opens+1 {
			t.Errorf("%v, opened %d times more", err, r.opens-opens)
		}
		for _, q := range r.qualities("u1", 0) {
			if !q.IsGood() {
				t.Errorf("a tag of the lane became %v", q)
			}
		}
		// Who goes away is not waited for, and nothing is asked for him.
		r.forget()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, done = r.question(ctx, 1)
		if err := <-done; err != context.Canceled && err == nil {
			t.Errorf("%v", err)
		}
		// A connection that is down says so at once.
		r.do = func(*Job, int) error { return errors.New("gone") }
		r.openAs = func() error { return errors.New("no route") }
		r.pass(time.Minute)
		_, done = r.question(t.Context(), 1)
		r.pass(2 * time.Minute)
		if err := <-done; !errors.Is(err, ErrClosed) {
			t.Errorf("while it is down: %v", err)
		}
		r.end()
		_, done = r.question(t.Context(), 1)
		if err := <-done; !errors.Is(err, ErrClosed) {
			t.Errorf("after the end: %v", err)
		}
	})
}

// TestQuestionWithoutJobs is asked on a lane that has nothing to read, and no connection.
func TestQuestionWithoutJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.run()
		r.pass(time.Second)
		_, done := r.question(t.Context(), 1)
		if err := <-done; !errors.Is(err, ErrClosed) {
			t.Errorf("%v", err)
		}
	})
}
