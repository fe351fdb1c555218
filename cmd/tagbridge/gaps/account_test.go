package gaps

import (
	"strings"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping"
)

func twoPlants(t *testing.T) *plant {
	p := newPlant(t, two, "boiler.csv", boilerRows, "pump.csv", pumpRows)
	p.start("historian")
	p.sample(day, "boiler", mapping.Good, "state")
	return p
}

func TestNothingMissing(t *testing.T) {
	p := twoPlants(t)
	p.run(at("06:30"))
	p.deliver("historian")
	r := p.report(Query{})
	p.wants(r)
	const want = "historian: everything that was read since 1 March 06:00 has been delivered; no gap in reading"
	if r.Missing || r.Verdict != want {
		t.Errorf("%v, %q, want %q", r.Missing, r.Verdict, want)
	}
}

// TestReasons has something of each kind happen.
func TestReasons(t *testing.T) {
	p := twoPlants(t)
	p.run(at("06:05"))
	// The pump does not answer for two minutes; it is offline 3 s after the last answer.
	p.run(at("06:05:03"), "pump")
	p.event(at("06:05:03"), events.Event{Kind: events.DeviceOffline, Device: "pump", Text: "device offline: no answer within 1s"})
	p.sample(at("06:05:03"), "pump", mapping.BadTimeout, "speed", "power")
	p.online(at("06:05:03"), "pump", false)
	p.run(at("06:07"), "pump")
	p.event(at("06:07"), events.Event{Kind: events.DeviceOnline, Device: "pump", Since: at("06:05:03"), Text: "device online"})
	p.online(p.now, "pump", true)
	p.run(at("06:10"))
	// A tag is refused.
	p.sample(at("06:10"), "boiler", mapping.BadOutOfRange, "flow", "state")
	p.run(at("06:11"), "boiler/flow")
	p.sample(at("06:11"), "boiler", mapping.Good, "state")
	p.run(at("06:15"))
	// The bridge is stopped for a minute.
	p.event(at("06:15"), events.Event{Kind: events.Stop, Text: "stopping"})
	p.open()
	p.now = at("06:16")
	p.event(p.now, events.Event{Kind: events.Start, Since: at("06:15"), Text: "starting"})
	p.sample(at("06:16:01"), "boiler", mapping.Good, "state")
	p.run(at("06:20"))
	// It is killed: the last sign of life is 4 s before.
	p.open()
	p.now = at("06:20:30")
	p.event(p.now, events.Event{Kind: events.Start, Since: at("06:19:56"), Text: "starting"})
	p.sample(at("06:20:30"), "boiler", mapping.Good, "state")
	p.run(at("06:25"))
	// Polls of the pump are left out.
	p.run(at("06:25:03"), "pump")
	p.run(at("06:30"))
	p.deliver("historian")
	p.wants(p.report(Query{}),
		"06:04:59-06:07:00 pump/2 device offline (no answer within 1s) 240",
		"06:09:59-06:11:00 boiler/flow+state tag bad (BadOutOfRange) 60",
		"06:15:00-06:16:00 /6 bridge off (stopped) 246",
		"06:19:59-06:20:30 /6 bridge off (killed or crashed) 123",
		"06:24:59-06:25:03 pump/2 polls left out 6",
	)
}

// TestSlowTag has a tag that is polled once an hour miss nothing while the bridge is off for a minute.
func TestSlowTag(t *testing.T) {
	p := newPlant(t, two, "boiler.csv", head+"temp,40001,1h,,\n", "pump.csv", head+"speed,40001,1h,change,\n")
	p.sample(day, "pump", mapping.Good, "speed")
	p.run(at("06:30"))
	p.event(at("06:30"), events.Event{Kind: events.Stop})
	p.open()
	p.now = at("06:31")
	p.event(p.now, events.Event{Kind: events.Start, Since: at("06:30")})
	p.sample(at("06:31"), "boiler", mapping.Good, "temp")
	p.sample(at("06:31"), "pump", mapping.Good, "speed")
	p.run(at("10:00"))
	p.wants(p.report(Query{}))
}

// TestClockSetBack has the clock be set back by an hour, and a tag be bad meanwhile.
func TestClockSetBack(t *testing.T) {
	p := twoPlants(t)
	p.run(at("07:30"))
	p.sample(at("07:30"), "boiler", mapping.BadOutOfRange, "flow")
	p.run(at("07:31"), "boiler/flow")
	p.now = at("06:31")
	p.run(at("06:32"), "boiler/flow")
	p.run(at("07:40"))
	r := p.report(Query{})
	p.wants(r,
		"06:31:00-06:32:00 boiler/flow tag bad (BadOutOfRange) 59",
		"07:29:59-07:30:59 boiler/flow tag bad (BadOutOfRange) 59",
	)
	if len(r.Notes) != 1 {
		t.Errorf("notes %q, want that of the clock", r.Notes)
	}
}

// TestClockSetForward has the clock be set forward by an hour.
func TestClockSetForward(t *testing.T) {
	p := twoPlants(t)
	p.run(at("06:30"))
	p.now = at("07:30")
	p.run(at("07:40"))
	p.wants(p.report(Query{}), "06:29:59-07:30:00 /5 nothing read (the machine slept, or its clock was set forward) 14760")
}

// TestTagsComeAndGo adds, removes and renames tags, and changes a period.
func TestTagsComeAndGo(t *testing.T) {
	p := twoPlants(t)
	p.run(at("06:30"))
	p.event(at("06:30:00"), events.Event{Kind: events.Reload, Text: "reloaded"})
	p.sample(at("06:30:00"), "boiler", mapping.BadOutOfService, "flow")
	p.apply(at("06:30"), two, "boiler.csv", head+"temp,40001,5s,,\nflux,40002,,,\nslow,40003,1s,,\nstate,40004,,change,\n", "pump.csv", pumpRows)
	p.run(at("07:00"))
	p.wants(p.report(Query{}))
}

func TestWaitingAndWindow(t *testing.T) {
	p := twoPlants(t)
	p.run(at("06:10"))
	p.deliver("historian")
	p.run(at("06:20"))
	r := p.report(Query{Since: at("06:15")})
	if s := r.Sinks[0]; s.Waiting == 0 || !s.Missing[0].Since.Equal(at("06:10")) || !r.Missing {
		t.Errorf("%+v", s)
	}
	if !r.Since.Equal(at("06:15")) || r.Until.Sub(at("06:20")).Abs() > 2*time.Second {
		t.Errorf("from %v until %v", r.Since, r.Until)
	}
}

// startAgain is an orderly start without a word of the time before.
var startAgain = events.Event{Kind: events.Start, Text: "starting"}

// What is read and sent to no sink cannot be missing: not when it is not read, not when it is bad, and no sink need take it.
func TestWithheldTagsAreNotMissing(t *testing.T) {
	p := newPlant(t, strings.Replace(two, `path: "-"}`, `path: "-", match: ["boiler/*", "pump/speed"]}`, 1),
		"boiler.csv", boilerRows, "pump.csv", head+"speed,40001,,,\npower,40002,,none,\n")
	p.start("historian")
	p.sample(day, "boiler", mapping.Good, "state")
	p.event(at("06:10"), events.Event{Kind: events.TagBad, Device: "pump", Tag: "power", Text: "BadOutOfRange"})
	p.event(at("06:20"), events.Event{Kind: events.TagGood, Device: "pump", Tag: "power", Since: at("06:10"), Text: "Good after 10m0s"})
	p.run(at("06:30"))
	p.deliver("historian")
	r := p.report(Query{})
	p.wants(r)
	if r.Missing || len(r.Unclaimed) > 0 || r.Tags != 5 {
		t.Errorf("%v, %q, %d tags, want nothing missing of 5", r.Missing, r.Unclaimed, r.Tags)
	}
}
