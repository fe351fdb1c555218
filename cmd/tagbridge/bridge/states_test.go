package bridge

import (
	"reflect"
	"testing"

	"tagbridge/drivers"
	"tagbridge/sinks"
	"tagbridge/testrig"
)

// TestNoFigureIsForgotten fails when a figure is added to what lanes, forwarders or the journal count, and is not passed on.
func TestNoFigureIsForgotten(t *testing.T) {
	var f sinks.Stats
	none := newSinkState("", "", f)
	testrig.EachField(t, &f, func(name string) {
		if reflect.DeepEqual(newSinkState("", "", f), none) {
			t.Errorf("sinks.Stats.%s is not in SinkState", name)
		}
	})
	// Whom it is about, and whether it is configured, is known; where it was at first is of use to the journal alone.
	known := map[string]bool{"Sink": true, "Away": true, "Ever.Start": true}
	var j sinks.Backlog
	none.wait(&j)
	testrig.EachField(t, &j, func(name string) {
		s := newSinkState("", "", f)
		s.wait(&j)
		if reflect.DeepEqual(s, none) != known[name] {
			t.Errorf("sinks.Backlog.%s is not in SinkState, or is and is told not to be", name)
		}
	})
	var c drivers.LineState
	testrig.EachField(t, &c, func(name string) {
		l := LineState{LineState: drivers.LineState{Name: c.Name, Connected: true}}
		alike := LineState{LineState: drivers.LineState{Connected: true}}
		l.join(c, 1)
		alike.join(drivers.LineState{}, 1)
		if reflect.DeepEqual(l, alike) {
			t.Errorf("drivers.LineState.%s of a connection is not in that of its endpoint", name)
		}
	})
}
