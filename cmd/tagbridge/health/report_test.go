package health

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/drivers"
	"tagbridge/sinks"
)

func TestHowLong(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-1: "0 s", 59 * time.Second: "59 s", 61 * time.Second: "1 min 1 s", 2*time.Hour + 13*time.Minute: "2 h 13 min",
		47 * time.Hour: "47 h 0 min", 75 * time.Hour: "3 days 3 h",
	} {
		if got := HowLong(d); got != want {
			t.Errorf("HowLong(%v) = %s, want %s", d, got, want)
		}
	}
}

// said are the texts of remarks, a line each.
func said(lists ...[]Remark) string {
	var b strings.Builder
	for _, list := range lists {
		for _, r := range list {
			fmt.Fprintln(&b, r.Text)
		}
	}
	return b.String()
}

// taking is a sink that takes what it gets, changed.
func taking(change func(*bridge.SinkState)) []bridge.SinkState {
	k := bridge.SinkState{Sink: "db", Stats: sinks.Stats{Connected: true}}
	change(&k)
	return []bridge.SinkState{k}
}

func TestVerdicts(t *testing.T) {
	now := time.Now()
	long, pace := now.Add(-2*time.Hour-13*time.Minute), 90.0
	read := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name    string
		state   State
		verdict string
		words   []string // among the problems and notes
	}{
		{"nothing at all", State{}, "All is well: there is no device, there is no sink", nil},
		{"all of it", State{Devices: []drivers.DeviceState{{State: drivers.Online, Tags: 1}, {State: drivers.Online, Tags: 2}}, Sinks: make([]bridge.SinkState, 2)},
			"All is well: 2 devices are online, 3 tags are good, 2 sinks take all that is read", nil},
		{"a sink far behind", State{Sinks: taking(func(k *bridge.SinkState) { k.BehindSamples, k.BehindSeconds, k.DrainSeconds = 419400, 7980, &pace })},
			"NOT WELL: sink db is behind", []string{"sink db is behind: 419,400 samples wait, the oldest for 2 h 13 min; at its present pace it needs 1 min 30 s"}},
		{"one that does not catch up", State{Sinks: taking(func(k *bridge.SinkState) { k.BehindSamples, k.BehindSeconds = 1, 61 })},
			"NOT WELL: sink db is behind", []string{"1 sample waits, the oldest for 1 min 1 s, and it does not catch up"}},
		{"one that takes nothing", State{Sinks: taking(func(k *bridge.SinkState) { k.Connected, k.Error = false, "refused" })},
			"NOT WELL: sink db takes nothing", []string{"sink db takes nothing, 0 samples wait, the oldest for 0 s: refused"}},
		{"losses of the past", State{Sinks: taking(func(k *bridge.SinkState) {
			k.Kept = 2
			k.Ever = bridge.Ever{Rejected: 2, Dropped: 234800, Reasons: map[string]bridge.Lost{
				"size": {Samples: 234800, First: read, Last: read.Add(time.Hour)}, "age": {}}}
		})}, "All is well: there is no device, the sink takes all that is read",
			[]string{"sink db has lost 234,800 samples (size), read from ", "sink db has refused 2 samples, which are kept aside"}},
		{"tags set aside", State{Sinks: taking(func(k *bridge.SinkState) { k.SetAside, k.Error = 3, "no" })},
			"NOT WELL: sink db refuses 3 tags", []string{"again and again: no"}},
		{"an overloaded line", State{Connections: []bridge.LineState{
			{LineState: drivers.LineState{Name: "rtu:///x"}, SlowDown: []bridge.Load{{Device: "d", Period: time.Second, Fits: 3 * time.Second}}}, {}}},
			"NOT WELL: 1 of 2 connections is overloaded or stuck", []string{"read d every 3s instead of 1s"}},
		{"a stuck line", State{Connections: []bridge.LineState{{LineState: drivers.LineState{Name: "x", Overdue: 130 * time.Second}}}},
			"NOT WELL: 1 of 1 connection is overloaded or stuck", []string{"connection x is stuck, for 2 min 10 s"}},
		{"devices", State{Devices: []drivers.DeviceState{{Name: "a", Tags: 3}, {Name: "b", Tags: 2, State: drivers.Online}, {Name: "c", Since: long, Error: "why"}}},
			"NOT WELL: 2 of 3 devices are offline", []string{"device a has not answered yet", "device c is offline for 2 h 13 min: why"}},
		{"bad tags", State{Devices: []drivers.DeviceState{{Name: "b", Tags: 2, BadTags: 1, State: drivers.Online}}},
			"NOT WELL: 1 of 2 tags is bad on devices that are online", []string{"device b: 1 of 2 tags is bad"}},
	} {
		c.state.Ready = true
		r := Of(&c.state, now)
		if r.Verdict != c.verdict || r.Well != strings.HasPrefix(c.verdict, "All is well") || r.Well != (len(r.Problems) == 0) {
			t.Errorf("%s: %s, %d problems; want %s", c.name, r.Verdict, len(r.Problems), c.verdict)
		}
		words := said(r.Problems, r.Notes)
		for _, want := range c.words {
			if !strings.Contains(words, want) {
				t.Errorf("%s: %s is missing in\n%s", c.name, want, words)
			}
		}
	}
	r := Of(&State{Journal: "cannot be written", Configuration: []string{"p.yaml:1: no"}, LastGood: true}, now)
	if r.Verdict != "NOT WELL: it does not read yet, the journal is not kept on disk, the configuration was refused, what was applied before runs" || len(r.Problems) != 3 {
		t.Errorf("%+v", r)
	}
}

// TestManyOfAKind: a plant whose network is down is told in a few lines.
func TestManyOfAKind(t *testing.T) {
	s := State{Ready: true, Devices: make([]drivers.DeviceState, 500), Configuration: make([]string, 500)}
	for i := range s.Devices {
		s.Devices[i] = drivers.DeviceState{Name: fmt.Sprint("d", i), Tags: 10, BadTags: 10}
		if i%2 == 0 {
			s.Devices[i].State = drivers.Online
		}
	}
	r := Of(&s, time.Now())
	words := said(r.Problems)
	for _, want := range []string{"configuration: and 490 more", "and 240 more devices are offline", "and tags of 240 more devices are bad"} {
		if !strings.Contains(words, want) {
			t.Errorf("%s is missing in\n%s", want, words)
		}
	}
	if len(r.Problems) != 33 || r.Offline != 250 || r.Tags != 5000 || r.BadTags != 5000 {
		t.Errorf("%d problems, %+v", len(r.Problems), r)
	}
}

// TestNothingIsNull: who reads the report as JSON finds lists and objects.
func TestNothingIsNull(t *testing.T) {
	for _, s := range []State{{}, {Ready: true}} {
		b, err := json.Marshal(Of(&s, time.Now()))
		if err != nil || strings.Contains(string(b), "null") {
			t.Errorf("%s, %v", b, err)
		}
	}
}

// TestDelivered has the status say of sinks what the account of what is missing says of them.
func TestDelivered(t *testing.T) {
	there := time.Date(2026, 3, 1, 6, 0, 0, 0, time.Local)
	sink := func(name string, change func(*bridge.SinkState)) bridge.SinkState {
		k := bridge.SinkState{Sink: name, Ever: bridge.Ever{Since: there}, BehindSamples: 7, BehindSeconds: 30}
		change(&k)
		return k
	}
	got := Of(&State{Sinks: []bridge.SinkState{
		sink("a", func(*bridge.SinkState) {}),
		sink("b", func(k *bridge.SinkState) { k.BehindSeconds, k.Ever.Dropped, k.Ever.Rejected = 90, 5, 2 }),
		sink("c", func(k *bridge.SinkState) { k.Ever.Since = time.Time{} }),
		sink("d", func(*bridge.SinkState) {}),
	}}, there.Add(time.Hour)).Delivered
	const want = "a and d: everything that was read since 1 March 06:00 has been delivered; " +
		"b: 7 samples waiting, 5 samples lost, 2 samples refused of what was read since 1 March 06:00; c has not begun"
	if got != want {
		t.Errorf("said is %s\nwant    %s", got, want)
	}
}
