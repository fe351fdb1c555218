package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestFlushDefaults wants formats of which a message holds a whole poll to wait for that.
func TestFlushDefaults(t *testing.T) {
	for sink, want := range map[string]time.Duration{
		`type: influxdb, url: "http://h", bucket: a/b`:                   time.Second,
		`type: file, path: "-"`:                                          100 * time.Millisecond,
		`type: mqtt, url: "mqtt://h"`:                                    20 * time.Millisecond,
		`type: mqtt, url: "mqtt://h", format: value`:                     20 * time.Millisecond,
		`type: mqtt, url: "mqtt://h", format: batch`:                     200 * time.Millisecond,
		`type: mqtt, url: "mqtt://h", format: line, topic: x`:            200 * time.Millisecond,
		`type: mqtt, url: "mqtt://h", format: line, topic: x, flush: 1s`: time.Second,
	} {
		cfg, problems := loadText("sinks: [{name: s, " + sink + "}]\n")
		if problems.HasProblems() || len(cfg.Sinks) != 1 || cfg.Sinks[0].Flush != want {
			t.Errorf("%s: %+v, problems %v; want flush %v", sink, cfg.Sinks, problems, want)
		}
	}
}

// TestKeysOfKinds gives every device and sink each key of every other kind: its own are read, and of the others the
// message says whose they are.
func TestKeysOfKinds(t *testing.T) {
	type kind struct {
		name string
		keys []string
	}
	var sinks, devices []kind
	for _, k := range sinkKinds() {
		sinks = append(sinks, kind{k.name, k.keys})
	}
	for _, d := range drivers() {
		devices = append(devices, kind{d.name, d.keys})
	}
	check := func(kinds []kind, config, belongs string) {
		for _, k := range kinds {
			for _, other := range kinds {
				for _, key := range other.keys {
					_, ps := loadText(fmt.Sprintf(config, k.name, key))
					text := fmt.Sprint(ps)
					foreign := strings.Contains(text, fmt.Sprintf("key %q belongs to %s", key, belongs))
					if own := slices.Contains(k.keys, key); foreign == own {
						t.Errorf("%s with %s: %v", k.name, key, ps)
					}
					if strings.Contains(text, "unknown key") {
						t.Errorf("%s with %s is not read: %v", k.name, key, ps)
					}
				}
			}
		}
	}
	check(sinks, "devices: []\nsinks: [{name: s, type: %s, %s: x}]", "sinks of type ")
	check(devices, "sinks: []\ndevices: [{name: d, driver: %s, %s: x}]", "devices with driver ")
}
