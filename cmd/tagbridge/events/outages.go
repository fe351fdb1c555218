package events

import (
	"cmp"
	"slices"
	"time"
)

// outages are the devices and sinks that are out of reach. They are told with the bridge off as well: what was out of reach
// when it ended, and still is when it begins, is one outage.
type outages struct {
	devices, sinks map[string]Event
}

// mostOpen is how many outages a piece begins with: there must be room for more in it.
const mostOpen = 5000

func newOutages() outages {
	return outages{devices: map[string]Event{}, sinks: map[string]Event{}}
}

// begin is when the outage began that e, an event of one, tells of.
func begin(e *Event) time.Time {
	if !e.Since.IsZero() && e.More == 0 {
		return e.Since
	}
	return e.Time
}

// date gives e, an event of an outage, the beginning of that which is under way.
func (o outages) date(e *Event) {
	of, name := o.of(e)
	if was, ok := of[name]; ok && e.Since.IsZero() {
		e.Since = was.Time
	}
}

// of is where the outage is kept that e tells of, and under which name; "": it tells of none.
func (o outages) of(e *Event) (of map[string]Event, name string) {
	switch e.Kind {
	case DeviceOffline, DeviceOnline:
		return o.devices, e.Device
	case SinkOffline, SinkOnline:
		return o.sinks, e.Sink
	}
	return nil, ""
}

// note takes over what e says.
func (o outages) note(e *Event) {
	of, name := o.of(e)
	switch {
	case name == "":
	case e.Kind == DeviceOnline || e.Kind == SinkOnline:
		delete(of, name)
	case e.Kind == DeviceOffline || e.Kind == SinkOffline:
		if _, ok := of[name]; !ok {
			of[name] = Event{Time: begin(e), Kind: e.Kind, Device: e.Device, Sink: e.Sink}
		}
	}
}

// reset makes o what list says.
func (o outages) reset(list []Event) {
	clear(o.devices)
	clear(o.sinks)
	for i := range list {
		o.note(&list[i])
	}
}

// list is o in a fixed order.
func (o outages) list() []Event {
	list := []Event{}
	for _, of := range []map[string]Event{o.devices, o.sinks} {
		for _, e := range of {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b Event) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Device, b.Device), cmp.Compare(a.Sink, b.Sink))
	})
	return list[:min(len(list), mostOpen)]
}

// keep forgets what is not in the configuration any more, and reports that there was such.
func (o outages) keep(devices, sinks []string) (changed bool) {
	for _, part := range []struct {
		of    map[string]Event
		names []string
	}{{o.devices, devices}, {o.sinks, sinks}} {
		stays := make(map[string]bool, len(part.names))
		for _, name := range part.names {
			stays[name] = true
		}
		for name := range part.of {
			if !stays[name] {
				delete(part.of, name)
				changed = true
			}
		}
	}
	return changed
}
