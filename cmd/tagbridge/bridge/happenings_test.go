package bridge

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping"
	"tagbridge/testrig/influxd"
	"tagbridge/testrig/plc"
)

// eventsOf are the events in a data directory.
func (r *rig) eventsOf(dataDir string) (list []events.Event) {
	r.t.Helper()
	reader := events.NewReader(events.Folder(filepath.Join(r.dir, dataDir)))
	if err := reader.Next(events.Query{}, func(e *events.Event) bool { list = append(list, *e); return true }); err != nil {
		r.t.Fatal(err)
	}
	return list
}

// lastOf is the last of list of that kind.
func lastOf(list []events.Event, k events.Kind) *events.Event {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Kind == k {
			return &list[i]
		}
	}
	return nil
}

// awaitEvent waits until the last event of that kind has the text in it.
func (b *running) awaitEvent(k events.Kind, text string) events.Event {
	b.t.Helper()
	return b.awaitEventThat(k, text, func(e *events.Event) bool { return strings.Contains(e.Text, text) })
}

func (b *running) awaitEventThat(k events.Kind, text string, is func(*events.Event) bool) (found events.Event) {
	b.t.Helper()
	b.await(string(k)+" with "+text, func() bool {
		var list []events.Event
		if err := b.bridge.Events(b.t.Context(), events.Query{}, func(e *events.Event) bool { list = append(list, *e); return true }); err != nil {
			return false // the folder is not there yet
		}
		last := lastOf(list, k)
		if last != nil {
			found = *last
		}
		return last != nil && is(last)
	})
	return found
}

// copyData copies the data directory of a bridge that runs: what a kill leaves is what is there at any moment.
func (b *running) copyData(from, to string) {
	b.t.Helper()
	dir := filepath.Dir(b.bridge.Config().Bridge.DataDir)
	if err := os.CopyFS(filepath.Join(dir, to), os.DirFS(filepath.Join(dir, from))); err != nil {
		b.t.Fatal(err)
	}
}

// TestOutageGoesOnOverAKill has the bridge die while the PLC is silent, twice: there is one outage, of full length.
func TestOutageGoesOnOverAKill(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("192.0.2.1:502", "")
	unit, addr := r.serve(&r.load().Devices[0])
	r.plant(addr, "")
	b := r.run()
	b.awaitQuality(mapping.Good)
	lift := unit.Inject(plc.Fault{Kind: plc.Silence})
	began := b.awaitEvent(events.DeviceOffline, "no answer").Time
	for _, next := range []string{"data1", "data2"} {
		was := b.bridge.Config().Bridge.DataDir
		b.copyData(filepath.Base(was), next)
		b.stop()
		r.edit("plant.yaml", "data_dir: "+filepath.Base(was), "data_dir: "+next)
		start := time.Now()
		b = r.run()
		if e := b.awaitEvent(events.Start, ""); !strings.Contains(e.Text, "killed or crashed") || e.Since.Before(began) || e.Since.After(e.Time) {
			t.Errorf("it starts with %+v", e)
		}
		e := b.awaitEventThat(events.DeviceOffline, "the outage before", func(e *events.Event) bool { return e.Time.After(start) })
		if e.Device != "plc" || !e.Since.Equal(began) {
			t.Errorf("offline again: %+v, since %v", e, began)
		}
		if d := b.bridge.Devices()[0]; !d.Since.Equal(began) {
			t.Errorf("it is offline since %v, want %v", d.Since, began)
		}
	}
	back := time.Now()
	lift()
	e := b.awaitEvent(events.DeviceOnline, "is read again")
	b.stop()
	said, _, _ := strings.Cut(strings.TrimPrefix(e.Text, "the device is read again after "), ";")
	took, err := time.ParseDuration(said)
	if !e.Since.Equal(began) || err != nil || took < back.Sub(began).Truncate(time.Millisecond) {
		t.Errorf("online again: %+v, offline from %v to after %v", e, began, back)
	}
	if !strings.Contains(b.log.String(), "outage="+said) {
		t.Errorf("the log has no outage of %s:\n%s", said, b.log)
	}
	list := r.eventsOf("data2")
	if last := list[len(list)-1]; last.Kind != events.Stop {
		t.Errorf("the last event is %+v", last)
	}
}

// TestEventsGoToSinksThatAsk has one sink of two ask for them.
func TestEventsGoToSinksThatAsk(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("192.0.2.1:502", "")
	unit, addr := r.serve(&r.load().Devices[0])
	r.plant(addr, "")
	r.edit("plant.yaml", "flush: 50ms", "flush: 50ms, events: true, match: [plc/temp]")
	r.edit("plant.yaml", "\nsinks:", "\nsinks:\n  - {name: other, type: file, path: other.jsonl}")
	b := r.run()
	b.awaitQuality(mapping.Good)
	lift := unit.Inject(plc.Fault{Kind: plc.Silence})
	b.awaitEvent(events.DeviceOffline, "")
	lift()
	b.awaitEvent(events.DeviceOnline, "")
	b.stop()
	r.wait("the events", func(points []influxd.Point) bool {
		want := map[string]string{"start: ": "_bridge", "stop: ": "_bridge", "device-offline: ": "plc", "device-online: ": "plc"}
		for i := range points {
			text, _ := points[i].Field("event").(string)
			for begin, device := range want {
				if strings.HasPrefix(text, begin) && points[i].Measurement == "tagbridge" && points[i].Tag("device") == device {
					delete(want, begin)
				}
			}
		}
		return len(want) == 0
	})
	text, err := os.ReadFile(filepath.Join(r.dir, "other.jsonl"))
	if err != nil || !strings.Contains(string(text), "_online") || strings.Contains(string(text), "_event") {
		t.Errorf("%v; the sink that did not ask has\n%s", err, text)
	}
}

func TestReloadsAreEvents(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("192.0.2.1:502", "")
	_, addr := r.serve(&r.load().Devices[0])
	r.plant(addr, "")
	b := r.run()
	r.edit("tags.csv", "°C", "K")
	b.hup()
	b.awaitEvent(events.Reload, "unit")
	r.edit("tags.csv", "int16", "int17")
	r.edit("tags.csv", "float32", "float33")
	b.hup()
	e := b.awaitEvent(events.RefusedReload, "2 problems")
	if !strings.Contains(e.Text, "int17") || strings.Contains(e.Text, "float33") {
		t.Errorf("%+v", e)
	}
	b.stop()
}

// TestEventsOnADiskThatTakesNone runs with a file where the folder is to be.
func TestEventsOnADiskThatTakesNone(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("192.0.2.1:502", "")
	_, addr := r.serve(&r.load().Devices[0])
	r.plant(addr, "")
	if err := os.MkdirAll(filepath.Join(r.dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	r.write("data/events", "")
	b := r.run()
	b.awaitQuality(mapping.Good)
	b.awaitEvent(events.Start, "no run before")
	b.await("a word about it", func() bool { return strings.Contains(b.log.String(), "events cannot be written") })
	b.stop()
}

// TestLossesAreEvents has the database down until samples are lost, and another bridge find it so.
func TestLossesAreEvents(t *testing.T) {
	r, b, plcs := overflowing(t)
	b.awaitEventThat(events.Dropped, "its begin", func(e *events.Event) bool { return e.Sink == "db" && strings.Contains(e.Text, "size") })
	offline := b.awaitEvent(events.SinkOffline, "503")
	b.stop()
	b = r.run()
	again := b.awaitEventThat(events.SinkOffline, "the outage before", func(e *events.Event) bool { return e.Time.After(offline.Time) })
	if !again.Since.Equal(offline.Time) || again.Sink != "db" {
		t.Errorf("%+v, offline since %v", again, offline.Time)
	}
	for _, s := range plcs {
		s.Refuse()
	}
	r.influx.Always(influxd.Step{})
	online := b.awaitEvent(events.SinkOnline, " for it")
	if !online.Since.Equal(offline.Time) {
		t.Errorf("%+v, offline since %v", online, offline.Time)
	}
	b.stop()
}

// TestRefusalsAreEvents has the database refuse a field.
func TestRefusalsAreEvents(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("192.0.2.1:502", "")
	_, addr := r.serve(&r.load().Devices[0])
	r.plant(addr, "")
	r.influx.Refuse("power")
	b := r.run()
	if e := b.awaitEvent(events.Rejected, "the sink refused "); e.Sink != "db" || e.Device != "plc" || e.Tag != "power" {
		t.Errorf("%+v", e)
	}
	b.stop()
}
