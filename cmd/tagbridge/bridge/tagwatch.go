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
	seen := map[string]*tagWatch{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			b.lookAtTags(seen)
		}
	}
}

// lookAtTags looks at the devices once.
func (b *Bridge) lookAtTags(seen map[string]*tagWatch) {
	there := map[string]bool{}
	for _, c := range b.now.Load().connections {
		c.lane.Turns(func(device string, online bool, turns uint64) {
			there[device] = true
			w := seen[device]
			if w == nil {
				w = b.newTagWatch(device)
				seen[device] = w
			}
			switch {
			case !online:
				w.doubt = nil
				w.turns = turns - 1 // so that it is looked at when it is back
			case turns != w.turns || len(w.doubt) > 0:
				w.turns = turns
				w.look(device, c.lane, b.events.Add)
			}
		})
	}
	for device := range seen {
		if !there[device] {
			delete(seen, device)
		}
	}
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
