package config

import (
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
