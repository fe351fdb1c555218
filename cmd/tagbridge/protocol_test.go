package main

import (
	"testing"

	"tagbridge/mapping/config"
)

// TestEveryDriverHasVerbs wants what the verbs ask of each driver that a configuration can have.
func TestEveryDriverHasVerbs(t *testing.T) {
	for _, name := range config.Drivers() {
		if protocolOf(&config.Device{Driver: name}) == nil {
			t.Errorf("driver %s is unknown to the verbs", name)
		}
	}
	if len(protocols) != len(config.Drivers()) {
		t.Errorf("%d protocols of %d drivers", len(protocols), len(config.Drivers()))
	}
}
