package main

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// TestClusterRests prints what members have left, and who would be next, in lines that fit.
func TestClusterRests(t *testing.T) {
	var out strings.Builder
	said := clusterSaid{
		Node: "pc-a", Attached: true, Unknown: "no responders",
		Inherited: []restSaid{
			{Node: "pc-b", Sink: "influx", By: "pc-c", Waits: 1200, Copied: 1150},
			{Node: "pc-b", Sink: "file", Waits: 50, Missing: 7, Finished: true},
			{Node: "pc-b", Sink: "mqtt", Finished: true},
			{Node: "pc-d\x1b[2J", Sink: strings.Repeat("s", 20), Waits: 3},
		},
		Endpoints: []clusterEndpointSaid{
			{Endpoint: "tcp://10.0.0.1:502", Owner: "pc-a", Would: "pc-c", Epoch: 3, Devices: []string{"boiler", strings.Repeat("x", 60)}},
			{Endpoint: "tcp://10.0.0.2:502", Owner: "pc-a", Epoch: 1},
		},
	}
	(&clusterPrinter{out: &out, now: time.Now(), said: &said}).print()
	text := out.String()
	for _, want := range []string{
		"what members have left is not known now: no responders", "1200   1150    0        pc-c delivers it", "50     0       7        the rest has no copy",
		"mqtt", "0        delivered\n", "waits\n", "next", "3      pc-c  boiler", "1      -\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if utf8.RuneCountInString(strings.TrimRight(line, "\n")) > statusWidth || strings.Contains(line, "\x1b") {
			t.Errorf("%q", line)
		}
	}
}
