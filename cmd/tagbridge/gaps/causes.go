package gaps

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/events"
)

// span is a time between two instants, in nanoseconds since 1970. It is a cause: why something was not read.
type span struct {
	from, to int64
	told     int64 // when an event told of its beginning, which may be a while after that
	why      string
	goes     bool // it had not ended when the events do
	times    int  // of how many it tells; 0 and 1: one
}

// forever is the end of what has not ended.
const forever = math.MaxInt64

// causes is what the events tell, each list by its beginning.
type causes struct {
	first, last int64 // the times of the events that there are; 0: none
	begins      bool  // the first of them is the very first start: there was nothing before
	off         []span
	starts      []int64
	reloads     []span
	devices     map[string][]span // offline
	tags        map[place][]span  // bad
	sinks       map[string][]span // offline
	failing     []span            // the journal could not be written
	stopped     int64             // the bridge was stopped then, and has not begun since; 0: it has
}

// place is a tag of a device.
type place struct{ device, tag string }

// String is the place as people write it.
func (p place) String() string { return p.device + "/" + p.tag }

// readCauses takes in the events of r. Those of tags are kept for the time before journalled only, beyond which the samples
// say more.
// under are the outages that go on, of which some may have no line.
func readCauses(r *events.Reader, under []events.Event) (*causes, error) {
	c := &causes{devices: map[string][]span{}, tags: map[place][]span{}, sinks: map[string][]span{}}
	var last events.Kind
	err := r.Next(events.Query{}, func(e *events.Event) bool {
		for _, t := range []time.Time{e.Time, e.Since, e.First, e.Heard} {
			if !t.IsZero() && (t.Year() < 1970 || t.Year() > 2261) {
				return true // nanoseconds do not count so far
			}
		}
		at := e.Time.UnixNano()
		if c.first == 0 {
			c.first, c.begins = at, e.Kind == events.Start && e.Since.IsZero()
		}
		c.last = max(c.last, at)
		switch e.Kind {
		case events.Start:
			c.start(e, at, last)
			last, c.stopped = e.Kind, 0
		case events.Stop:
			last, c.stopped = e.Kind, at
		case events.Reload:
			c.reloads = append(c.reloads, span{from: at - took(e.Text), to: at})
		case events.DeviceOffline, events.DeviceOnline:
			c.devices[e.Device] = outage(c.devices[e.Device], e, e.Kind == events.DeviceOnline)
		case events.SinkOffline, events.SinkOnline:
			c.sinks[e.Sink] = outage(c.sinks[e.Sink], e, e.Kind == events.SinkOnline)
		case events.JournalFailing, events.JournalWrites:
			c.failing = outage(c.failing, e, e.Kind == events.JournalWrites)
		case events.TagBad, events.TagGood:
			p := place{e.Device, e.Tag}
			c.tags[p] = outage(c.tags[p], e, e.Kind == events.TagGood)
		}
		return true
	})
	c.under(under)
	if c.stopped != 0 {
		c.off = append(c.off, span{from: c.stopped, to: forever, why: "stopped", goes: true})
	}
	c.tidy()
	return c, err
}

// under takes over tags that are bad still, where no line says so.
func (c *causes) under(list []events.Event) {
	for i := range list {
		if e := &list[i]; e.Kind == events.TagBad && e.Time.Year() >= 1970 && e.Time.Year() <= 2261 {
			p := place{e.Device, e.Tag}
			c.tags[p] = outage(c.tags[p], e, false)
		}
	}
}

// start notes that the bridge was off until e, which is its start.
func (c *causes) start(e *events.Event, at int64, last events.Kind) {
	c.starts = append(c.starts, at)
	if e.Since.IsZero() {
		return
	}
	why := "killed or crashed"
	if last == events.Stop && c.stopped == e.Since.UnixNano() {
		why = "stopped"
	}
	if from := e.Since.UnixNano(); from < at { // else the clock was set back meanwhile
		c.off = append(c.off, span{from: from, to: at, why: why})
	}
}

// outage adds to list what e says, which ends an outage or tells of one. Events come in the order of their times and not as
// they happened, where the clock was set back: an end says itself when its outage began.
func outage(list []span, e *events.Event, ends bool) []span {
	at := e.Time.UnixNano()
	if e.More > 0 { // it comes and goes
		if first := e.First.UnixNano(); !ends && !e.First.IsZero() {
			list = append(list, span{from: first, to: max(at, first+1), why: e.Short(), times: e.More})
		}
		return list
	}
	from := at
	if !e.Since.IsZero() {
		from = e.Since.UnixNano()
	}
	i := slices.IndexFunc(list, func(s span) bool { return s.told == from && s.times == 0 })
	n := span{from: from, told: from}
	if heard := e.Heard.UnixNano(); !e.Heard.IsZero() && heard < from {
		n.from = heard
	}
	switch {
	case ends && e.Since.IsZero():
		for i := range list {
			if list[i].goes {
				list[i].to, list[i].goes = max(at, list[i].from+1), false
			}
		}
	case ends && i >= 0:
		list[i].to, list[i].goes = max(at, from+1), false
	case ends:
		n.to = max(at, from+1)
		list = append(list, n)
	case i < 0:
		n.to, n.why, n.goes = forever, e.Short(), true
		list = append(list, n)
	case list[i].why == "":
		list[i].why = e.Short()
	}
	return list
}

// tidy brings all in order, and ends what has another beginning after it: its end is in a line that tells of many.
func (c *causes) tidy() {
	slices.Sort(c.starts)
	slices.SortFunc(c.reloads, byBeginning)
	slices.SortFunc(c.off, byBeginning)
	endOpen(c.failing)
	for _, m := range []map[string][]span{c.devices, c.sinks} {
		for _, list := range m {
			endOpen(list)
		}
	}
	for p, list := range c.tags {
		endOpen(list)
		c.endTags(p, list)
	}
}

func byBeginning(a, b span) int { return cmp.Compare(a.from, b.from) }

func endOpen(list []span) {
	slices.SortFunc(list, byBeginning)
	for i := range list[:max(len(list)-1, 0)] {
		if next := &list[i+1]; list[i].to > next.from {
			list[i].to, list[i].goes = next.from, false
		}
	}
}

// endTags ends spells of a tag that no event ends: of a device that goes offline they are no more.
func (c *causes) endTags(p place, list []span) {
	for i := range list {
		s := &list[i]
		for _, o := range c.devices[p.device] {
			if s.goes && o.told > s.from {
				s.to, s.goes = o.from, false
			}
		}
	}
}

// took is how long a reload took, as its text says.
func took(text string) int64 {
	_, after, _ := strings.Cut(text, "took ")
	after, _, _ = strings.Cut(after, ",")
	d, _ := time.ParseDuration(strings.TrimSpace(after))
	return int64(min(max(d, 0), time.Hour))
}

// over are the spans of list, which is by its beginning and without overlaps, that have a part between from and to.
func over(list []span, from, to int64) []span {
	first, _ := slices.BinarySearchFunc(list, from, func(s span, at int64) int {
		if s.to <= at {
			return -1
		}
		return 1
	})
	last := first
	for last < len(list) && list[last].from < to {
		last++
	}
	return list[first:last]
}
