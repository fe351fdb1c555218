package bridge

import (
	"context"
	"slices"

	"tagbridge/drivers"
)

// handover is what has to happen for the connections of one setup to become those of another.
type handover struct {
	b        *Bridge
	old, new *setup
	gone     map[*drivers.Job][]drivers.Gone
	waits    map[*drivers.Job]bool // what it reads, or inherits, is on another lane before
}

func newHandover(b *Bridge, old, new *setup) *handover {
	h := &handover{b: b, old: old, new: new, gone: map[*drivers.Job][]drivers.Gone{}, waits: map[*drivers.Job]bool{}}
	from, to := old.connectionOf(), new.connectionOf()
	for j, c := range to {
		if f := from[j]; f != nil && f.lane != c.lane {
			h.waits[j] = true
		}
	}
	for name, was := range old.compiled {
		heirs := new.compiled[name]
		for _, j := range slices.Concat(was.jobs, was.alarms) {
			if to[j] != nil {
				continue
			}
			h.gone[j] = goneOf(j, heirs.like(j))
			for _, g := range h.gone[j] {
				if g.Heir != nil && to[g.Heir].lane != from[j].lane {
					h.waits[g.Heir] = true
				}
			}
		}
	}
	return h
}

// like are those jobs of c that can be heirs of j: those of alarms, or the others.
func (c *compiled) like(j *drivers.Job) *compiled {
	if c == nil || !j.Device.Beside {
		return c
	}
	return &compiled{jobs: c.alarms}
}

// goneOf is what becomes of j, whose device is heirs from now on; nil: it is gone as well, as is
// everything under the bridge's old name when that changes.
func goneOf(j *drivers.Job, heirs *compiled) []drivers.Gone {
	group := j.Current()
	if heirs == nil || len(heirs.jobs) > 0 && heirs.jobs[0].Group.Bridge != group.Bridge {
		return []drivers.Gone{{Job: j, All: true}}
	}
	stays := make(map[string]bool)
	var list []drivers.Gone
	for _, h := range heirs.jobs {
		now := h.Current()
		for i, s := range now.Series {
			stays[s.Tag] = !now.Withholds(i) // else it ends where it was sent so far
		}
	}
	for _, h := range heirs.jobs {
		if sameOrigin(j, h) && shareTag(j, h) {
			list = append(list, drivers.Gone{Job: j, Heir: h})
		}
	}
	var removed []int
	for i, s := range group.Series {
		if !stays[s.Tag] {
			removed = append(removed, i)
		}
	}
	switch {
	case removed != nil && list != nil:
		list[0].Tags, list[0].Group = removed, group
	case removed != nil:
		list = []drivers.Gone{{Job: j, Tags: removed, Group: group}}
	}
	return list
}

// sameOrigin reports that samples of both go to the same place under the same names.
func sameOrigin(a, b *drivers.Job) bool {
	return a.Group.Bridge == b.Group.Bridge && a.Group.UnitID == b.Group.UnitID && a.Group.Measurement == b.Group.Measurement
}

func shareTag(a, b *drivers.Job) bool {
	tags := make(map[string]bool, len(a.Current().Series))
	for _, s := range a.Current().Series {
		tags[s.Tag] = true
	}
	for _, s := range b.Current().Series {
		if tags[s.Tag] {
			return true
		}
	}
	return false
}

// run changes the connections. A device leaves its old lane before it is on the new one, and a connection that is
// replaced has closed before the new one opens.
func (h *handover) run(ctx context.Context) {
	after := make(map[*drivers.Lane]*connection, len(h.new.connections))
	for _, c := range h.new.connections {
		after[c.lane] = c
	}
	var leaving []*connection
	for _, c := range h.old.connections {
		n := after[c.lane]
		if n == nil {
			c.lane.Apply(nil, h.goneOf(c.jobs)...)
			c.task.cancel()
			leaving = append(leaving, c)
			continue
		}
		if slices.Equal(c.jobs, n.jobs) {
			continue
		}
		ready := slices.DeleteFunc(slices.Clone(n.jobs), func(j *drivers.Job) bool { return h.waits[j] })
		c.lane.Apply(ready, h.goneOf(c.jobs)...)
	}
	for _, c := range leaving {
		if !c.task.end(ctx) {
			h.b.o.Log.Warn("a device did not answer the last request in time", "line", c.name)
		}
	}
	if len(h.waits) > 0 {
		for _, c := range h.old.connections {
			if after[c.lane] != nil && c.lane.Applied(ctx) != nil {
				return
			}
		}
	}
	for _, c := range h.new.connections {
		switch {
		case c.task == nil:
			c.lane.Apply(c.jobs)
			h.b.start(c)
		case slices.ContainsFunc(c.jobs, func(j *drivers.Job) bool { return h.waits[j] }):
			c.lane.Apply(c.jobs)
		}
	}
}

func (h *handover) goneOf(jobs []*drivers.Job) []drivers.Gone {
	var list []drivers.Gone
	for _, j := range jobs {
		list = append(list, h.gone[j]...)
	}
	return list
}
