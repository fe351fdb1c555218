package drivers

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// Lease says whether the lanes of an endpoint may read, where other processes may read it instead. It is made by NewLease.
// It is safe for concurrent use.
type Lease struct {
	start time.Time    // by the monotonic clock
	until atomic.Int64 // nanoseconds after start; 0: they may not

	mu      sync.Mutex
	changed chan struct{} // closed when they may, or may not any more; nil: nobody waits for that
}

// ErrElsewhere says that another process reads the device.
var ErrElsewhere = errors.New("another member of the cluster reads this device: ask that one")

// NewLease makes one that does not allow to read.
func NewLease() *Lease { return &Lease{start: time.Now()} }

// Forever is the end of a lease that has none.
var Forever = time.Time{}

// Grant lets lanes read until then, by the monotonic clock; after that they ask nothing of the device, even if nobody revokes the lease.
func (l *Lease) Grant(until time.Time) {
	end := int64(math.MaxInt64)
	if !until.IsZero() {
		end = max(1, int64(until.Sub(l.start)))
	}
	if was := l.until.Swap(end); was <= int64(time.Since(l.start)) {
		l.tell()
	}
}

// Revoke has lanes stop: a request that is under way is given up, and the connection is closed.
func (l *Lease) Revoke() {
	if was := l.until.Swap(0); was != 0 {
		l.tell()
	}
}

// Held reports whether lanes may read now.
func (l *Lease) Held() bool {
	until := l.until.Load()
	return until == math.MaxInt64 || int64(time.Since(l.start)) < until
}

func (l *Lease) tell() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// change is closed with the next Grant or Revoke that changes something.
func (l *Lease) change() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return l.changed
}

// within is ctx, ended as soon as the lease is revoked. end is called once it is of no use any more.
func (l *Lease) within(ctx context.Context) (within context.Context, end func()) {
	within, end = context.WithCancel(ctx)
	go func() {
		defer end()
		for within.Err() == nil {
			change := l.change()
			if l.until.Load() == 0 {
				return
			}
			select {
			case <-change:
			case <-within.Done():
			}
		}
	}()
	return within, end
}

// mayRead reports whether the lane may ask its devices anything now.
func (l *Lane) mayRead() bool { return l.lease == nil || l.lease.Held() }

// readWhileHeld reads while the lease allows it, until ctx ends.
func (l *Lane) readWhileHeld(ctx context.Context) {
	for ctx.Err() == nil {
		l.standBy(ctx)
		if ctx.Err() != nil {
			return
		}
		within, end := l.lease.within(ctx)
		l.read(within)
		end()
		l.standDown()
	}
}

// standBy waits for the lease, with the connection closed. What is applied meanwhile is taken over, and not read.
func (l *Lane) standBy(ctx context.Context) {
	for ctx.Err() == nil {
		change := l.lease.change()
		l.adopt()
		if l.lease.Held() {
			return
		}
		l.refuse(ErrElsewhere)
		if _, devices := l.current(); len(devices) > 0 {
			now := l.now()
			for _, d := range devices {
				d.leave(now)
			}
		}
		l.expect(l.now().mono + time.Hour + workLimit)
		l.timer.Reset(time.Hour)
		select {
		case <-change:
		case <-l.wake:
		case <-l.timer.C:
		case <-ctx.Done():
		}
		l.timer.Stop()
	}
}

// standDown forgets what was read: whoever reads now knows better, and when the lane reads again everything is new. No
// tag is told that anything ended.
func (l *Lane) standDown() {
	l.out.flush()
	now := l.now()
	jobs := l.applied
	_, devices := l.current()
	l.leave(nil)
	l.units, l.lost, l.err = nil, false, nil
	l.agenda.live = 0
	for _, j := range jobs {
		j.live.forget()
		if j.Filter != nil {
			j.Filter.Renew()
		}
	}
	l.join(jobs, devices, now)
}
