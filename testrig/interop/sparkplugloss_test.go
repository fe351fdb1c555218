//go:build interop

package interop

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// crowd is a plant of counters: what is read at each poll has to arrive, whatever is killed meanwhile.
type crowd struct {
	t     *testing.T
	units []*plcUnit
	m     *mosquitto
	c     *sparkChecker
	b     *sparkBridge
	sinks string
	step  func(name string, do func())
}

const (
	crowdDevices, crowdTags = 8, 60
	backlog                 = 100_000
)

func newCrowd(t *testing.T) *crowd {
	t.Helper()
	dir := t.TempDir()
	p := &crowd{t: t}
	p.m = startMosquitto(t, dir, "allow_anonymous true\nmax_queued_messages 0\nmax_queued_bytes 0")
	p.c = startChecker(t, map[string]int{"one": p.m.watched}, map[string]string{"hosted": "one", "three": "one"}, map[string]string{hosted: scada})
	p.sinks = sparkSink("hosted", p.c.ports["hosted"], "5", "group: Plant, node: hosted, primary_host: "+scada) +
		sparkSink("three", p.c.ports["three"], "3.1.1", "group: Plant, node: three, aliases: false")
	writeFile(t, filepath.Join(dir, "tags.csv"), counterMap(crowdTags))
	devices := ""
	for i := range crowdDevices {
		u := startUnit(t)
		p.units = append(p.units, u)
		devices += fmt.Sprintf("  - {name: d%d, driver: modbus, url: %q, poll: 50ms, timeout: 300ms, retries: 0, tags: [tags.csv]}\n", i, u.url())
	}
	p.c.do("state", command{"id": scada, "online": true, "at": 1000})
	p.b = runSpark(t, dir, devices, p.sinks)
	return p
}

var crowdNodes = []string{hosted, three}

// read is how many samples the devices have answered.
func (p *crowd) read() int64 {
	n := int64(0)
	for _, u := range p.units {
		n += u.asked.Load() * crowdTags
	}
	return n
}

// grow waits until so many samples more were read.
func (p *crowd) grow(n int64) {
	p.t.Helper()
	until := p.read() + n
	await(p.t, "samples", func() bool { return p.read() >= until })
}

// caughtUp waits until the nodes have delivered what there was, and are among the living.
func (p *crowd) caughtUp(alive int) {
	p.t.Helper()
	p.b.caughtUp("hosted", "three", "record")
	p.c.awaitNodes("births", crowdNodes, func(n nodeStatus) bool { return n.Born && len(n.Alive) == alive })
}

// death switches a device off and waits until a node has said that it died.
func (p *crowd) death(device int, node string) {
	p.t.Helper()
	p.turn(device, true)
	name := fmt.Sprintf("d%d", device)
	p.c.awaitNodes("death of "+name, []string{node}, func(n nodeStatus) bool { return !slices.Contains(n.Alive, name) })
}

// turn switches a device off, or on again.
func (p *crowd) turn(device int, off bool) {
	p.t.Helper()
	is := "up"
	if off {
		is = "down"
	}
	p.c.do("plant", command{"device": fmt.Sprintf("d%d", device), "is": is})
	p.units[device].turn(off)
}

// TestSparkplugLosses has a broker and a bridge killed, connections half open, hosts away for a long backlog and asking for
// births without end, and a device die in the backlog: every value arrives, in order, and few come twice.
func TestSparkplugLosses(t *testing.T) {
	t.Parallel()
	p := newCrowd(t)
	begin := time.Now()
	step := func(name string, do func()) {
		start := time.Now()
		do()
		t.Logf("%5.1f s, in %4.1f s: %s", time.Since(begin).Seconds(), time.Since(start).Seconds(), name)
	}
	p.step = step
	step("births", func() {
		p.c.awaitNodes("births", crowdNodes, func(n nodeStatus) bool { return n.Born && len(n.Alive) == crowdDevices })
		p.grow(5000)
	})
	step("the host is away for a backlog, and a device dies in it", p.hostAway)
	step("a storm of requests in live data", func() {
		for _, name := range crowdNodes {
			storm := p.c.do("storm", command{"node": name, "rate": 100, "ms": 1000})
			t.Logf("%d births for %d requests", storm.Births, storm.Asked)
		}
	})
	step("the broker is killed", p.brokerKilled)
	step("the bridge is stopped in the backlog of that, over a slow line", p.stopped)
	step("the bridge is killed in the backlog", p.killed)
	step("the rest is delivered", func() {
		p.caughtUp(crowdDevices)
		for _, u := range p.units {
			u.turn(true)
		}
		p.caughtUp(0)
		p.stop()
	})
	step("accounting", func() {
		for _, name := range crowdNodes {
			p.c.account(p.b, name, command{"counters": "counter", "twice": 5 * volley})
		}
	})
	step("verdicts", func() { p.c.verdicts(t, unexercised...) })
}

// volley is how many samples can be under way without the broker having said that it has them.
const volley = 4000

// unexercised are statements for which this plant has not what they are about.
var unexercised = []string{
	"tck-id-message-flow-edge-node-birth-publish-phid-wait-id",
	"tck-id-message-flow-edge-node-birth-publish-phid-wait-timestamp",
	"tck-id-operational-behavior-edge-node-termination-host-offline-timestamp",
	"tck-id-operational-behavior-primary-application-state-with-multiple-servers-walk",
	"tck-id-payloads-ndeath-will-message-publisher-disconnect-mqtt311",
}

func (p *crowd) hostAway() {
	born := p.c.node(three).Births
	p.c.do("swallow", command{"proxies": []string{"three"}})
	p.c.do("state", command{"id": scada, "online": false, "at": 2000})
	p.c.awaitNodes("the node to wait", []string{hosted}, func(n nodeStatus) bool { return n.Waiting })
	before := p.c.node(hosted).Heard
	p.step("half of the backlog", func() { p.grow(backlog / 2) })
	p.step("the end of a half open connection", func() {
		p.c.awaitNodes("births", []string{three}, func(n nodeStatus) bool { return n.Births > born && n.Born })
	})
	p.step("a death", func() { p.death(0, three) })
	p.step("the other half", func() { p.grow(backlog / 2) })
	if after := p.c.node(hosted).Heard; after != before {
		p.t.Errorf("%d samples of a node whose host is away", after-before)
	}
	p.c.do("state", command{"id": scada, "online": true, "at": 3000})
	p.step("some of the backlog", func() {
		p.c.awaitNodes("history", []string{hosted}, func(n nodeStatus) bool { return n.Historical > backlog/10 })
	})
	p.c.do("rebirth", command{"node": hosted})
	p.step("a death while history goes out", func() { p.death(1, three) })
	p.step("the rest of the backlog", func() { p.b.caughtUp("hosted", "three") })
	p.step("its deaths", func() {
		p.c.awaitNodes("births and deaths", crowdNodes, func(n nodeStatus) bool { return n.Born && len(n.Alive) == crowdDevices-2 })
	})
	p.turn(0, false)
	p.turn(1, false)
}

// brokerKilled has a backlog grow without a broker.
func (p *crowd) brokerKilled() {
	p.c.do("refuse", command{"on": true})
	p.m.kill()
	p.grow(backlog / 4)
	p.m.again()
	p.c.do("back", nil)
	p.c.do("state", command{"id": scada, "online": true, "at": 4000})
}

func (p *crowd) stopped() {
	p.c.do("throttle", command{"bytes": 200_000})
	p.backAgain(func() { p.c.do("refuse", command{"on": false}) })
	p.stop()
	p.c.do("throttle", command{"bytes": 0})
	p.c.do("plant", command{"is": "start"})
	p.backAgain(p.b.start)
}

func (p *crowd) killed() {
	p.b.kill()
	p.c.do("plant", command{"is": "start"})
	p.backAgain(p.b.start)
}

// backAgain awaits births and some data after what brings them.
func (p *crowd) backAgain(cause func()) {
	p.t.Helper()
	before := p.c.do("status", nil).Nodes
	cause()
	for _, name := range crowdNodes {
		p.c.awaitNodes("births and data", []string{name}, func(n nodeStatus) bool {
			return n.Born && n.Births > before[name].Births && n.Data > before[name].Data
		})
	}
}

// stop tells the bridge to stop and waits until the nodes have gone.
func (p *crowd) stop() {
	p.t.Helper()
	p.c.do("plant", command{"is": "stop"})
	if err := p.b.terminate(p.t); err != nil {
		p.t.Errorf("tagbridge after SIGTERM: %v", err)
	}
	p.c.awaitNodes("the end of all sessions", crowdNodes, func(n nodeStatus) bool { return n.Open == 0 })
}
