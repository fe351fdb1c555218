package drivers

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// Lease says whether the lanes of an endpoint may read, where other processes may read it instead. It is made by NewLease, and
// safe for concurrent use.
type Lease struct {
	valid func() bool   // nil: always
	by    func() string // who reads instead; nil: nobody knows
	held  atomic.Bool
	times atomic.Uint64 // how many times it was granted

	mu      sync.Mutex
	changed chan struct{} // closed when they may, or may not any more; nil: nobody waits for that
	readers int           // lanes whose connection may be open
	idle    chan struct{} // closed when there are none
}

// ErrElsewhere says that another process reads the device.
var ErrElsewhere = errors.New("another member of the cluster reads this device: ask that one")

// NewLease makes one that does not allow to read. A lease that was granted allows it while valid, which is called before each
// exchange, says so; nil: until it is revoked.
func NewLease(valid func() bool) *Lease {
	l := &Lease{valid: valid, idle: make(chan struct{})}
	close(l.idle)
	return l
}

// Named has by say who reads while the lease is not granted; "": nobody. It is called before the lease is used, and by may be called by
// any goroutine.
func (l *Lease) Named(by func() string) *Lease {
	l.by = by
	return l
}

// elsewhere is why a device is not read here.
type elsewhere struct{ lease *Lease }

// by is who reads it; "": nobody, as far as is known.
func (e elsewhere) by() string {
	if e.lease.by == nil {
		return ""
	}
	return e.lease.by()
}

func (e elsewhere) Error() string {
	switch by := e.by(); {
	case by != "":
		return "read by " + by
	case e.lease.by != nil:
		return "no member of the cluster reads it"
	}
	return "another member of the cluster reads it"
}

// Grant lets lanes read.
func (l *Lease) Grant() {
	if !l.held.Swap(true) {
		l.times.Add(1)
		l.tell()
	}
}

// Times is how many times it was granted: between two looks at Held another process may have read.
func (l *Lease) Times() uint64 { return l.times.Load() }

// Revoke has lanes stop: a request that is under way is given up, and the connection is closed. stopped is closed when none is
// open any more.
func (l *Lease) Revoke() (stopped <-chan struct{}) {
	if l.held.Swap(false) {
		l.tell()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.idle
}

// Held reports whether lanes may read now.
func (l *Lease) Held() bool { return l.held.Load() && (l.valid == nil || l.valid()) }

// enter notes that a lane begins to read; false: it may not.
func (l *Lease) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.held.Load() {
		return false // it was revoked, and nobody waits for this lane
	}
	if l.readers == 0 {
		l.idle = make(chan struct{})
	}
	l.readers++
	return true
}

// leave notes that a lane has closed its connection.
func (l *Lease) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.readers--; l.readers == 0 {
		close(l.idle)
	}
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

// leased is a context whose Err says, too, that the lease is not valid any more. Whoever looks at it right before a request is sent sends
// none after the process was stopped for so long that another one reads: nobody had time yet to revoke anything.
type leased struct {
	context.Context
	lease *Lease
}

func (c leased) Err() error {
	if err := c.Context.Err(); err != nil {
		return err
	}
	if !c.lease.Held() {
		return ErrElsewhere
	}
	return nil
}

// within is ctx, ended as soon as the lease is revoked; its Err says at once that it is over. end is called once it is of no use any more.
func (l *Lease) within(ctx context.Context) (within context.Context, end func()) {
	inner, end := context.WithCancel(ctx)
	go func() {
		defer end()
		for inner.Err() == nil {
			change := l.change()
			if !l.held.Load() {
				return
			}
			select {
			case <-change:
			case <-inner.Done():
			}
		}
	}()
	return leased{inner, l}, end
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
		if !l.lease.enter() {
			continue
		}
		within, end := l.lease.within(ctx)
		l.read(within)
		end()
		l.lease.leave()
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
				d.leave(now, l.lease)
			}
		}
		l.expect(l.now().mono + time.Hour + workLimit)
		l.timer.Reset(l.waits())
		select {
		case <-change:
		case <-l.wake:
		case <-l.timer.C:
		case <-ctx.Done():
		}
		l.timer.Stop()
	}
}

// waits is for how long to wait for the lease without looking: one that is granted and not valid becomes valid unsaid.
func (l *Lane) waits() time.Duration {
	if l.lease.held.Load() {
		return 100 * time.Millisecond
	}
	return time.Hour
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
		j.Compute.forget()
		if j.Filter != nil {
			j.Filter.Renew()
		}
	}
	l.join(jobs, devices, now)
}
