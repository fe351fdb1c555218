package bridge

import (
	"fmt"
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

// alarmConnections are those of all alarms of cfg; before is what there was, by what it was made from. Without an alarm there is none.
// Where others read some of the devices, each device has one: its alarms are sent by whoever reads it.
func (b *Bridge) alarmConnections(before map[string][]*connection, cfg *config.Config, devices map[string]*compiled) []*connection {
	if b.o.Share == nil {
		var jobs []*drivers.Job
		for i := range cfg.Devices {
			jobs = append(jobs, devices[cfg.Devices[i].Name].alarms...)
		}
		return b.alarmConnection(before, "", nil, jobs)
	}
	var list []*connection
	for _, c := range cfg.Connections() {
		for _, d := range c.Devices {
			list = append(list, b.alarmConnection(before, d.Name, b.lease(c), devices[d.Name].alarms)...)
		}
	}
	return list
}

// alarmConnection is that of jobs, all of that device; "": of several.
func (b *Bridge) alarmConnection(before map[string][]*connection, device string, lease *drivers.Lease, jobs []*drivers.Job) []*connection {
	if len(jobs) == 0 {
		return nil
	}
	same := alarmLine
	if device != "" {
		same = fmt.Sprintf("%s %s %p", alarmLine, device, lease)
	}
	if was := before[same]; len(was) > 0 {
		return []*connection{was[0].with(jobs)}
	}
	lane := drivers.NewLane(derived.NewLink(b.alarmHub, device), drivers.LaneOptions{Name: alarmLine, Append: b.journal.Append, Log: b.o.Log, Lease: lease})
	return []*connection{{name: alarmLine, sameAs: same, lane: lane, jobs: jobs, beside: true}}
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
