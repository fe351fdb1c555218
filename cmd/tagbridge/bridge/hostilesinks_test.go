package bridge

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tagbridge/testrig/hostile"
)

// Faults of a database. rejects says that it refuses the samples of one tag; else it gets everything once it is well.
var databaseFaults = []struct {
	line    string
	rejects bool
}{
	{"silent times=2", false},
	{"hangup", false},
	{"reset", false},
	{"halfway to=body", false},
	{"lost every=3", false},
	{"garbage", false},
	{"endless", false},
	{"bomb", false},
	{"status:200", false},
	{"status:202", false},
	{"html:200", false},
	{"html:400", false},
	{"status:400", false},
	{"status:401", false},
	{"status:404", false},
	{"status:413", false},
	{"status:500", false},
	{"status:503 every=2", false},
	{"html:302", false},
	{"refuse to=poison", true},
	{"drip:3000 to=body", false},
}

// Faults of a broker.
var brokerFaults = []string{
	"silent times=2 to=test", "hangup", "hangup every=5", "reset every=5", "lost every=5", "garbage", "huge to=connect", "huge every=7",
	"length to=connect", "auth to=connect times=3", "code:0x88 to=connect", "code:0x86 to=connect", "code:0x97 every=3", "twice", "other times=3",
	"flood every=5", "leave:0x8E every=9", "twice to=connect",
}

// poisonFaults are about one tag's messages alone, which a broker never takes.
var poisonFaults = []string{"hangup to=poison", "reset to=poison", "silent to=poison", "code:0x87 to=poison"}

// TestHostileSinks has one plant deliver to good sinks and to all of these, in one bridge.
func TestHostileSinks(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	well, err := hostile.NewPLC()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(well.Close)
	devices := []string{fmt.Sprintf(`  - {name: well, driver: modbus, url: "tcp://%s", poll: 250ms, timeout: 5s,
     tags: [{tag: a, address: "holding:10"}, {tag: poison, address: "holding:20"}, {tag: c, address: "holding:30"}]}`, well.Addr())}
	var sinks []string
	databases := make([]*hostile.Database, 0, len(databaseFaults)+1)
	add := func(line string) *hostile.Database {
		d, err := hostile.NewDatabase(line)
		if line == "" {
			d, err = hostile.NewDatabase()
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(d.Close)
		sinks = append(sinks, fmt.Sprintf(`  - {name: d%d, type: influxdb, url: "http://%s", org: o, bucket: b, flush: 50ms, layout: narrow,
     precision: ns, match: ["well/*", "!*/_*"]}`, len(databases), d.Addr()))
		databases = append(databases, d)
		return d
	}
	first := add("")
	for _, f := range databaseFaults {
		add(f.line)
	}
	var brokers []*hostile.Broker
	for _, version := range []string{"5", "3.1.1"} {
		for _, line := range append(append([]string{""}, brokerFaults...), poisonFaults...) {
			b, err := hostile.NewBroker(line)
			if line == "" {
				b, err = hostile.NewBroker()
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(b.Close)
			sinks = append(sinks, fmt.Sprintf(`  - {name: m%d, type: mqtt, url: "mqtt://%s", version: "%s", topic: "{bridge}/{device}/{tag}", state_topic: "",
     match: ["well/*", "!*/_*"]}`, len(brokers), b.Addr(), version))
			brokers = append(brokers, b)
		}
	}
	r.hostilePlant(devices, sinks)
	memory := watchMemory()
	b := r.run()
	began := runFor(t, hostileSpan)
	got := r.enough(began.Add(time.Second), 30, "well/a", "well/poison", "well/c")
	for _, tag := range []string{"a", "poison", "c"} {
		if n, others := good(got["well/"+tag], began.Add(time.Second)); others > 0 || n < 30 {
			t.Errorf("%s: %d good samples and %d others while sinks are ill", tag, n, others)
		}
	}
	if len(first.Stored()) == 0 {
		t.Error("the good database got nothing")
	}
	checkConnections(t, databases, brokers)
	for i, f := range databaseFaults {
		if !f.rejects {
			calm(t, databases[i+1].Set)
		}
	}
	each := len(brokers) / 2
	for i, p := range brokers {
		if i%each <= len(brokerFaults) {
			calm(t, p.Set)
		}
	}
	b.settleSinks(len(brokers) - 2*len(poisonFaults) + len(databases))
	b.stop()
	wantAllStored(t, databases)
	for half := range 2 {
		wantAllTaken(t, brokers[half*each:(half+1)*each])
	}
	if most := memory(); most > mostMemory {
		t.Errorf("the heap held %d MB", most>>20)
	}
}

func calm(t *testing.T, set func(...string) error) {
	t.Helper()
	if err := set(); err != nil {
		t.Fatal(err)
	}
}

// checkConnections wants no storm at anybody's door.
func checkConnections(t *testing.T, databases []*hostile.Database, brokers []*hostile.Broker) {
	t.Helper()
	for i, d := range databases {
		if most, all := d.Connections(10 * time.Second); i > 0 && most > 1+3 {
			t.Errorf("database %s: %d connections within ten seconds, %d in all", databaseFaults[i-1].line, most, all)
		}
	}
	lines := append(append([]string{""}, brokerFaults...), poisonFaults...)
	for i, p := range brokers {
		if most, all := p.Connections(10 * time.Second); most > 1+3 {
			t.Errorf("broker %s: %d connections within ten seconds, %d in all", lines[i%len(lines)], most, all)
		}
	}
}

// settleSinks waits until the sinks that are well again are as far as the good ones, and all accounts are even.
func (b *running) settleSinks(n int) {
	b.t.Helper()
	b.await("the backlogs", func() bool {
		settled := 0
		for _, s := range b.bridge.Sinks() {
			if s.BehindSamples <= 50 && s.Delivered > 0 {
				settled++
			}
		}
		return settled >= n
	})
}

// wantAllStored compares each database with the good one.
func wantAllStored(t *testing.T, databases []*hostile.Database) {
	t.Helper()
	want := databases[0].Stored()
	for i, d := range databases[1:] {
		got, missing := d.Stored(), 0
		for line := range want {
			if got[line] == 0 && !(databaseFaults[i].rejects && strings.Contains(line, "poison")) {
				missing++
			}
		}
		if missing > 0 {
			t.Errorf("database %s: %d of %d lines are missing", databaseFaults[i].line, missing, len(want))
		}
	}
}

// wantAllTaken compares each broker with the first one, which is good.
func wantAllTaken(t *testing.T, brokers []*hostile.Broker) {
	t.Helper()
	want := brokers[0].Taken()
	for i, b := range brokers[1 : 1+len(brokerFaults)] {
		got, missing := b.Taken(), 0
		for payload := range want {
			if got[payload] == 0 {
				missing++
			}
		}
		if missing > 0 {
			t.Errorf("broker %s: %d of %d messages are missing", brokerFaults[i], missing, len(want))
		}
	}
}
