package drivers

import (
	"context"
	"slices"

	"tagbridge/mapping"
)

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
	gone []Gone
	done chan struct{} // closed once it is in effect
}

// Apply makes jobs those that the lane reads. The running exchange is finished first. Jobs that were there before, by
// pointer, keep their schedule; new ones are due at once, and must not be applied to another lane. The rest ends, in
// the way that gone says.
func (l *Lane) Apply(jobs []*Job, gone ...Gone) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return
	}
	l.jobs = slices.Clone(jobs)
	l.introduce()
	if l.next == nil {
		l.next = &change{done: make(chan struct{})}
	}
	l.next.gone = append(l.next.gone, gone...)
	l.changed.Store(true)
	if l.stop != nil {
		l.stop()
	}
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Applied waits until what was applied is in effect: jobs taken away are not touched any more. It returns ctx's error
// when that ends first.
func (l *Lane) Applied(ctx context.Context) error {
	l.mu.Lock()
	next := l.next
	l.mu.Unlock()
	if next == nil {
		return nil
	}
	select {
	case <-next.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// introduce gives the jobs their device's state and a table, so that they can be looked at before they are read.
// The caller holds mu.
func (l *Lane) introduce() {
	known := make(map[string]*device, len(l.devices))
	for _, d := range l.devices {
		known[d.name] = d
	}
	l.devices = nil
	seen := make(map[string]bool)
	for _, j := range l.jobs {
		j.live.init(j.Current())
		name := j.Device.Name
		d := known[name]
		if d == nil {
			d = &device{name: name}
			known[name] = d
		}
		if !seen[name] {
			seen[name] = true
			d.configure(j.Device)
			l.devices = append(l.devices, d)
		}
	}
}

// current is the devices of the applied jobs.
func (l *Lane) current() []*device {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.devices
}

// adopt puts what was applied into effect.
func (l *Lane) adopt() {
	if !l.changed.Load() {
		return
	}
	l.mu.Lock()
	c, jobs, devices, ended := l.next, l.jobs, l.devices, l.ended
	l.next = nil
	l.changed.Store(false)
	l.mu.Unlock()
	if c == nil {
		return
	}
	now := l.now()
	l.leave(jobs)
	l.bequeath(c.gone, now)
	if !ended {
		l.join(jobs, devices, now)
	}
	close(c.done)
}

// leave takes the jobs that are not among those that stay off the lane.
func (l *Lane) leave(stay []*Job) {
	l.out.flush()
	keep := make(map[*Job]bool, len(stay))
	for _, j := range stay {
		keep[j] = true
	}
	dropper, _ := l.link.(Dropper)
	for _, j := range l.applied {
		if keep[j] {
			continue
		}
		j.remove()
		l.out.bad -= j.live.badTags()
		if dropper != nil {
			dropper.Drop(j)
		}
		j.unit, j.dev, j.sched, j.blame = nil, nil, schedule{}, blame{}
	}
}

// bequeath hands what was sent of the jobs that left to their heirs, and ends tags that have none.
func (l *Lane) bequeath(gone []Gone, now moment) {
	for _, g := range gone {
		if h := g.Heir; h != nil {
			h.live.init(h.Current())
			h.live.inherit(h.Current(), &g.Job.live)
			if h.Filter != nil && g.Job.Filter != nil {
				h.Filter.Inherit(g.Job.Filter)
			}
		}
		l.out.end(g, now)
	}
}

// join gathers the units of jobs and makes those due that are new.
func (l *Lane) join(jobs []*Job, devices []*device, now moment) {
	units := make(map[int]*unit, len(l.units))
	for _, u := range l.units {
		u.jobs, u.devices = nil, nil
		units[u.id] = u
	}
	names := make(map[string]*device, len(devices))
	for _, d := range devices {
		names[d.name] = d
	}
	l.applied, l.units = jobs, nil
	var fresh []*Job
	for _, j := range jobs {
		u := units[j.Device.UnitID]
		if u == nil {
			u = &unit{id: j.Device.UnitID}
			units[u.id] = u
		}
		if len(u.jobs) == 0 {
			l.units = append(l.units, u)
		}
		u.jobs = append(u.jobs, j)
		if j.unit == nil {
			fresh = append(fresh, j)
			j.sched = newSchedule(j.Device.Name, j.Period, j.Align)
			l.out.bad += j.live.badTags()
		}
		j.unit, j.dev = u, names[j.Device.Name]
		if !slices.Contains(u.devices, j.dev) {
			u.devices = append(u.devices, j.dev)
		}
	}
	l.agenda.live = 0
	for _, u := range l.units {
		if u.state == unitOnline {
			l.agenda.live++
		}
	}
	for _, j := range fresh {
		l.welcome(j, now)
	}
	l.reprobe(now)
}

// welcome makes a new job due, or bad where its unit or the link is known to be down.
func (l *Lane) welcome(j *Job, now moment) {
	u := j.unit
	switch {
	case l.lost:
		u.quality = mapping.BadNotConnected
		l.out.markBad(j, u.quality, now)
		l.outages.offline(j.dev, Disconnected, l.err, now)
	case u.state == unitOffline:
		l.out.markBad(j, u.quality, now)
		l.outages.offline(j.dev, Offline, u.err, now)
	case l.opened:
		u.quality = mapping.Good
		j.sched.restart(now.mono)
		l.agenda.wait(j)
		if u.state == unitOnline {
			l.outages.online(j.dev, u, now)
		}
	}
}

// reprobe gives those units that are offline a probe whose own has left the lane.
func (l *Lane) reprobe(now moment) {
	for _, u := range l.units {
		queued := func(j *Job) bool { return j.sched.queue != nil }
		if u.state == unitOffline && !l.lost && !slices.ContainsFunc(u.jobs, queued) {
			l.agenda.probe(u, now.mono+l.agenda.nextPause(u))
		}
	}
}
