package bridge

import (
	"fmt"
	"testing"
	"time"

	"tagbridge/testrig/hostile"
)

// plcFault is a row of the table: what a PLC does, and what must come of it.
type plcFault struct {
	line  string
	harms bool // the tag that it is about cannot be read meanwhile
	ends  bool // it ends connections whatever is asked, which are made again at once
}

// Faults of one register of one of two units of a PLC. Whatever they are, the unit's other registers and the other unit are
// read.
var plcFaults = []plcFault{
	{"silent to=unit:1 to=register:20", true, false},
	{"hangup to=unit:1 to=register:20", true, false},
	{"reset to=unit:1 to=register:20", true, false},
	{"exception:2 to=unit:1 to=register:20", true, false},
	{"exception:4 to=unit:1 to=register:20", true, false},
	{"exception:1 to=unit:1 to=register:20", true, false},
	{"short to=unit:1 to=register:20", true, false},
	{"long to=unit:1 to=register:20", true, false},
	{"unit to=unit:1 to=register:20", true, false},
	{"transaction to=unit:1 to=register:20", true, false},
	{"function to=unit:1 to=register:20", true, false},
	{"length to=unit:1 to=register:20", true, false},
	{"garbage to=unit:1 to=register:20", true, false},
	{"endless to=unit:1 to=register:20", true, false},
	{"late:1500ms to=unit:1 to=register:20", true, false},
	{"twice", false, false},
	{"stray", false, false},
	{"drip", false, false},
	{"late:900ms every=7", false, false},
	{"silent every=9", false, false},
	{"hangup every=9", false, true},
	{"exception:6 every=9", false, false},
}

// othersTags are those that no fault is about.
var othersTags = []string{"1/a", "1/c", "2/a", "2/b", "2/c"}

// enoughPolls is half of what the span has room for.
const enoughPolls = int(hostileSpan / (250 * time.Millisecond) / 2)

// TestHostilePLCs has a PLC for each fault, all at once, in one bridge.
func TestHostilePLCs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	peers := make([]*hostile.PLC, len(plcFaults))
	var devices []string
	for i, f := range plcFaults {
		p, err := hostile.NewPLC(f.line)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Close)
		peers[i] = p
		for unit := 1; unit <= 2; unit++ {
			devices = append(devices, fmt.Sprintf(`  - {name: p%d-%d, driver: modbus, url: "tcp://%s", unit_id: %d, poll: 250ms, timeout: 600ms,
     tags: [{tag: a, address: "holding:10"}, {tag: b, address: "holding:20"}, {tag: c, address: "holding:30"}]}`, i, unit, p.Addr(), unit))
		}
	}
	r.hostilePlant(devices, nil)
	memory := watchMemory()
	b := r.run()
	settled := runFor(t, 3*hostileSpan).Add(2 * hostileSpan)
	var read []string
	for i := range plcFaults {
		for _, tag := range othersTags {
			read = append(read, fmt.Sprintf("p%d-%s", i, tag))
		}
	}
	got := r.enough(settled, enoughPolls, read...)
	for i, f := range plcFaults {
		t.Run(f.line, func(t *testing.T) { f.check(t, i, peers[i], got, settled) })
	}
	for _, p := range peers {
		if err := p.Set(); err != nil {
			t.Fatal(err)
		}
	}
	b.awaitAllGood()
	b.stop()
	for key, list := range r.readings() {
		checkValues(t, key, list)
	}
	if most := memory(); most > mostMemory {
		t.Errorf("the heap held %d MB", most>>20)
	}
}

// check looks at what came of the fault while it lasted.
func (f plcFault) check(t *testing.T, i int, p *hostile.PLC, got map[string][]seen, settled time.Time) {
	if p.Struck() == 0 {
		t.Error("the fault was never done")
	}
	for _, tag := range othersTags {
		list := got[fmt.Sprintf("p%d-%s", i, tag)]
		n, others := good(list, settled)
		if f.harms && others > 0 {
			t.Errorf("%s: %d samples are not good, although the fault is not about it", tag, others)
		}
		if n < enoughPolls {
			t.Errorf("%s: %d good samples, the last is %s", tag, n, last(list))
		}
	}
	list := got[fmt.Sprintf("p%d-1/b", i)]
	if n, _ := good(list, settled); f.harms && n > 0 {
		t.Errorf("1/b: %d good samples of what cannot be read", n)
	}
	if f.harms && (last(list) == "Good" || last(list) == "") {
		t.Errorf("1/b: its last sample is %q", last(list))
	}
	if most, all := p.Connections(10 * time.Second); most > 1+3 && !f.ends {
		t.Errorf("%d connections within ten seconds, %d in all", most, all)
	}
}

// checkValues wants what the registers hold, or no value.
func checkValues(t *testing.T, key string, list []seen) {
	t.Helper()
	var n, unit int
	var tag string
	if _, err := fmt.Sscanf(key, "p%d-%d/%s", &n, &unit, &tag); err != nil {
		return
	}
	want := float64(hostile.Register(byte(unit), map[string]uint16{"a": 10, "b": 20, "c": 30}[tag]))
	for _, s := range list {
		if s.Quality == "Good" && s.Value != want || s.Quality != "Good" && s.Value != nil {
			t.Errorf("%s (%s) at %s: %v %s, the register holds %v", key, plcFaults[n].line, s.Time, s.Value, s.Quality, want)
			return
		}
	}
}
