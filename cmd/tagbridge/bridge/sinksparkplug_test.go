package bridge

import (
	"strings"
	"testing"

	"tagbridge/mapping/config"
	"tagbridge/sinks/sparkplug"
)

// TestBirthsDescribeTags has births say of a tag what its row says, of the configuration that runs by then.
func TestBirthsDescribeTags(t *testing.T) {
	load := func(rows string) *config.Config {
		c, problems := config.Load("-", config.Options{Hostname: "h", Stdin: strings.NewReader(`
devices:
  - {name: boiler, driver: modbus, url: "tcp://127.0.0.1:502", tags: [` + rows + `]}
sinks:
  - {name: scada, type: mqtt, url: "mqtt://127.0.0.1", format: sparkplug, sparkplug: {group: G}}
`)})
		if problems.HasProblems() {
			t.Fatal(problems)
		}
		return c
	}
	var running *config.Config
	c := catalog{running: func() *config.Config { return running }}
	if got := c.describe("boiler", "temp"); got != (sparkplug.Details{}) {
		t.Errorf("before there is a configuration %+v", got)
	}
	running = load(`{tag: temp, address: "holding:0", min: -5, max: 200.5, description: feed},
		{tag: level, address: "holding:1", raw_min: 0, raw_max: 4000, eng_min: 0, eng_max: 10},
		{tag: long, address: "holding:2", type: uint48}, {tag: name, address: "holding:10", type: "string:20"}`)
	for tag, want := range map[string]sparkplug.Details{
		"temp":    {Low: -5, High: 200.5, HasLow: true, HasHigh: true, Text: "feed"},
		"temp[3]": {Low: -5, High: 200.5, HasLow: true, HasHigh: true, Text: "feed"},
		"level":   {High: 10, HasLow: true, HasHigh: true},
		"long":    {Wide: true},
		"name":    {},
		"gone":    {},
	} {
		if got := c.describe("boiler", tag); got != want {
			t.Errorf("%s: %+v, want %+v", tag, got, want)
		}
	}
	running = load(`{tag: temp, address: "holding:0", description: return}`)
	if got := c.describe("boiler", "temp"); got != (sparkplug.Details{Text: "return"}) {
		t.Errorf("after a reload %+v", got)
	}
}
