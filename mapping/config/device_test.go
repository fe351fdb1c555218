package config

import (
	"fmt"
	"slices"
	"testing"

	"tagbridge/mapping/tagmap"
)

// What a device is to those who do not know its driver.
func TestDeviceProperties(t *testing.T) {
	const uaDevice = `driver: opcua, url: "opc.tcp://h"`
	for options, want := range map[string]string{
		`url: "tcp://h", unit_id: 7`:                                     "unit 7, pushed false, dated false, per poll true",
		`url: "tcp://h", timestamps: request`:                            "unit 1, pushed false, dated false, per poll false",
		uaDevice:                                                         "unit 0, pushed false, dated false, per poll true",
		uaDevice + `, timestamps: source`:                                "unit 0, pushed false, dated true, per poll true",
		uaDevice + `, timestamps: server`:                                "unit 0, pushed false, dated true, per poll true",
		uaDevice + `, mode: subscribe`:                                   "unit 0, pushed true, dated false, per poll true",
		uaDevice + `, mode: subscribe, timestamps: bridge`:               "unit 0, pushed true, dated false, per poll true",
		uaDevice + `, mode: subscribe, timestamps: server, retries: 100`: "unit 0, pushed true, dated false, per poll true",
	} {
		c, ps := loadText("sinks: []\ndevices: [{name: d, tags: [], " + options + "}]")
		if ps.HasProblems() {
			t.Errorf("%s: %v", options, ps)
			continue
		}
		d := &c.Devices[0]
		if got := fmt.Sprintf("unit %d, pushed %v, dated %v, per poll %v", d.Unit(), d.Pushed(), d.Dated(), d.PerPoll()); got != want {
			t.Errorf("%s: %s, want %s", options, got, want)
		}
	}
	var asked Device // of driver modbus
	if asked.AskOnly(); asked.Dated() {
		t.Error("a device without times of its own is dated")
	}
}

// TestDrivers holds the table together: every driver is complete, and its schemes and keys are nobody else's, but for mode.
func TestDrivers(t *testing.T) {
	if !slices.Equal(Drivers(), tagmap.Drivers()) {
		t.Errorf("drivers of devices %v, of tags %v", Drivers(), tagmap.Drivers())
	}
	schemes, keys := map[string]string{}, map[string]string{}
	for _, d := range drivers() {
		if d.name == "" || d.article == "" || d.read == nil {
			t.Errorf("driver %+v is not complete", d.name)
		}
		for _, list := range []struct {
			seen  map[string]string
			words []string
		}{{schemes, d.schemes}, {keys, d.keys}} {
			for _, w := range list.words {
				if other := list.seen[w]; other != "" && w != "mode" {
					t.Errorf("%s is of %s and of %s", w, other, d.name)
				}
				list.seen[w] = d.name
			}
		}
	}
}
