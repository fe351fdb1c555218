package events

import (
	"cmp"
	"slices"
	"time"
)

// outages is what is not well, and since when: devices and sinks that are out of reach, tags that are bad, a journal that
// cannot be written, a configuration that is refused. It is told with the bridge off as well: what was so when it ended, and
// still is when it begins, is one outage.
type outages map[outage]Event

// outage is what one is of: its kind, which is that of the event that begins it, and what it befell.
type outage struct {
	kind              Kind
	device, tag, sink string
}

// endOf are the kinds that end an outage, by the one that began it.
var endOf = map[Kind]Kind{
	DeviceOnline: DeviceOffline, SinkOnline: SinkOffline, TagGood: TagBad, JournalWrites: JournalFailing,
	PollsOnTime: PollsLate, Reload: RefusedReload,
}

// mostOpen is how many outages a piece begins with: there must be room for more in it.
const mostOpen = 5000

// begin is when the outage began that e, an event of one, tells of.
func begin(e *Event) time.Time {
	if !e.Since.IsZero() && e.More == 0 {
		return e.Since
	}
	return e.Time
}

// date gives e, an event of an outage, the beginning of that which is under way.
func (o outages) date(e *Event) {
	of, _ := outageOf(e)
	if was, ok := o[of]; ok && e.Since.IsZero() {
		e.Since = was.Time
		if e.Kind == was.Kind {
			e.Heard = was.Heard
		}
	}
}

// outageOf is the outage that e tells of, the zero value when it tells of none, and whether it ends it.
func outageOf(e *Event) (of outage, ends bool) {
	kind, ends := endOf[e.Kind]
	if !ends {
		kind = e.Kind
	}
	switch of = (outage{kind: kind}); kind {
	case DeviceOffline, PollsLate:
		of.device = e.Device
	case TagBad:
		of.device, of.tag = e.Device, e.Tag
		if e.Tag == "" { // several at once, and nobody knows which
			return outage{}, false
		}
	case SinkOffline:
		of.sink = e.Sink
	case JournalFailing, RefusedReload:
	default:
		return outage{}, false
	}
	return of, ends
}

// note takes over what e says, and reports that something has changed.
func (o outages) note(e *Event) (changed bool) {
	of, ends := outageOf(e)
	_, was := o[of]
	switch {
	case of.kind == "":
	case ends:
		delete(o, of)
		return was
	default:
		if !was {
			o[of] = Event{Time: begin(e), Kind: e.Kind, Device: of.device, Tag: of.tag, Sink: of.sink, Text: textToKeep(e), Heard: e.Heard}
		}
		return !was
	}
	return false
}

// textToKeep is what of the text of a beginning is kept: the quality of a tag.
func textToKeep(e *Event) string {
	if e.Kind != TagBad {
		return ""
	}
	for i := range len(e.Text) {
		if e.Text[i] == ':' || e.Text[i] == ' ' {
			return e.Text[:i]
		}
	}
	return e.Text
}

// reset makes o what list says.
func (o outages) reset(list []Event) {
	clear(o)
	for i := range list {
		o.note(&list[i])
	}
}

// list is all, as much of it as a piece begins with: there may be more tags.
func (o outages) list() []Event {
	list := o.all()
	return list[:min(len(list), mostOpen)]
}

// all is o in a fixed order, with tags last.
func (o outages) all() []Event {
	list := []Event{}
	for _, e := range o {
		list = append(list, e)
	}
	rank := func(e Event) int {
		if e.Kind == TagBad {
			return 1
		}
		return 0
	}
	slices.SortFunc(list, func(a, b Event) int {
		return cmp.Or(rank(a)-rank(b), a.Time.Compare(b.Time), cmp.Compare(a.Device, b.Device), cmp.Compare(a.Tag, b.Tag),
			cmp.Compare(a.Sink, b.Sink), cmp.Compare(a.Kind, b.Kind))
	})
	return list
}

// keep forgets what stays does not want, and reports that there was such.
func (o outages) keep(stays func(*Event) bool) (changed bool) {
	for of, e := range o {
		if !stays(&e) {
			delete(o, of)
			changed = true
		}
	}
	return changed
}
