package config

import (
	"strings"
	"testing"
)

// TestReportNone has a tag that no sink gets be no reason for problems of sinks, and be told where a pattern wants it.
func TestReportNone(t *testing.T) {
	const devices = `
devices:
  - {name: a, url: "tcp://h", measurement: m, tags: [{tag: v, address: 40001, type: bool, report: NONE}, {tag: w, address: 40002}]}
  - {name: b, url: "tcp://i", measurement: m, tags: [{tag: v, address: 40001, type: int16}]}
sinks: [`
	for sink, want := range map[string]string{
		`{name: db, type: influxdb, url: "http://h:1", org: o, bucket: b}`:                     "",
		`{name: c, type: mqtt, url: "mqtt://h", topic: "{label.x}/{tag}", match: ["a/v"]}`:     "matches no tag that is sent: those that it matches have report none",
		`{name: out, type: file, path: "-", match: ["*", "!a/v"]}`:                             "",
		`{name: out, type: file, path: "-", match: ["*", "!a/x"]}`:                             "matches no tag",
		`{name: out, type: file, path: "-", match: ["a/[*]", "a/w"]}`:                          "matches no tag",
		`{name: out, type: file, path: "-", match: ["a/v", "a/w"]}`:                            "matches no tag that is sent",
		`{name: out, type: file, path: "-", match: "a/*"}`:                                     "",
		`{name: out, type: file, path: "-"}, {name: two, type: file, path: x, match: ["A/v"]}`: "capitals matter",
	} {
		_, ps := loadText(devices + sink + "]")
		switch {
		case want == "" && len(ps) == 0:
		case want != "" && len(ps) == 1 && strings.Contains(ps[0].Message, want):
		default:
			t.Errorf("%s: %v, want %q", sink, ps, want)
		}
	}
}
