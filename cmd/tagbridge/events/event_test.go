package events

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// at is noon and so many seconds.
func at(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

func TestLineHoldsAnEvent(t *testing.T) {
	for _, e := range []Event{
		{Time: noon, Kind: Stop},
		{Time: at(1).Add(1), Kind: DeviceOnline, Device: "boiler", Text: "outage 35s", Since: noon},
		{Time: noon, Kind: TagBad, Device: "a", Tag: "b/c", Text: "\"quoted\" <b> & \u2028 \x00 line\nline"},
		{Time: noon, Kind: Edit, By: "anna", Text: "°C"},
		{Time: at(9), Kind: TagBad, Device: "a", Text: "and 9,990 more", More: 9990, First: noon},
	} {
		line := appendLine(nil, &e)
		if bytes.IndexByte(line, '\n') != len(line)-1 {
			t.Errorf("%+v is not one line: %q", e, line)
		}
		got, err := parseLine(line[:len(line)-1])
		if err != nil || !reflect.DeepEqual(got.Event, e) {
			t.Errorf("%q is read as %+v, %v; want %+v", line, got.Event, err, e)
		}
		var fields map[string]any
		if err := json.Unmarshal(line, &fields); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"time", "kind", "device", "tag", "sink", "text", "by"} {
			if _, ok := fields[name]; !ok {
				t.Errorf("%q has no %s", line, name)
			}
		}
	}
}

func TestLineIsBounded(t *testing.T) {
	e := Event{Time: noon, Kind: Rejected, Text: strings.Repeat("ä", 1<<20)}
	line := appendLine(nil, &e)
	if len(line) > 2*mostText || !bytes.Contains(line, []byte("ä…")) {
		t.Errorf("a text of 2 MiB makes a line of %d bytes", len(line))
	}
}

// A line that is cut anywhere is no event.
func TestCutLineIsNone(t *testing.T) {
	line := appendLine(nil, &Event{Time: noon, Kind: DeviceOnline, Device: "b", Text: "{}", Since: noon, First: noon, More: 2})
	for n := range len(line) - 1 {
		if r, err := parseLine(line[:n]); err == nil {
			t.Errorf("%q is read as %+v", line[:n], r)
		}
	}
}

func FuzzParseLine(f *testing.F) {
	f.Add([]byte(`{"time":"2026-03-01T12:00:00Z","kind":"stop"}`))
	f.Add(appendLine(nil, &Event{Time: noon, Kind: TagGood, Device: "a", Tag: "b", Since: noon}))
	f.Add(appendOpen(nil, []Event{{Time: noon, Kind: SinkOffline, Sink: "db"}}))
	f.Add([]byte(`{"time":"0000-01-01T00:00:00Z","kind":"stop","more":-1}`))
	f.Add([]byte("\x00\x00\x00{"))
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := parseLine(line)
		if err != nil {
			return
		}
		outages{}.reset(r.Open)
		if r.Open != nil {
			return
		}
		again, err := parseLine(bytes.TrimSuffix(appendLine(nil, &r.Event), []byte("\n")))
		if err != nil || !again.Time.Equal(r.Time) || again.Kind != r.Kind {
			t.Errorf("%q is read as %+v, and that as %+v, %v", line, r.Event, again.Event, err)
		}
	})
}
