package bridge

import (
	"maps"
	"slices"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/modbus"
	"tagbridge/drivers/opcua"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/tagmap"
)

// stations compiles the devices of cfg. What changes does not name keeps its jobs, and of a device whose tags alone
// changed those periods that did not.
func (s *setup) compile(cfg *config.Config, changes config.Changes) map[string]*station {
	c := NewCompiler(cfg.Bridge.Name)
	renamed := s.cfg.Bridge.Name != cfg.Bridge.Name
	all := make(map[string]*station, len(cfg.Devices))
	changed := make(map[string]bool, len(changes.Devices.Changed))
	for _, name := range changes.Devices.Changed {
		changed[name] = true
	}
	for i := range cfg.Devices {
		d := &cfg.Devices[i]
		old := s.stations[d.Name]
		switch {
		case old != nil && !renamed && !changed[d.Name]:
			all[d.Name] = &station{conf: d, dev: old.dev, jobs: old.jobs}
		case old != nil && !renamed && d.SameOptions(old.conf):
			c.know(old.jobs)
			c.told(d, old)
			all[d.Name] = c.replan(d, old)
			all[d.Name].recall(old)
		default:
			if old != nil {
				c.know(old.jobs)
				c.told(d, old)
			}
			dev, jobs := c.Device(d)
			Recall(cfg.Bridge.DataDir, d, jobs)
			all[d.Name] = &station{conf: d, dev: dev, jobs: jobs}
		}
	}
	return all
}

// replan compiles a device of which only tags changed.
func (c *Compiler) replan(d *config.Device, old *station) *station {
	st := &station{conf: d, dev: old.dev}
	before := ByPeriod(old.conf.Tags)
	for _, part := range ByPeriod(d.Tags) {
		i := slices.IndexFunc(before, func(b []*mapping.Tag) bool { return tagmap.SameTags(b, part) })
		if i >= 0 {
			st.jobs = append(st.jobs, old.jobs[i])
			continue
		}
		st.jobs = append(st.jobs, c.job(d, st.dev, part))
	}
	return st
}

// recall gives the jobs that old has not what its jobs have learned.
func (st *station) recall(old *station) {
	learned := Learned(old.jobs)
	for _, j := range st.jobs {
		if p, ok := j.Work.(*modbus.Plan); ok && !slices.Contains(old.jobs, j) {
			p.Recall(learned, time.Now())
		}
	}
}

// told has d compiled with what its server has told of the tags of old, when it is still the same one.
func (c *Compiler) told(d *config.Device, old *station) {
	if d.URL != old.conf.URL {
		return
	}
	known := map[opcua.Place]opcua.Facts{}
	for _, j := range old.jobs {
		if p, ok := j.Work.(*opcua.Plan); ok {
			maps.Copy(known, p.Known())
		}
	}
	c.known[d.Name] = known
}

// know lets the series of jobs be found again by those that are compiled with the same content.
func (c *Compiler) know(jobs []*drivers.Job) {
	for _, j := range jobs {
		for _, s := range j.Current().Series {
			c.intern.Series(s)
		}
		if h := j.Device.Health; h != nil {
			for _, s := range h.Series {
				c.intern.Series(s)
			}
		}
	}
}
