package bridge

import (
	"context"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/drivers"
	"tagbridge/mapping"
)

// Tags that become bad, or good again, while their device is online are events. Nothing on the way of the samples knows of
// that: the tables of present values are looked at every second, those in which a quality has changed. A tag that is good
// again within that second makes no event; its samples say it all the same.

// watchEvery is how often the tables are looked at.
const watchEvery = time.Second

// tagLook is what was seen at the last look.
type tagLook struct {
	bridge  *Bridge
	devices map[string]*tagWatch
	lanes   map[*drivers.Lane]laneWatch
}

// laneWatch is what was seen of one lane.
type laneWatch struct {
	changes, turns uint64
	calm           bool // all of its devices are online and nothing is in doubt: as long as nothing turns there is nothing to see
}

// tagWatch is what was seen of one device.
type tagWatch struct {
	turns uint64
	bad   map[string]int64 // tags that are said to be bad, and since when
	// doubt are those that were bad at the last look for the first time: when a device goes offline its tags are bad a
	// moment before it is.
	doubt map[string]int64
}

// badBefore is since when a tag has been bad, as is known from before; see drivers.LaneOptions.
func (b *Bridge) badBefore(device, tag string) (since time.Time, quality string) {
	if since, quality = b.events.TagBad(device, tag); !since.IsZero() {
		return since, quality
	}
	return b.events.DeviceDown(device), ""
}

// newTagWatch knows the tags that were said to be bad before the bridge began, or before a device moved.
func (b *Bridge) newTagWatch(device string) *tagWatch {
	w := &tagWatch{bad: map[string]int64{}}
	for _, e := range b.events.BadTags(device) {
		w.bad[e.Tag] = e.Time.UnixNano()
	}
	return w
}

// watchTags adds the events of tags until ctx ends.
func (b *Bridge) watchTags(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	seen := tagLook{bridge: b, devices: map[string]*tagWatch{}}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			seen.look(b.now.Load().connections)
		}
	}
}

// look looks at the lanes once: at those on which something may have changed, and at all when devices may have come or gone.
func (s *tagLook) look(connections []*connection) {
	lanes := make(map[*drivers.Lane]laneWatch, len(connections))
	moved := len(connections) != len(s.lanes)
	for _, c := range connections {
		changes, turns := c.lane.Turned()
		before, known := s.lanes[c.lane]
		moved = moved || !known || before.changes != changes
		lanes[c.lane] = laneWatch{changes: changes, turns: turns, calm: before.calm && before.turns == turns}
	}
	there := map[string]bool{}
	for _, c := range connections {
		if w := lanes[c.lane]; moved || !w.calm {
			w.calm = s.lookAt(c.lane, there)
			lanes[c.lane] = w
		}
	}
	s.lanes = lanes
	if !moved {
		return
	}
	for device := range s.devices {
		if !there[device] {
			delete(s.devices, device)
		}
	}
}

// lookAt looks at the devices of a lane, notes that they are there, and reports whether it is calm.
func (s *tagLook) lookAt(lane *drivers.Lane, there map[string]bool) (calm bool) {
	calm = true
	lane.Turns(func(device string, online bool, turns uint64) {
		there[device] = true
		w := s.devices[device]
		if w == nil {
			w = s.bridge.newTagWatch(device)
			s.devices[device] = w
		}
		switch {
		case !online:
			w.doubt = nil
			w.turns = turns - 1 // so that it is looked at when it is back
		case turns != w.turns || len(w.doubt) > 0:
			w.turns = turns
			w.look(device, lane, s.bridge.events.Add)
		}
		calm = calm && online && len(w.doubt) == 0
	})
	return calm
}

// look compares the tags of a device that is online with what was said of them.
func (w *tagWatch) look(device string, lane *drivers.Lane, add func(events.Event)) {
	before, were := w.doubt, w.bad
	w.doubt, w.bad = map[string]int64{}, make(map[string]int64, len(were)) // without those that are gone
	for t := range lane.Tags(device) {
		tag, q := t.Series.Tag, t.Sample.Quality
		since, was := were[tag]
		waits := q.Base() == mapping.BadWaitingForInitialData
		bad := q.IsBad() && !waits
		switch doubted, again := before[tag]; {
		case bad && was || waits && was:
			w.bad[tag] = since
		case bad && again && doubted == t.Since:
			w.bad[tag] = t.Since
			text := q.String()
			if t.Error != "" {
				text += ": " + t.Error
			}
			add(events.Event{Time: notAhead(t.Since), Kind: events.TagBad, Device: device, Tag: tag, Text: text})
		case bad:
			w.doubt[tag] = t.Since
		case was:
			from, to := notAhead(since), notAhead(t.Since)
			add(events.Event{
				Time: to, Kind: events.TagGood, Device: device, Tag: tag, Since: from,
				Text: q.String() + " after " + to.Sub(from).Round(time.Second).String(),
			})
		}
	}
}

// notAhead is the time of a sample, which may be a server's, or now when that is not there yet.
func notAhead(ns int64) time.Time {
	t, now := time.Unix(0, ns), time.Now()
	if t.After(now) {
		return now
	}
	return t
}
