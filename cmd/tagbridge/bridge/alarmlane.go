package bridge

import (
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/derived"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/tagmap"
)

// The alarms of all devices have a lane of their own, so that they are tags like others: in the table of present values, the
// journal and the sinks. They are no part of how their device is doing, and their lane is none of the connections that people
// are shown.

// alarmLine is what its connection is called in the log.
const alarmLine = "alarms"

// alarmConnection is that of all alarms of cfg; before is what there was. Without an alarm there is none.
func (b *Bridge) alarmConnection(before []*connection, cfg *config.Config, devices map[string]*compiled) []*connection {
	var jobs []*drivers.Job
	for i := range cfg.Devices {
		jobs = append(jobs, devices[cfg.Devices[i].Name].alarms...)
	}
	if len(jobs) == 0 {
		return nil
	}
	if len(before) > 0 {
		return []*connection{before[0].with(jobs)}
	}
	lane := drivers.NewLane(derived.NewLink(b.alarmHub), drivers.LaneOptions{Name: alarmLine, Append: b.journal.Append, Log: b.o.Log})
	return []*connection{{name: alarmLine, sameAs: alarmLine, lane: lane, jobs: jobs, beside: true}}
}

// alarms compiles those of d: what did not change since before keeps its job.
func (c *Compiler) alarms(d *config.Device, before *compiled) []*drivers.Job {
	if len(d.Alarms) == 0 {
		return nil
	}
	if before != nil && len(before.alarms) == 1 && before.alarms[0].Group.Bridge == c.bridge && d.SameOptions(before.conf) &&
		tagmap.SameTags(before.conf.Alarms, d.Alarms) {
		return before.alarms
	}
	if before != nil {
		c.reuse(before.alarms)
	}
	shared := c.set(d.Alarms)
	rules := make([]mapping.Rule, len(d.Alarms))
	for i, t := range d.Alarms {
		rules[i] = mapping.RuleOf(t)
		rules[i].Pushed = true
	}
	group := mapping.NewGroup(mapping.Group{
		Bridge: c.bridge, Device: d.Name, UnitID: d.Unit(), Measurement: d.Measurement, Series: shared.series,
	})
	return []*drivers.Job{{
		Device:  &drivers.Device{Name: d.Name, Driver: d.Driver, Timeout: time.Second, Beside: true},
		Group:   group,
		Filter:  mapping.NewFilter(group, rules),
		Period:  care,
		Work:    &derived.Plan{Codecs: shared.codecs},
		Compute: drivers.NewCompute(drivers.NewDerivedValues(d.Name, nil), group, nil, nil),
	}}
}
