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

// TestTagIsBadOverAKill has the bridge die while a tag is refused: it is bad from its first refusal on, is told of once,
// and good after all that time.
func TestTagIsBadOverAKill(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("192.0.2.1:502", "")
	unit, addr := r.serve(&r.load().Devices[0])
	r.plant(addr, "")
	b := r.run()
	b.awaitQuality(mapping.Good)
	lift := unit.Inject(plc.Fault{Kind: plc.Exception, Function: 2, Code: 6})
	began := b.awaitEvent(events.TagBad, "").Time
	b.copyData("data", "data1")
	b.stop()
	r.edit("plant.yaml", "data_dir: data", "data_dir: data1")
	b = r.run()
	b.await("a value of the next run", func() bool { return b.bridge.Devices()[0].Polls > 0 })
	for tag := range b.bridge.Tags("plc") {
		if tag.Series.Tag == "door" && (!tag.Sample.Quality.IsBad() || tag.Since != began.UnixNano()) {
			t.Errorf("%+v, bad since %v", tag, began.UnixNano())
		}
	}
	lift()
	good := b.awaitEvent(events.TagGood, "Good after ")
	if good.Tag != "door" || !good.Since.Equal(began) {
		t.Errorf("%+v, bad since %v", good, began)
	}
	b.stop()
	n := 0
	for _, e := range r.eventsOf("data1") {
		if e.Kind == events.TagBad {
			n++
		}
	}
	if n != 1 {
		t.Errorf("it is said to be bad %d times", n)
	}
}
