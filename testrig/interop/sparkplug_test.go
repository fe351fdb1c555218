//go:build interop

package interop

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// sparkPlant is three edge nodes of one bridge: of MQTT 5 with aliases, of 3.1.1 with names, and one that waits for its
// primary host and knows two brokers.
type sparkPlant struct {
	t                   *testing.T
	dir                 string
	boiler, press, oven *plcUnit
	one, two            *mosquitto
	c                   *sparkChecker
	b                   *sparkBridge
	sinks               string
}

const (
	five, three, hosted = "Plant/five", "Plant/three", "Plant/hosted"
	scada               = "scada"
)

var nodes = []string{five, three, hosted}

func newSparkPlant(t *testing.T) *sparkPlant {
	t.Helper()
	p := &sparkPlant{t: t, dir: t.TempDir()}
	p.boiler, p.press, p.oven = startUnit(t), startUnit(t), startUnit(t)
	one, two := filepath.Join(p.dir, "one"), filepath.Join(p.dir, "two")
	mkdir(t, one)
	mkdir(t, two)
	p.one, p.two = startMosquitto(t, one, "allow_anonymous true"), startMosquitto(t, two, "allow_anonymous true")
	p.c = startChecker(t, map[string]int{"one": p.one.watched, "two": p.two.watched},
		map[string]string{"five": "one", "three": "one", "hosted": "one", "other": "two"}, map[string]string{hosted: scada})
	p.sinks = sparkSink("five", p.c.ports["five"], "5", "group: Plant, node: five") +
		sparkSink("three", p.c.ports["three"], "3.1.1", "group: Plant, node: three, aliases: false") +
		sparkSink("hosted", p.c.ports["hosted"], "5",
			fmt.Sprintf("group: Plant, node: hosted, primary_host: %s, servers: [\"mqtt://127.0.0.1:%d\"]", scada, p.c.ports["other"]))
	writeFile(t, filepath.Join(p.dir, "tags.csv"), sparkMap("old,holding:20,uint32,all,,,,,,goes away\n"))
	return p
}

// devices are the configuration of those, with timeouts that let a death be seen soon.
func (p *sparkPlant) devices(names ...string) string {
	units := map[string]*plcUnit{"boiler": p.boiler, "press": p.press, "oven": p.oven}
	text := ""
	for _, name := range names {
		text += fmt.Sprintf("  - {name: %s, driver: modbus, url: %q, poll: 100ms, timeout: 300ms, retries: 0, tags: [tags.csv]}\n", name, units[name].url())
	}
	return text
}

// state has the primary host say whether it is online.
func (p *sparkPlant) state(online bool, at int) {
	p.c.do("state", command{"id": scada, "online": online, "at": at})
}

// births awaits one more of each node than there was, after doing what brings it.
func (p *sparkPlant) births(what string, names []string, cause func()) {
	p.t.Helper()
	before := p.c.do("status", nil).Nodes
	cause()
	for _, name := range names {
		p.c.awaitNodes(what+" of "+name, []string{name}, func(n nodeStatus) bool { return n.Births > before[name].Births && n.Born })
	}
	p.data(names...)
}

// data awaits some more of it.
func (p *sparkPlant) data(names ...string) {
	p.t.Helper()
	before := p.c.do("status", nil).Nodes
	for _, name := range names {
		p.c.awaitNodes("data of "+name, []string{name}, func(n nodeStatus) bool { return n.Data >= before[name].Data+8 })
	}
}

// TestSparkplugStatements takes three edge nodes through what happens to edge nodes, and has each statement of the
// specification that concerns them judged.
func TestSparkplugStatements(t *testing.T) {
	t.Parallel()
	p := newSparkPlant(t)
	begin := time.Now()
	step := func(name string, do func()) {
		start := time.Now()
		do()
		t.Logf("%5.1f s, in %4.1f s: %s", time.Since(begin).Seconds(), time.Since(start).Seconds(), name)
	}
	step("births and data", p.start)
	step("commands", p.commands)
	step("a device dies and returns", p.deviceDies)
	step("a tag is refused", p.tagRefused)
	step("reload", p.reload)
	step("the primary host comes and goes", p.hostGoes)
	step("the broker is killed", p.brokerKilled)
	step("the bridge is killed", p.bridgeKilled)
	step("half open connections", p.halfOpen)
	step("goodbye", p.goodbye)
	for _, node := range nodes {
		p.c.account(p.b, node, command{"counters": "counter", "bad": []string{"boiler/mode"}})
	}
	p.c.verdicts(t)
}

// start starts the bridge: two nodes are born, the third once its host is online, and no sooner.
func (p *sparkPlant) start() {
	p.state(false, 1000)
	p.c.do("state", command{"id": "another", "online": true, "at": 5000, "other": true})
	p.b = runSpark(p.t, p.dir, p.devices("boiler", "press"), p.sinks)
	both := []string{five, three}
	p.c.awaitNodes("births", both, func(n nodeStatus) bool { return n.Born && len(n.Alive) == 2 })
	p.data(both...)
	p.c.awaitNodes("the node that waits", []string{hosted}, func(n nodeStatus) bool { return n.Waiting })
	p.births("birth", []string{hosted}, func() { p.state(true, 2000) })
}

// commands asks for births, once and in a storm, and for what no node here does.
func (p *sparkPlant) commands() {
	for _, name := range nodes {
		p.c.do("command", command{"node": name, "metrics": []command{{"name": "Node Control/Reboot", "type": "Boolean", "value": true}}})
		p.c.do("garbage", command{"node": name})
		p.c.do("command", command{"node": name, "verb": "DCMD", "device": "boiler", "metrics": []command{{"name": "counter", "type": "UInt32", "value": 1}}})
	}
	await(p.t, "the commands to be over", func() bool { return p.c.do("status", nil).Due == 0 })
	p.births("birth on request", nodes, func() {
		for _, name := range nodes {
			p.c.do("rebirth", command{"node": name})
		}
	})
	storm := p.c.do("storm", command{"node": five, "rate": 100, "ms": 2000})
	p.t.Logf("%d births for %d requests", storm.Births, storm.Asked)
	p.data(nodes...)
}

func (p *sparkPlant) deviceDies() {
	p.c.do("plant", command{"device": "press", "is": "down"})
	p.press.turn(true)
	p.c.awaitNodes("death of press", nodes, func(n nodeStatus) bool { return slices.Equal(n.Alive, []string{"boiler"}) })
	p.data(nodes...)
	p.press.turn(false)
	p.c.awaitNodes("birth of press", nodes, func(n nodeStatus) bool { return len(n.Alive) == 2 })
	p.c.do("plant", command{"device": "press", "is": "up"})
	p.data(nodes...)
}

func (p *sparkPlant) tagRefused() {
	p.boiler.refuses.Store(true)
	p.b.awaitTag("boiler", "mode", true)
	p.data(nodes...)
}

// awaitTag waits until the last sample of a tag is bad, or is not.
func (b *sparkBridge) awaitTag(device, tag string, bad bool) {
	b.t.Helper()
	await(b.t, fmt.Sprintf("%s/%s to be bad: %t", device, tag, bad), func() bool {
		list := byTag(b.samples(), device)[tag]
		return len(list) > 0 && list[len(list)-1].bad() == bad
	})
}

// reload adds a tag and a device, takes a tag away, changes one, and takes the device away again.
func (p *sparkPlant) reload() {
	writeFile(p.t, filepath.Join(p.dir, "tags.csv"), sparkMap("new,holding:22,uint32,all,,,,,,has come\n"))
	p.b.reload(p.devices("boiler", "press", "oven"), p.sinks)
	p.c.awaitNodes("births with the new tag", nodes, func(n nodeStatus) bool {
		return len(n.Alive) == 3 && slices.Contains(n.Metrics["boiler"], "new") && !slices.Contains(n.Metrics["boiler"], "old")
	})
	p.data(nodes...)
	p.c.do("plant", command{"device": "oven", "is": "gone"})
	p.b.reload(p.devices("boiler", "press"), p.sinks)
	p.c.awaitNodes("death of oven", nodes, func(n nodeStatus) bool { return slices.Equal(n.Alive, []string{"boiler", "press"}) })
	p.data(nodes...)
}

// hostGoes has the primary host say things in and out of time, and in the words of version 2.2.
func (p *sparkPlant) hostGoes() {
	only := []string{hosted}
	p.state(false, 1500) // older than that it is online
	await(p.t, "the old message to have no effect", func() bool { return p.c.do("status", nil).Due == 0 })
	p.data(hosted)
	p.state(false, 3000)
	p.c.awaitNodes("the node to be at the other broker", only, func(n nodeStatus) bool { return n.Waiting && slices.Equal(n.At, []string{"other"}) })
	p.state(true, 2500) // older than that it is offline
	p.data(five)
	p.births("birth at the other broker", only, func() { p.state(true, 4000) })
	p.hostOfBefore()
}

// hostOfBefore has the host be one of version 2.2 for a while.
func (p *sparkPlant) hostOfBefore() {
	only := []string{hosted}
	waits := func(n nodeStatus) bool { return n.Waiting }
	old := func(online bool) { p.c.do("state", command{"id": scada, "online": online, "old": true}) }
	p.c.do("state", command{"id": scada}) // the brokers forget what it has said
	p.c.do("cut", command{"proxies": []string{"hosted", "other"}})
	p.c.awaitNodes("the node to wait", only, waits)
	p.births("birth for a host of version 2.2", only, func() { old(true) })
	old(false)
	p.c.awaitNodes("the node to wait for a host of version 2.2", only, waits)
	p.births("birth for a host of version 2.2 that is back", only, func() { old(true) })
	p.state(true, 5000)
}

func (p *sparkPlant) brokerKilled() {
	p.births("birth after the broker was killed", []string{five, three}, func() {
		p.c.do("refuse", command{"on": true}) // no node is to come before the host that hears it
		p.one.kill()
		p.polls(10)
		p.one.again()
		p.c.do("back", command{"broker": "one"})
		p.state(true, 6000)
		p.c.do("refuse", command{"on": false})
	})
	p.data(nodes...)
}

// polls waits for so many.
func (p *sparkPlant) polls(n int64) {
	p.t.Helper()
	until := p.boiler.asked.Load() + n
	await(p.t, "polls", func() bool { return p.boiler.asked.Load() >= until })
}

func (p *sparkPlant) bridgeKilled() {
	before := p.c.do("status", nil).Nodes
	p.births("birth after the bridge was killed", nodes, func() {
		p.b.kill()
		p.c.do("plant", command{"is": "start"})
		p.boiler.refuses.Store(false)
		p.b.start()
	})
	p.b.awaitTag("boiler", "mode", false)
	for _, name := range nodes {
		if is, was := p.c.node(name).BdSeq, before[name].BdSeq; is == nil || was == nil || *is != *was+1 {
			p.t.Errorf("%s: bdSeq %v after %v", name, is, was)
		}
	}
}

func (p *sparkPlant) halfOpen() {
	p.births("birth after a half open connection", nodes, func() { p.c.do("swallow", nil) })
}

func (p *sparkPlant) goodbye() {
	p.c.do("plant", command{"is": "stop"})
	if err := p.b.terminate(p.t); err != nil {
		p.t.Errorf("tagbridge after SIGTERM: %v", err)
	}
	p.c.awaitNodes("the end of all sessions", nodes, func(n nodeStatus) bool { return n.Open == 0 })
}
