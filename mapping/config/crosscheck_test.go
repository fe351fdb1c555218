package config

import (
	"strings"
	"testing"
)

// TestFields has two devices write field v of measurement m, one of type x, the other of type y.
func TestFields(t *testing.T) {
	const sink = `{name: db, type: influxdb, url: "http://h:1", org: o, bucket: b}`
	tests := []struct {
		x, y, sink string
		problem    bool
	}{
		{"type: int16", "type: float32", sink, false},
		{"type: int16", "type: int64", sink, true},
		{"type: int16", "type: int64, scale: 0.1", sink, false},
		{"type: int64", "type: uint64", sink, false},
		{"type: int64", "type: uint64", strings.Replace(sink, "org", "unsigned: true, org", 1), true},
		{"type: bool", "type: int16", sink, true},
		{"type: \"string:4\"", "type: int16", sink, true},
		{"type: int16", "type: int64", strings.Replace(sink, "org", "layout: narrow, org", 1), false},
		{"type: int16", "type: int64", strings.Replace(sink, "org", "match: a/*, org", 1), false},
		{"type: int16", "type: int64", `{name: out, type: file, path: "-", format: json}`, false},
		{"type: int16", "type: int64", `{name: out, type: file, path: "-", format: line}`, true},
		{"type: int16", "type: int64", `{name: c, type: mqtt, url: "mqtt://h", format: line}`, true},
	}
	for _, tt := range tests {
		_, ps := loadText(`devices:
  - {name: a, url: "tcp://h", measurement: m, tags: [{tag: v, address: 40001, ` + tt.x + `}]}
  - {name: b, url: "tcp://i", measurement: m, tags: [{tag: v, address: 40001, ` + tt.y + `}]}
sinks: [` + tt.sink + `]`)
		if ps.HasProblems() != tt.problem {
			t.Errorf("%s and %s to %s: %v", tt.x, tt.y, tt.sink, ps)
		}
	}
}

func TestTopicNeeds(t *testing.T) {
	const devices = `
devices:
  - {name: a, url: "tcp://h", labels: {area: n}, tags: [{tag: v, address: 40001}, {tag: w, address: 40002, label.area: ""}]}
  - {name: b, driver: opcua, url: "opc.tcp://h", labels: {area: n}, tags: [{tag: v, address: "i=85"}]}
sinks: [{name: c, type: mqtt, url: "mqtt://h", `
	for options, want := range map[string]string{
		`topic: "{label.area}/{tag}"`:                          "label area is missing: a/w (-:3) has none",
		`topic: "{label.area}/{tag}", match: ["*", "!a/w"]`:    "",
		`topic: "{label.line}/{tag}"`:                          "label line is missing: a/v (-:3) has none (and 2 more)",
		`topic: "{unit_id}/{tag}"`:                             "device b has no unit_id",
		`topic: "{unit_id}/{tag}", match: "a/*"`:               "",
		`topic: "x/{bridge}/{device}/{tag}", state_topic: ""`:  "",
		`format: batch`:                                        "",
		`state_topic: "s/{bridge}", format: value, version: 5`: "",
	} {
		_, ps := loadText(devices + options + "}]")
		switch {
		case want == "" && len(ps) == 0:
		case want != "" && len(ps) == 1 && strings.Contains(ps[0].Message, want) && ps[0].Line == 5:
		default:
			t.Errorf("%s: %v, want %q", options, ps, want)
		}
	}
}

func TestPrecision(t *testing.T) {
	for options, warned := range map[string]bool{
		"precision: s":                  true, // 1 s
		"precision: s, match: slow/*":   false,
		"precision: ms":                 false,
		"precision: ms, match: quick/*": true, // 10 ms
	} {
		devices := `devices: [{name: plc, url: "tcp://h", tags: [{tag: t, address: 40001}]},
			{name: slow, url: "tcp://h", unit_id: 2, poll: 11s, tags: [{tag: t, address: 40001}]}`
		if strings.Contains(options, "quick") {
			devices += `, {name: quick, url: "tcp://h", unit_id: 3, tags: [{tag: t, address: 40001, poll: 10ms}]}`
		}
		_, ps := loadText(devices + `]
sinks: [{name: db, type: influxdb, url: "http://h:1", org: o, bucket: b, ` + options + `}]`)
		if (len(ps) == 1 && ps[0].Warning) != warned {
			t.Errorf("%s: %v", options, ps)
		}
	}
}

// TestConnectionOptions has an option of the connection in one of two devices only: a default is a value too.
func TestConnectionOptions(t *testing.T) {
	for _, option := range []string{
		"pause: 5ms", "connections: 2", "gateway_baud: 9600", "probe_share: 10%", "close_after_poll: true",
		"pause_after_connect: 2s",
	} {
		devices := `x-t: &t [{tag: t, address: 40001}]
devices:
  - {name: a, url: "tcp://h", tags: *t, ` + option + `}
  - {name: b, url: "tcp://H:502", unit_id: 2, tags: *t`
		if _, ps := loadText(devices + ", " + option + "}\nsinks: []"); len(ps) != 0 {
			t.Errorf("%s in both: %v", option, ps)
		}
		_, ps := loadText(devices + "}\nsinks: []")
		key, _, _ := strings.Cut(option, ":")
		if len(ps) != 1 || ps[0].Line != 4 || !strings.HasPrefix(ps[0].Message, key+" is ") || !strings.Contains(ps[0].Message, "(-:3:") {
			t.Errorf("%s in one: %v", option, ps)
		}
	}
}

func TestPatternsThatMatchAlmost(t *testing.T) {
	for pattern, want := range map[string]string{
		"D/*": "capitals matter", "d/A": "capitals matter", "d/a ": "and blanks", "!D/a": "capitals matter", "e/*": "matches no tag", "d": "such as d/*",
	} {
		_, ps := loadText("devices: [{name: d, url: \"tcp://h\", tags: [{tag: a, address: 40001}]}]\nsinks: [{name: s, type: file, path: \"-\", match: [\"*\", \"" + pattern + "\"]}]\n")
		if len(ps) != 1 || !ps[0].Warning || !strings.Contains(ps[0].Message, want) {
			t.Errorf("%s: %v, want %s", pattern, ps, want)
		}
	}
}
