package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
)

// invite says what runs and what to try. api and control are where the bridge and the demo serve HTTP.
func (d *demo) invite(api, control string) {
	say := func(format string, a ...any) { fmt.Fprintf(d.std.err, format+"\n", a...) }
	if api != "" {
		say("\nThe page: http://%s", api)
	}
	say("\nA simulated plant and the bridge that reads it. Each line below is a value:")
	for _, dev := range d.plant.devices {
		say("  %-12s %s %s", dev.name, dev.url, dev.unit)
	}
	say("\nTry, in another terminal:")
	if d.broker != nil {
		host, port, _ := net.SplitHostPort(d.broker.Addr())
		say("  mosquitto_sub -h %s -p %s -v -t '%s'       what the bridge publishes", host, port, d.wildcard())
	}
	if api != "" {
		say("  curl 'http://%s/api/v1/tags?match=*temperature*'   present values, qualities, raw registers", api)
		say("  curl http://%s/api/v1/devices                      who answers, and how fast", api)
		say("  curl http://%s/api/v1/sinks                        what was delivered, what is behind", api)
	}
	if len(d.plant.devices) > 0 {
		say("  %s read %s 30001,int16        one register, now", program(), d.plant.devices[0].url)
	}
	say("\nMake things fail, by typing here or with curl -X POST http://%s/stop/NAME:", control)
	if len(d.plant.devices) > 0 {
		say("  stop %-10s start %-10s a device that does not answer, and one that does again",
			d.plant.devices[0].name, d.plant.devices[0].name)
	}
	if d.broker != nil {
		say("  stop broker     start broker     nothing is lost meanwhile, and nothing waits for it")
	}
	say("\nThen copy the folder configs, change one of its tag maps in a spreadsheet and run: %s check COPY/demo.yaml. Ctrl-C ends this.\n", program())
}

// program is how to call this program from where it was called.
func program() string {
	if _, err := exec.LookPath("tagbridge"); err == nil {
		return "tagbridge"
	}
	return os.Args[0]
}

// wildcard is what all topics of the demo's sinks begin with, and #.
func (d *demo) wildcard() string {
	topic := strings.ReplaceAll(d.broker.sinks[0].MQTT.Topic.String(), "{bridge}", d.cfg.Bridge.Name)
	fixed, _, _ := strings.Cut(topic, "{")
	fixed = fixed[:strings.LastIndexByte(fixed, '/')+1]
	return fixed + "#"
}
