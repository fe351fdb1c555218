package linktest

import (
	"context"
	"sync"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// laneRig is a rig whose link is a lane's.
type laneRig struct {
	*rig
	lane *drivers.Lane

	mu    sync.Mutex
	is    []int // of job a, by index: the present value; 0: bad, or never read
	worst int   // the least good value since forget
}

func (r *laneRig) take(b *mapping.Batch) error {
	if b.Group != r.a.Current() {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range b.Samples {
		s := &b.Samples[i]
		r.is[s.Index] = 0
		if s.Quality.IsBad() {
			continue
		}
		n := r.number(b, s)
		r.is[s.Index] = n
		r.worst = min(r.worst, n)
	}
	return nil
}

// awaits waits until all tags have the value n; 0: are bad.
func (r *laneRig) awaits(n int) {
	r.Helper()
	r.until("the tags have their values", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, v := range r.is {
			if v != n {
				return false
			}
		}
		return true
	})
}

// recovers sets the tags to n, which nobody can have read yet, ends a fault, and waits until n is read: nothing before
// that may be older.
func (r *laneRig) recovers(n int, end func()) {
	r.Helper()
	r.set(n)
	r.mu.Lock()
	r.worst = n
	r.mu.Unlock()
	end()
	r.awaits(n)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.worst < n {
		r.Errorf("a value of %d after a fault in which the tags became %d", r.worst, n)
	}
}

// checkLane has a lane drive the link through faults of all kinds: the tags are bad in each, and never old after it.
func checkLane(r *rig) {
	l := &laneRig{rig: r, is: make([]int, len(r.a.Current().Series))}
	l.lane = drivers.NewLane(r.link, drivers.LaneOptions{Append: l.take})
	l.lane.Apply([]*drivers.Job{r.a, r.b})
	ctx, cancel := context.WithCancel(r.Context())
	ended := make(chan error, 1)
	go func() {
		defer close(ended)
		ended <- l.lane.Run(ctx)
	}()
	defer func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(soon):
			r.hung = true
		}
	}()
	l.awaits(1)
	r.set(2)
	l.awaits(2)
	r.silence(true)
	l.awaits(0)
	if r.wire != nil {
		// What was held back is older than the fault, and dies with its connections.
		l.recovers(3, func() { r.wire.cut(); r.silence(false) })
		l.recovers(4, r.wire.cut)
		r.wire.down()
		l.awaits(0)
		l.recovers(5, func() { r.wire.up(r) })
	} else {
		l.recovers(3, func() { r.silence(false) })
	}
	l.lane.Apply([]*drivers.Job{r.a})
	applied, done := context.WithTimeout(ctx, soon)
	defer done()
	if err := l.lane.Applied(applied); err != nil {
		r.Errorf("Applied: %v", err)
	}
	r.set(6)
	l.awaits(6)
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			r.Errorf("Run: %v", err)
		}
	case <-time.After(soon):
		r.Fatalf("Run has not returned after %v", soon)
	}
	if r.wire != nil {
		r.until("no connection", func() bool { return r.wire.open() == 0 })
	}
}
