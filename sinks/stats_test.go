package sinks

import (
	"reflect"
	"testing"

	"tagbridge/testrig"
)

// TestCountsGoOn fails when a figure is added to Stats and it is not decided whether it goes on in the forwarder that takes
// over.
func TestCountsGoOn(t *testing.T) {
	begins := map[string]string{
		"Connected":   "nothing has been sent yet",
		"Dropped":     "the reject store counts",
		"Behind":      "the log counts",
		"OldestUnack": "nothing is under way",
		"SetAside":    "every series is tried again",
		"Position":    "the log knows",
		"Sending":     "nothing is under way",
		"Error":       "nothing has been sent yet",
	}
	var s Stats
	testrig.EachField(t, &s, func(name string) {
		var before, after counters
		after.goOn(&s)
		if goesOn := !reflect.DeepEqual(&before, &after); goesOn == (begins[name] != "") {
			t.Errorf("%s goes on: %v", name, goesOn)
		}
		delete(begins, name)
	})
	if len(begins) > 0 {
		t.Errorf("there is no %v", begins)
	}
}
