package bridge

import (
	"testing"

	"tagbridge/mapping/config"
)

// TestEveryKindIsKnown wants a protocol for each driver and an opener for each type of sinks that a configuration can have,
// and no others.
func TestEveryKindIsKnown(t *testing.T) {
	known := newProtocols()
	for _, name := range config.Drivers() {
		if known[name] == nil {
			t.Errorf("driver %s has no protocol", name)
		}
	}
	if len(known) != len(config.Drivers()) {
		t.Errorf("%d protocols of %d drivers", len(known), len(config.Drivers()))
	}
	for _, name := range config.SinkTypes() {
		if openers[name] == nil {
			t.Errorf("a sink of type %s cannot be opened", name)
		}
	}
	if len(openers) != len(config.SinkTypes()) {
		t.Errorf("%d openers of %d types of sinks", len(openers), len(config.SinkTypes()))
	}
}
