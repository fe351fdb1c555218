package bridge

import (
	"strings"
	"testing"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/sinks/mqtt"
)

// TestKnownTags has Home Assistant be told which tags there are, of the configuration that runs by then.
func TestKnownTags(t *testing.T) {
	cfg, problems := config.Load("-", config.Options{Hostname: "h", Stdin: strings.NewReader(`
devices:
  - name: boiler
    driver: modbus
    url: "tcp://127.0.0.1:502"
    tags:
      - {tag: temp, address: "holding:0", hi: 90}
      - {tag: hidden, address: "holding:1", report: none}
      - {tag: power, address: "holding:2"}
  - name: site
    driver: derived
    tags: [{tag: energy, expr: boiler/power, total: time, poll: 1s}, {tag: count, expr: boiler/power, total: counter, poll: 1s}]
sinks:
  - {name: house, type: mqtt, url: "mqtt://127.0.0.1", discovery: homeassistant, retain: true}
`)})
	if problems.HasProblems() {
		t.Fatal(problems)
	}
	var running *config.Config
	c := catalog{running: func() *config.Config { return running }}
	there := mqtt.Known{There: true}
	if got := c.known("boiler", "temp"); got != there {
		t.Errorf("before there is a configuration %+v", got)
	}
	running = cfg
	for tag, want := range map[string]mqtt.Known{
		"boiler/temp": there, "boiler/temp.alarm": there, "boiler/_online": there, "boiler/power.alarm": {}, "boiler/hidden": {}, "boiler/gone": {},
		"gone/_online": {}, "gone/temp": {}, "_bridge/_event": there, "site/energy": {There: true, Total: mapping.TimeTotal}, "site/count": {There: true, Total: mapping.CounterTotal},
	} {
		device, name, _ := strings.Cut(tag, "/")
		if got := c.known(device, name); got != want {
			t.Errorf("%s: %+v, want %+v", tag, got, want)
		}
	}
	sink, err := openMQTT(&cfg.Sinks[0], Options{Log: discard(), known: c.known})
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	if _, ok := sink.(mqtt.Home); !ok {
		t.Errorf("the sink is a %T", sink)
	}
}
