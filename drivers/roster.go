package drivers

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tagbridge/mapping"
)

// roster is what a lane shares with whoever looks at it and changes what it reads. Its methods are safe for concurrent
// use and return at once, but for Applied.
type roster struct {
	clock
	down    func(device string) time.Time                              // LaneOptions.Down
	bad     func(device, tag string) (since time.Time, quality string) // LaneOptions.Bad
	changed atomic.Bool                                                // there is a change to adopt
	wake    chan struct{}                                              // holds one
	mu      sync.Mutex                                                 // guards the following
	next    *change                                                    // nil: none
	last    *change                                                    // that was asked for, in effect or not; nil: none
	ended   bool                                                       // Run has returned
	changes uint64                                                     // how often jobs were applied
	jobs    []*Job                                                     // as last applied; replaced, never changed
	tables  []Table                                                    // of these jobs, in their order; replaced likewise
	devices []*device                                                  // of these
	stop    func()                                                     // ends a Wait; nil when there is none
}

// clock is what a lane reads the time from.
type clock struct {
	origin time.Time
	wall   func(time.Time) int64
}

func (c *clock) now() moment {
	t := time.Now()
	return moment{mono: t.Sub(c.origin), wall: c.wall(t)}
}

// Gone says what becomes of a job that Apply takes from a lane, beyond not being read any more.
type Gone struct {
	Job *Job
	// Heir is the job that reads tags of Job from now on, on this lane or another: what is unchanged of them is not
	// sent again as if it were new. It is not applied elsewhere before Applied returns. nil: none.
	Heir *Job
	// Tags, by index in Group, which is Job's, are removed: each ends with one BadOutOfService. All: all of them.
	Tags  []int
	Group *mapping.Group // nil: Job's present one
	All   bool
}

// change is what Apply asks for.
type change struct {
	jobs    []*Job
	devices []*device // of these
	gone    []Gone
	done    chan struct{} // closed once it is in effect
}

// Apply makes jobs those that the lane reads. The running exchange is finished first. Jobs that were there before, by
// pointer, keep their schedule; new ones are due at once, and must not be applied to another lane. The rest ends, in
// the way that gone says.
func (r *roster) Apply(jobs []*Job, gone ...Gone) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return
	}
	r.jobs = slices.Clone(jobs)
	r.changes++
	r.introduce()
	if r.next == nil {
		r.next = &change{done: make(chan struct{})}
		r.last = r.next
	}
	r.next.jobs, r.next.devices, r.next.gone = r.jobs, r.devices, append(r.next.gone, gone...)
	r.changed.Store(true)
	if r.stop != nil {
		r.stop()
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Applied waits until what was applied is in effect: jobs taken away are not touched any more. It returns ctx's error
// when that ends first.
func (r *roster) Applied(ctx context.Context) error {
	r.mu.Lock()
	last := r.last
	r.mu.Unlock()
	if last == nil {
		return nil
	}
	select {
	case <-last.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// introduce gives the jobs their device's state and a table, so that they can be looked at before they are read.
// The caller holds mu.
func (r *roster) introduce() {
	known := make(map[string]*device, len(r.devices))
	for _, d := range r.devices {
		known[d.name] = d
	}
	r.devices = nil
	r.tables = make([]Table, 0, len(r.jobs))
	seen := make(map[string]bool)
	for _, j := range r.jobs {
		j.live.init(j.Current())
		name := j.Device.Name
		if r.bad != nil {
			j.live.recall(func(tag string) (time.Time, string) { return r.bad(name, tag) })
		}
		d := known[name]
		if d == nil {
			d = &device{name: name, began: r.now().mono + 1}
			if r.down != nil {
				d.down = r.down(name)
			}
			known[name] = d
		}
		if !seen[name] {
			seen[name] = true
			d.configure(j.Device)
			r.devices = append(r.devices, d)
		}
		r.tables = append(r.tables, Table{job: j, device: d})
	}
}

// current is the jobs that were applied last, and their devices. Neither list is ever changed.
func (r *roster) current() ([]*Job, []*device) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.jobs, r.devices
}

// interruptible has cancel called when a change comes, nil for no more. It is false when there is one already.
func (r *roster) interruptible(cancel func()) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stop = cancel
	return r.next == nil
}

// take removes the change that is to be put into effect; nil: none.
func (r *roster) take() (c *change, ended bool) {
	if !r.changed.Load() {
		return nil, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c, r.next = r.next, nil
	r.changed.Store(false)
	return c, r.ended
}

// end has what is applied from now on be ignored.
func (r *roster) end() {
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
}
