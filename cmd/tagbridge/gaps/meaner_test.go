package gaps

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping"
)

// server is a configuration of an OPC UA server and a pump.
func server(options string) string {
	return `bridge: {name: b, data_dir: data, http: ""}
devices:
  - {name: server, driver: opcua, url: "opc.tcp://192.0.2.1:4840", ` + options + `, tags: [server.csv]}
  - {name: pump, driver: modbus, url: "tcp://192.0.2.2:502", poll: 1s, tags: [pump.csv]}
sinks:
  - {name: historian, type: file, path: "-"}
`
}

const serverRows = "tag,address\nlevel,ns=2;s=level\nvalve,ns=2;s=valve\n"

// TestServerTimes has a server date what it has as it likes: twice the same, backwards, and as before after it was bad.
func TestServerTimes(t *testing.T) {
	for _, mode := range []string{"poll: 1s, mode: poll, timestamps: source", "mode: subscribe"} {
		p := newPlant(t, server(mode), "server.csv", serverRows, "pump.csv", pumpRows)
		p.sample(at("05:00"), "server", mapping.Good, "level", "valve") // they have not changed since
		p.run(at("06:30"), "server")
		p.sample(at("06:29:59"), "server", mapping.Good, "level")
		p.sample(at("06:10"), "server", mapping.Good, "level")
		p.sample(at("06:10"), "server", mapping.Good, "level")
		p.run(at("07:00"), "server")
		p.sample(at("07:00"), "server", mapping.BadSensorFailure, "valve")
		p.run(at("07:05"), "server")
		p.sample(at("05:00"), "server", mapping.Good, "valve")
		p.run(at("08:00"), "server")
		p.wants(p.report(Query{}), "07:00:00-07:04:59 server/valve tag bad (BadSensorFailure) 0")
		p.wants(p.report(Query{Since: at("07:30")}))
	}
}

// TestLatePolls has polls be late without one being left out, up to just before the next is due.
func TestLatePolls(t *testing.T) {
	p := twoPlants(t)
	for i := range 200 {
		late := []time.Duration{0, 900, 100, 0, 950, 950, 0, 400}[i%8] * time.Millisecond
		p.sample(p.now.Add(late), "pump", mapping.Good, "speed", "power")
		p.now = p.now.Add(time.Second)
	}
	r := p.report(Query{Devices: []string{"pump"}})
	p.wants(r)
}

// TestManyGaps leaves out every other poll for a long time: that is told, and not as so many lines.
func TestManyGaps(t *testing.T) {
	p := newPlant(t, two, "boiler.csv", head+"temp,40001,,,\n", "pump.csv", head+"speed,40001,,,\n")
	left := uint64(0)
	for i := range 20_000 {
		now := p.now.Add(time.Duration(i) * time.Second)
		p.sample(now, "boiler", mapping.Good, "temp")
		if i%4 < 2 {
			p.sample(now, "pump", mapping.Good, "speed")
		} else if i < 19_996 {
			left++
		}
	}
	r := p.report(Query{})
	n, times := uint64(0), 0
	for _, g := range r.Reading {
		n, times = n+g.Samples, times+g.Times
		if g.Device != "pump" || g.Reason != PollsLeftOut {
			t.Errorf("told %+v", g)
		}
	}
	if n != left || times != int(left/2) || len(r.Reading) > mostSpells {
		t.Errorf("%d samples are missing %d times in %d lines, want %d", n, times, len(r.Reading), left)
	}
}

// TestOfflineOverAKill has a device be offline before the bridge is killed and after it has begun again.
func TestOfflineOverAKill(t *testing.T) {
	p := twoPlants(t)
	p.run(at("06:05"))
	p.event(at("06:05:02"), events.Event{Kind: events.DeviceOffline, Device: "pump", Text: "device offline: no answer"})
	p.sample(at("06:05:02"), "pump", mapping.BadTimeout, "speed", "power")
	p.online(at("06:05:02"), "pump", false)
	p.run(at("06:06"), "pump")
	p.open()
	p.now = at("06:07")
	p.event(p.now, events.Event{Kind: events.Start, Since: at("06:05:58")})
	p.event(at("06:07:01"), events.Event{Kind: events.DeviceOffline, Device: "pump", Since: at("06:05:02"), Text: "device offline: no answer"})
	p.sample(at("06:07:01"), "pump", mapping.BadTimeout, "speed", "power")
	p.online(at("06:07:01"), "pump", false)
	p.run(at("06:10"), "pump")
	p.event(p.now, events.Event{Kind: events.DeviceOnline, Device: "pump", Since: at("06:05:02")})
	p.run(at("06:20"))
	p.wants(p.report(Query{Devices: []string{"pump"}}),
		"06:04:59-06:05:59 pump/2 device offline (no answer) 120",
		"06:05:59-06:07:00 /2 bridge off (killed or crashed) 122",
		"06:07:00-06:10:00 pump/2 device offline (no answer) 358",
	)
}

// TestEventsAlone has the journal hold nothing: what is known is by the events.
func TestEventsAlone(t *testing.T) {
	p := twoPlants(t)
	p.event(at("06:10"), events.Event{Kind: events.DeviceOffline, Device: "pump", Text: "device offline: no answer"})
	p.event(at("06:20"), events.Event{Kind: events.DeviceOnline, Device: "pump", Since: at("06:10")})
	p.event(at("06:30"), events.Event{Kind: events.TagBad, Device: "boiler", Tag: "flow", Text: "tag bad: BadOutOfRange"})
	p.event(at("06:40"), events.Event{Kind: events.TagGood, Device: "boiler", Tag: "flow", Since: at("06:30")})
	p.event(at("06:50"), events.Event{Kind: events.Stop})
	p.event(at("07:00"), events.Event{Kind: events.Start, Since: at("06:50")})
	p.event(at("08:00"), events.Event{Kind: events.Reload})
	p.report(Query{})
	if err := os.RemoveAll(filepath.Join(p.dir, "journal")); err != nil {
		t.Fatal(err)
	}
	r, err := Account(t.Context(), Source{DataDir: p.dir, Applied: p.applied, Now: at("09:00")}, Query{})
	if err != nil {
		t.Fatal(err)
	}
	p.wants(r,
		"06:10:00-06:20:00 pump/2 device offline (no answer) 1200",
		"06:30:00-06:40:00 boiler/flow tag bad (BadOutOfRange) 600",
		"06:50:00-07:00:00 /6 bridge off (stopped) 2460",
	)
	if !r.Incomplete || strings.Contains(r.Verdict, "delivered") {
		t.Errorf("%+v", r)
	}
}

// TestSamplesAlone has the events be gone.
func TestSamplesAlone(t *testing.T) {
	p := twoPlants(t)
	p.run(at("06:10"))
	p.sample(at("06:10"), "pump", mapping.BadTimeout, "speed", "power")
	p.online(at("06:10"), "pump", false)
	p.run(at("06:20"), "pump")
	p.online(at("06:20"), "pump", true)
	p.run(at("06:30"))
	p.now = at("06:40")
	p.run(at("06:50"))
	p.lines.Reset()
	p.wants(p.report(Query{}),
		"06:09:59-06:20:00 pump/2 device offline 1200",
		"06:29:59-06:40:00 /5 nothing read (the bridge was off, the machine slept, or its clock was set forward) 2460",
	)
}

// TestNeverThere has a device that never answers, one that is taken out while it is offline, and a plant that has not begun.
func TestNeverThere(t *testing.T) {
	p := twoPlants(t)
	p.run(at("06:00:03"), "pump")
	p.event(at("06:00:03"), events.Event{Kind: events.DeviceOffline, Device: "pump", Text: "device offline: no route"})
	p.sample(at("06:00:03"), "pump", mapping.BadNotConnected, "speed", "power")
	p.run(at("06:30"), "pump")
	p.sample(at("06:30"), "pump", mapping.BadOutOfService, "speed", "power")
	p.event(at("06:30"), events.Event{Kind: events.Reload})
	one := strings.Replace(two, "  - {name: pump, driver: modbus, url: \"tcp://192.0.2.2:502\", poll: 1s, tags: [pump.csv]}\n", "", 1)
	p.apply(at("06:30"), one, "boiler.csv", boilerRows)
	p.run(at("07:00"))
	p.wants(p.report(Query{}), "06:00:00-06:30:00 pump/2 device offline (no route) 3598")
	if _, err := Account(t.Context(), Source{DataDir: t.TempDir(), Now: day}, Query{}); err == nil {
		t.Error("a folder without anything is accounted for")
	}
}

// TestStoppedAndCopied ends with a bridge that was stopped, and a copy of one that ran.
func TestStoppedAndCopied(t *testing.T) {
	p := twoPlants(t)
	p.run(at("06:10"))
	r := p.report(Query{})
	p.wants(r)
	if r.Until.After(at("06:10")) || len(r.Unknown) != 1 {
		t.Errorf("until %v, %q", r.Until, r.Unknown)
	}
	p.event(p.now, events.Event{Kind: events.Stop})
	p.now = at("06:20")
	p.wants(p.report(Query{}), "06:10:00-06:20:00… /6 bridge off (stopped) 2460")
}

// TestCut has the last segment of a copy be cut off at any place.
func TestCut(t *testing.T) {
	p := twoPlants(t)
	p.run(at("06:02"))
	p.report(Query{})
	segments, err := filepath.Glob(filepath.Join(p.dir, "journal", "*.seg"))
	if err != nil || len(segments) != 1 {
		t.Fatal(segments, err)
	}
	whole, err := os.ReadFile(segments[0])
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(whole); n += 97 {
		if err := os.WriteFile(segments[0], whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Account(t.Context(), Source{DataDir: p.dir, Applied: p.applied, Now: p.now}, Query{})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Reading) > 0 {
			t.Fatalf("cut off at %d: %s", n, r.text())
		}
	}
}

// TestBadForLonger has a tag be bad since before the journal begins, in which it has no sample any more, over a kill.
func TestBadForLonger(t *testing.T) {
	p := twoPlants(t)
	p.event(at("06:00:30"), events.Event{Kind: events.TagBad, Device: "boiler", Tag: "flow", Text: "tag bad: BadOutOfRange: read unit 1"})
	p.now = at("06:05") // what was before is gone
	p.open()
	if err := os.RemoveAll(filepath.Join(p.dir, "journal")); err != nil {
		t.Fatal(err)
	}
	p.j = nil
	p.open()
	p.run(at("06:10"), "boiler/flow")
	p.open()
	p.now = at("06:11")
	p.event(p.now, events.Event{Kind: events.Start, Since: at("06:10")})
	p.run(at("06:20"), "boiler/flow")
	p.wants(p.report(Query{Match: mapping.Patterns{pattern(t, "flow")}}),
		"06:00:30-06:10:00 boiler/flow tag bad (BadOutOfRange: read unit 1) 570",
		"06:10:00-06:11:00 /1 bridge off (killed or crashed) 60",
		"06:11:00-06:19:59… boiler/flow tag bad (BadOutOfRange: read unit 1) 539",
	)
	p.sample(at("06:20"), "boiler", mapping.BadOutOfRange, "flow")
	p.run(at("06:30"), "boiler/flow")
	if r := p.report(Query{Match: mapping.Patterns{pattern(t, "flow")}}); len(r.Reading) != 3 {
		t.Error(r.text())
	}
}

func pattern(t *testing.T, text string) mapping.Pattern {
	p, err := mapping.ParsePattern(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestFullDisk has the disk be full when the bridge is stopped: what it had in memory was read.
func TestFullDisk(t *testing.T) {
	p := twoPlants(t)
	p.run(at("06:10"))
	p.event(at("06:09:59"), events.Event{Kind: events.JournalFailing, Text: "journal cannot write"})
	p.now = at("06:15")
	p.event(p.now, events.Event{Kind: events.Stop})
	p.now = at("06:16")
	r := p.report(Query{})
	p.wants(r, "06:15:00-06:16:00… /6 bridge off (stopped) 246")
	if len(r.Unknown) != 1 || !strings.Contains(r.Unknown[0], "could not be written from ") {
		t.Errorf("unknown: %q", r.Unknown)
	}
}

// TestOutagesInTheDark has a device go offline and come back, and a tag be bad, while nothing can be written, before a kill:
// only the events know, of the device also when it last answered.
func TestOutagesInTheDark(t *testing.T) {
	p := twoPlants(t)
	p.run(at("06:10"))
	p.event(at("06:10"), events.Event{Kind: events.JournalFailing, Text: "journal cannot write"})
	p.event(at("06:11:12"), events.Event{Kind: events.DeviceOffline, Device: "pump", Heard: at("06:11"), Text: "device offline: no answer"})
	p.event(at("06:12"), events.Event{Kind: events.DeviceOnline, Device: "pump", Since: at("06:11:12")})
	p.event(at("06:13"), events.Event{Kind: events.TagBad, Device: "boiler", Tag: "flow", Text: "BadDeviceFailure: broken"})
	p.now = at("06:16")
	p.event(p.now, events.Event{Kind: events.Start, Since: at("06:15")})
	p.event(at("06:16:01"), events.Event{Kind: events.JournalWrites, Since: at("06:10")})
	p.sample(p.now, "boiler", mapping.BadDeviceFailure, "flow")
	p.run(at("06:20"), "boiler/flow")
	p.event(at("06:20"), events.Event{Kind: events.Stop})
	r := p.report(Query{})
	p.wants(r,
		"06:11:00-06:12:00 pump/2 device offline (no answer) 120",
		"06:13:00-06:15:00 boiler/flow tag bad (BadDeviceFailure: broken) 120",
		"06:15:00-06:16:00 /6 bridge off (killed or crashed) 246",
		"06:16:00-06:20:00… boiler/flow tag bad (BadDeviceFailure) 239")
}

// TestBadAfterAStart has a tag be bad from a start on, that was not read before the stop either: nothing says that it was
// bad then.
func TestBadAfterAStart(t *testing.T) {
	p := twoPlants(t)
	p.run(at("06:10"))
	p.run(at("06:10:20"), "pump/speed")
	p.event(p.now, events.Event{Kind: events.Stop})
	stopped := p.now
	p.now = at("06:11")
	p.event(p.now, events.Event{Kind: events.Start, Since: stopped})
	p.sample(p.now, "pump", mapping.BadTimeout, "speed")
	p.run(at("06:12"), "pump/speed")
	p.event(p.now, events.Event{Kind: events.Stop})
	p.wants(p.report(Query{}),
		"06:09:59-06:10:20 pump/speed polls left out 21",
		"06:10:20-06:11:00 /6 bridge off (stopped) 163",
		"06:11:00-06:12:00… pump/speed tag bad (BadTimeout) 59")
}

// TestOffInTheDark has the bridge be stopped and killed while nothing can be written: no sample shows what was missed.
func TestOffInTheDark(t *testing.T) {
	p := twoPlants(t)
	p.run(at("06:10"))
	p.event(at("06:10"), events.Event{Kind: events.JournalFailing, Text: "journal cannot write"})
	p.event(at("06:11"), events.Event{Kind: events.Stop})
	p.event(at("06:11:20"), events.Event{Kind: events.Start, Since: at("06:11")})
	p.event(at("06:11:21"), events.Event{Kind: events.JournalFailing, Since: at("06:10"), Text: "journal cannot write"})
	p.wants(p.report(Query{}), "06:11:00-06:11:20 /6 bridge off (stopped) 82")
}

// TestShortRun has a bridge be stopped before a slow device has answered once.
func TestShortRun(t *testing.T) {
	p := twoPlants(t)
	p.run(at("06:10"))
	p.event(p.now, events.Event{Kind: events.Stop})
	p.event(at("06:10:10"), events.Event{Kind: events.Start, Since: p.now})
	p.event(at("06:10:11.600"), events.Event{Kind: events.Stop})
	p.now = at("06:10:20")
	p.event(p.now, events.Event{Kind: events.Start, Since: at("06:10:11.600")})
	p.run(at("06:11"))
	p.event(p.now, events.Event{Kind: events.Stop})
	p.wants(p.report(Query{}),
		"06:10:00-06:10:10 /6 bridge off (stopped) 41",
		"06:10:10-06:10:11 boiler/flow+temp polls left out (from the start to the first answer) 4",
		"06:10:10-06:10:11 pump/2 polls left out (from the start to the first answer) 4",
		"06:10:11-06:10:20 /6 bridge off (stopped) 33")
}
