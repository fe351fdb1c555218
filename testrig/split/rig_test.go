package split

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/testrig"
	"tagbridge/testrig/cable"
	"tagbridge/testrig/natsd"
	"tagbridge/testrig/plc"
	"tagbridge/testrig/process"
)

func TestMain(m *testing.M) {
	natsd.Child()
	status := m.Run()
	process.Clean()
	os.Exit(status)
}

// options are what a rig is like.
type options struct {
	endpoints   int
	members     int
	isolated    string
	takeover    time.Duration
	poll        time.Duration
	tags        int  // of each endpoint; 0: 1
	apart       bool // the servers know nothing of each other
	connections int  // that each PLC takes; 0: any number
	replicate   bool // all that is read is delivered, and copied
	namespaces  bool // each member has a network of its own, if that is possible here
}

// rig is three NATS servers, a plant, and the members that read it, each a process with a cable to each server.
type rig struct {
	*testing.T
	o       options
	bin     string
	dir     string
	nats    []*natsd.Server
	plcs    []*plc.Server
	members []*member
	net     network
	floor   []int // how many turns of each PLC are of before
}

func newRig(t *testing.T, o options) *rig {
	t.Helper()
	r := &rig{T: t, o: o, bin: process.Built(t), dir: t.TempDir(), floor: make([]int, o.endpoints)}
	r.net = loopback{}
	if o.namespaces {
		r.net = newNetwork(t)
	}
	accounts, err := os.ReadFile(filepath.Join("..", "..", "configs", "nats-accounts.conf"))
	if err != nil {
		t.Fatal(err)
	}
	if o.apart {
		for range 3 {
			r.nats = append(r.nats, natsd.New(t, string(accounts)))
		}
	} else {
		r.nats = natsd.ClusterWith(t, 3, string(accounts))
	}
	var tags []*mapping.Tag
	rows := "tag,address,type\n"
	for i := range max(o.tags, 1) {
		address := mapping.Address{Table: mapping.Holding, Number: uint16(i)}
		tags = append(tags, &mapping.Tag{Name: fmt.Sprintf("t%d", i), Traits: &mapping.Traits{Type: mapping.TypeInt16}, Address: address})
		rows += fmt.Sprintf("t%d,holding:%d,int16\n", i, i)
	}
	if err := os.WriteFile(filepath.Join(r.dir, "map.csv"), []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	for range o.endpoints {
		unit := plc.NewUnit(plc.UnitOptions{Tags: tags, Seed: 1})
		r.plcs = append(r.plcs, testrig.ModbusAt(t, net.JoinHostPort(r.net.host(), "0"), plc.ServerOptions{
			Units: map[int]*plc.Unit{1: unit}, Silent: true, Connections: o.connections,
		}))
	}
	for i := range o.members {
		m := &member{rig: r, name: fmt.Sprintf("pc-%c", 'a'+i), at: i}
		for _, s := range r.nats {
			m.cables = append(m.cables, cable.Start(t, r.net.host(), s.Address))
		}
		r.members = append(r.members, m)
		t.Cleanup(m.end)
	}
	return r
}

// config is the configuration of a member.
func (r *rig) config(m *member) string {
	var b strings.Builder
	fmt.Fprintf(&b, "bridge:\n  name: line-3\n  data_dir: data\n  http: %s\n  cluster:\n    {node: %s, isolated: %s, takeover: %v, replicate: %v, username: tagbridge, password: change-me, nats: [",
		m.address, m.name, r.o.isolated, r.o.takeover, r.o.replicate)
	for i, c := range m.cables {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", "nats://"+c.Addr())
	}
	b.WriteString("]}\ndevices:\n")
	for i, s := range r.plcs {
		fmt.Fprintf(&b, "  - {name: d%d, driver: modbus, url: \"tcp://%s\", poll: %v, tags: [../map.csv]}\n", i, s.Addr(), r.o.poll)
	}
	match := "d0/t0"
	if r.o.replicate {
		match = "*"
	}
	fmt.Fprintf(&b, "sinks: [{name: out, type: file, path: \"-\", format: csv, match: [%q]}]\n", match)
	return b.String()
}

// patience is for what must happen; it runs out only when something is wrong.
const patience = 3 * time.Minute

// await waits until what is so, and returns how long that took.
func (r *rig) await(what string, is func() bool) time.Duration {
	r.Helper()
	began := time.Now()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		if time.Since(began) > patience {
			r.tell()
			r.Fatalf("after %v still not: %s", patience, what)
		}
		<-tick.C
	}
	return time.Since(began)
}

// tell writes down what everybody knows.
func (r *rig) tell() {
	for _, m := range r.members {
		if m.cmd == nil {
			r.Logf("%s is not running", m.name)
			continue
		}
		s, err := m.state()
		r.Logf("%s: %v %+v\n%s", m.name, err, s, m.lastLog())
	}
	for i := range r.plcs {
		list := r.turns(i)
		r.Logf("PLC %d: %+v", i, list[max(0, len(list)-4):])
	}
}

// turns are who read PLC i since forget.
func (r *rig) turns(i int) []plc.Turn { return r.plcs[i].Turns()[r.floor[i]:] }

// forget has turns begin with the present ones.
func (r *rig) forget() {
	for i, s := range r.plcs {
		r.floor[i] = max(0, len(s.Turns())-1)
	}
}

// twice is how many times a PLC was read by one that had been replaced. Below a connection one request may have waited.
func (r *rig) twice(below bool) (n int) {
	for i := range r.plcs {
		list := r.turns(i)
		late, newest := map[int]int{}, 0
		for _, t := range list[min(1, len(list)):] {
			newest = max(newest, t.Conn)
			switch {
			case !t.Again || below && t.Conn == newest:
			case below && late[t.Conn] == 0 && t.Requests == 1:
				late[t.Conn]++
			default:
				n++
			}
		}
	}
	return n
}

// polled reports that each PLC was asked since.
func (r *rig) polled(since time.Time) bool {
	for i := range r.plcs {
		list := r.turns(i)
		if len(list) == 0 || list[len(list)-1].Last.Before(since) {
			return false
		}
	}
	return true
}

// settled reports that each of these is attached and takes part, that they read everything between them, and agree on who reads what.
func (r *rig) settled(list ...*member) bool {
	var first said
	for i, m := range list {
		s, err := m.state()
		if err != nil || !s.Attached || len(s.Endpoints) != len(r.plcs) {
			return false
		}
		for _, o := range s.Members {
			if !o.Joined && !o.Silent {
				return false
			}
		}
		if i == 0 {
			first = s
		}
		for k, e := range s.Endpoints {
			if !has(list, e.Owner) || e.Owner != first.Endpoints[k].Owner {
				return false
			}
		}
	}
	return true
}

func has(list []*member, name string) bool {
	for _, m := range list {
		if m.name == name {
			return true
		}
	}
	return false
}
