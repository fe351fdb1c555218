package drivers

import (
	"slices"

	"tagbridge/mapping"
)

// adopt puts what was applied into effect.
func (l *Lane) adopt() {
	c, ended := l.take()
	if c == nil {
		return
	}
	now := l.now()
	l.leave(c.jobs)
	l.bequeath(c.gone, now)
	if !ended {
		l.join(c.jobs, c.devices, now)
	}
	c.jobs, c.devices, c.gone = nil, nil, nil // the roster has it until the next
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
	case l.session.opened:
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
