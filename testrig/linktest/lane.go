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
	floor []int // of job a, by index: what no good value may be below, the newest yet or what it became in a fault
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
		if n < r.floor[s.Index] {
			r.Errorf("tag %d is %d, after it was or became %d", s.Index, n, r.floor[s.Index])
		}
		r.is[s.Index], r.floor[s.Index] = n, n
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

// recovers sets the tags to n while all are bad for a fault, ends that, and waits until n is read: nothing older is read
// before.
func (r *laneRig) recovers(n int, end func()) {
	r.Helper()
	r.set(n)
	r.mu.Lock()
	for i := range r.floor {
		r.floor[i] = n
	}
	r.mu.Unlock()
	end()
	r.awaits(n)
}

// cut sets the tags to n, breaks the connections in the middle of whatever they carry, and waits until n is read. What
// was on its way may still be older.
func (r *laneRig) cut(n int) {
	r.Helper()
	r.set(n)
	r.wire.cut()
	r.awaits(n)
}

// checkLane has a lane drive the link through faults of all kinds: the tags are bad in each, and never old after it.
func checkLane(r *rig) {
	l := &laneRig{rig: r, is: make([]int, len(r.a.Current().Series)), floor: make([]int, len(r.a.Current().Series))}
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
		l.cut(4)
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
