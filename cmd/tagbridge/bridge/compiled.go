package bridge

import (
	"slices"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/tagmap"
)

// compiled is a device with its jobs: one for each part of its tags, as ByPeriod splits them.
type compiled struct {
	conf     *config.Device
	protocol protocol
	dev      *drivers.Device
	jobs     []*drivers.Job
	alarms   []*drivers.Job  // of its alarms, which are given: at most one
	values   *drivers.Values // what formulas of its map need; nil: it has none
}

// compile compiles the devices of cfg. What is as it was keeps its jobs, and of a device whose tags alone changed those
// periods that did not.
func (b *Bridge) compile(old *setup, cfg *config.Config) map[string]*compiled {
	c := newCompiler(cfg.Bridge.Name, b.protocols)
	changes := config.Diff(old.cfg, cfg)
	renamed := old.cfg.Bridge.Name != cfg.Bridge.Name
	all := make(map[string]*compiled, len(cfg.Devices))
	changed := make(map[string]bool, len(changes.Devices.Changed))
	for _, name := range changes.Devices.Changed {
		changed[name] = true
	}
	for i := range cfg.Devices {
		d := &cfg.Devices[i]
		before := old.compiled[d.Name]
		switch {
		case before != nil && !renamed && !changed[d.Name]:
			all[d.Name] = &compiled{conf: d, protocol: before.protocol, dev: before.dev, jobs: before.jobs, alarms: before.alarms, values: before.values}
		case before != nil && !renamed && d.SameOptions(before.conf) && before.values == nil && !hasFormulas(d):
			all[d.Name] = c.replan(d, before)
		default:
			all[d.Name] = c.device(d, before)
			all[d.Name].recallFrom(cfg.Bridge.DataDir)
			b.recallFormulas(all[d.Name], before, cfg.Bridge.DataDir)
		}
		if next := all[d.Name]; next.alarms == nil {
			next.alarms = c.alarms(d, before)
		}
	}
	return all
}

// replan compiles a device of which only tags changed.
func (c *Compiler) replan(d *config.Device, old *compiled) *compiled {
	c.reuse(old.jobs)
	next := &compiled{conf: d, protocol: old.protocol, dev: old.dev}
	before := ByPeriod(old.conf.Tags)
	var fresh []*drivers.Job
	for _, part := range ByPeriod(d.Tags) {
		i := slices.IndexFunc(before, func(b []*mapping.Tag) bool { return tagmap.SameTags(b, part) })
		if i >= 0 {
			next.jobs = append(next.jobs, old.jobs[i])
			continue
		}
		j := c.job(next, part, old)
		next.jobs, fresh = append(next.jobs, j), append(fresh, j)
	}
	if l, ok := next.protocol.(learner); ok {
		l.recall(d, fresh, l.learned(old.conf, old.jobs))
	}
	return next
}

// reuse lets the series of jobs be found again by those that are compiled with the same content.
func (c *Compiler) reuse(jobs []*drivers.Job) {
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

// hasFormulas reports that tags of d are computed, or judged: its jobs have their values in common.
func hasFormulas(d *config.Device) bool {
	return slices.ContainsFunc(d.Tags, func(t *mapping.Tag) bool { return t.Computed != nil })
}
