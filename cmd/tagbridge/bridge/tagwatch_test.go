package bridge

import (
	"strings"
	"testing"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping"
	"tagbridge/testrig/plc"
)

// TestTagsAreEvents has one tag refused for a while, and then the device silent: that is no event of its tags.
func TestTagsAreEvents(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("192.0.2.1:502", "")
	unit, addr := r.serve(&r.load().Devices[0])
	r.plant(addr, "")
	b := r.run()
	b.awaitQuality(mapping.Good)
	lift := unit.Inject(plc.Fault{Kind: plc.Exception, Function: 2, Code: 6})
	bad := b.awaitEvent(events.TagBad, "")
	if bad.Device != "plc" || bad.Tag != "door" || !strings.HasPrefix(bad.Text, "BadResourceUnavailable: ") {
		t.Errorf("%+v", bad)
	}
	lift()
	good := b.awaitEvent(events.TagGood, "Good after ")
	if good.Tag != "door" || !good.Since.Equal(bad.Time) || good.Time.Before(bad.Time) {
		t.Errorf("%+v, bad since %v", good, bad.Time)
	}
	silence := unit.Inject(plc.Fault{Kind: plc.Silence})
	b.awaitEvent(events.DeviceOffline, "")
	silence()
	b.awaitEvent(events.DeviceOnline, "")
	b.awaitQuality(mapping.Good)
	b.stop()
	n := 0
	for _, e := range r.eventsOf("data") {
		if e.Kind == events.TagBad || e.Kind == events.TagGood {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d events of tags: %+v", n, r.eventsOf("data"))
	}
}
