package sinks

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// TestOutageFromBefore has a forwarder begin with a sink that was out of reach before: its outage is told from there on.
func TestOutageFromBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		time.Sleep(time.Hour)
		for _, down := range []bool{false, true} {
			r := newRig(t)
			r.sink.answer = func(v *View) (int, error) {
				if down {
					return 0, errDown
				}
				return v.Len(), nil
			}
			r.start(ForwarderOptions{Down: began})
			r.log.append(intBatch(testGroup("a", 3), 1, 3))
			r.wait(time.Minute)
			if was, text := down, r.output.String(); was != strings.Contains(text, "event=sink-offline") {
				t.Errorf("down %v: the log is\n%s", was, text)
			}
			r.change(func() { down = false })
			r.wait(time.Minute)
			if text := r.output.String(); strings.Count(text, `msg="sink online" sink=`) != 1 || !strings.Contains(text, "outage=1h") || !strings.Contains(text, "event=sink-online") {
				t.Errorf("the log is\n%s", text)
			}
			r.stop()
		}
	})
}

// TestEventsAreMatchedApart has patterns say nothing about the bridge's events, and a tag of a device nothing of the kind.
func TestEventsAreMatchedApart(t *testing.T) {
	group := func(own bool) *mapping.Group {
		g := mapping.Group{Device: "d", Own: own}
		for _, tag := range []string{mapping.EventTag, "_online"} {
			g.Series = append(g.Series, &mapping.Series{Tag: tag, SeriesTraits: new(mapping.SeriesTraits)})
		}
		return mapping.NewGroup(g)
	}
	takes := func(m *Match, own bool) []bool {
		c := m.Group(group(own))
		return []bool{c.Has(0), c.Has(1)}
	}
	for _, c := range []struct {
		patterns []string
		events   bool
		own      bool
		want     []bool
	}{
		{nil, false, true, []bool{false, true}},
		{nil, true, true, []bool{true, true}},
		{[]string{"other/*"}, true, true, []bool{true, false}},
		{[]string{"d/_event"}, false, true, []bool{false, false}},
		{[]string{"!*"}, true, true, []bool{true, false}},
		{nil, false, false, []bool{true, true}},
	} {
		p, err := mapping.ParsePatterns(c.patterns)
		if err != nil {
			t.Fatal(err)
		}
		m := NewMatch(p)
		if c.events {
			m.WithEvents()
		}
		for _, m := range []*Match{m, m.Clone()} {
			if got := takes(m, c.own); !slices.Equal(got, c.want) {
				t.Errorf("%v, events %v: takes %v, want %v", c.patterns, c.events, got, c.want)
			}
		}
	}
}
