package members

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/testrig"
	"tagbridge/testrig/natsd"
	"tagbridge/testrig/plc"
	"tagbridge/testrig/port"
	"tagbridge/testrig/process"
)

// clusterRig is NATS, a plant of several endpoints and the members that read it, each a process.
type clusterRig struct {
	*testing.T
	nats []*natsd.Server
	plcs []*plc.Server
	unit []*plc.Unit // of each
	more string      // devices besides these
	// cluster is more keys of that block, and sinks a member's; nil: a file sink.
	cluster  string
	sinks    func(node string) string
	patience time.Duration // how long await waits; 0: a minute

	mu      sync.Mutex
	heard   map[string][]clusterSample // by member, of what the devices besides have
	samples map[string]map[string]int  // by member and device
	members map[string]*clusterMember
}

type clusterMember struct {
	cmd     *exec.Cmd
	address string // of its API
	home    string // its folder
}

// clusterSample is a line of its file sink.
type clusterSample struct {
	Time                 time.Time
	Device, Tag, Quality string
	Value                float64
}

// clusterSaid is what tests want to know of what a member says of its cluster.
type clusterSaid struct {
	Attached  bool
	Problem   string
	Endpoints []struct{ Endpoint, Owner string }
	Copy      *struct {
		Behind  uint64 `json:"behind_samples"`
		Error   string `json:"error"`
		Cursors string `json:"cursors_error"`
	}
	Inherited []struct {
		By       string
		Finished bool
	}
}

func newClusterRig(t *testing.T, endpoints int) *clusterRig {
	r := &clusterRig{T: t, samples: map[string]map[string]int{}, members: map[string]*clusterMember{}, heard: map[string][]clusterSample{}}
	accounts, err := os.ReadFile(filepath.Join("..", "..", "..", "configs", "nats-accounts.conf"))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		r.nats = append(r.nats, natsd.New(t, string(accounts)))
	}
	for range endpoints {
		tags := []*mapping.Tag{{Name: "t", Traits: &mapping.Traits{Type: mapping.TypeInt16}, Address: mapping.Address{Table: mapping.Holding}}}
		unit := plc.NewUnit(plc.UnitOptions{Tags: tags, Seed: 1})
		r.unit = append(r.unit, unit)
		r.plcs = append(r.plcs, testrig.Modbus(t, "tcp", plc.ServerOptions{Units: map[int]*plc.Unit{1: unit}, Silent: true}))
	}
	return r
}

// start starts the member of that name.
func (r *clusterRig) start(node, isolated string) {
	r.Helper()
	m := &clusterMember{address: port.Free(r)}
	var text strings.Builder
	fmt.Fprintf(&text, "bridge:\n  name: line-3\n  data_dir: data\n  http: %s\n  cluster: {node: %s, isolated: %s, username: tagbridge, password: change-me, nats: [", m.address, node, isolated)
	for i, s := range r.nats {
		if i > 0 {
			text.WriteString(", ")
		}
		fmt.Fprintf(&text, "%q", "nats://"+s.Address)
	}
	fmt.Fprintf(&text, "]%s}\ndevices:\n", r.cluster)
	for i, s := range r.plcs {
		fmt.Fprintf(&text, "  - {name: d%d, driver: modbus, url: \"tcp://%s\", poll: 100ms, tags: [{tag: t, address: 40001}]}\n", i, s.Addr())
	}
	text.WriteString(r.more)
	if r.sinks != nil {
		text.WriteString(r.sinks(node))
	} else {
		text.WriteString("sinks: [{name: out, type: file, path: \"-\", format: json}]\n")
	}
	if m.home = r.home(node); m.home == "" {
		m.home = r.TempDir()
	}
	path := filepath.Join(m.home, "plant.yaml")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		r.Fatal(err)
	}
	m.cmd = exec.Command(process.Built(r), "run", path)
	out, err := m.cmd.StdoutPipe()
	if err != nil {
		r.Fatal(err)
	}
	process.Polling(r, m.cmd)
	go r.count(node, bufio.NewScanner(out))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.members[node] = m
}

// home is the folder of a member that was there before; "": it was not.
func (r *clusterRig) home(node string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.members[node]; m != nil {
		return m.home
	}
	return ""
}

// count counts the samples that a member delivers.
func (r *clusterRig) count(node string, lines *bufio.Scanner) {
	for lines.Scan() {
		var s clusterSample
		if json.Unmarshal(lines.Bytes(), &s) != nil {
			continue
		}
		r.mu.Lock()
		if s.Tag != "t" {
			r.heard[node] = append(r.heard[node], s)
			r.mu.Unlock()
			continue
		}
		if r.samples[node] == nil {
			r.samples[node] = map[string]int{}
		}
		r.samples[node][s.Device]++
		r.mu.Unlock()
	}
}

// readers are who delivers new samples of each device, as seen while something is waited for.
func (r *clusterRig) readers(since map[string]map[string]int) map[string][]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := map[string][]string{}
	for node, devices := range r.samples {
		for device, n := range devices {
			if n > since[node][device] {
				found[device] = append(found[device], node)
			}
		}
	}
	return found
}

func (r *clusterRig) seen() map[string]map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := map[string]map[string]int{}
	for node, devices := range r.samples {
		all[node] = map[string]int{}
		for device, n := range devices {
			all[node][device] = n
		}
	}
	return all
}

// state is what a member says of its cluster.
func (r *clusterRig) state(node string) (said clusterSaid) {
	status, out, _ := typed(r.T, "", "cluster", "status", "--json", "http://"+r.members[node].address)
	if status <= exitFailed {
		_ = json.Unmarshal([]byte(out), &said)
	}
	return said
}

// await waits until what holds.
func (r *clusterRig) await(what string, holds func() bool) {
	r.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	patience := max(r.patience, 3*time.Minute)
	for limit := time.Now().Add(patience); !holds(); <-tick.C {
		if time.Now().After(limit) {
			for node := range r.members {
				r.mu.Lock()
				heard := slices.Clone(r.heard[node][max(0, len(r.heard[node])-8):])
				r.mu.Unlock()
				r.Logf("%s knows %+v, and delivers %+v", node, r.state(node), heard)
			}
			r.Fatalf("after %v still not: %s", patience, what)
		}
	}
}

// shared reports that by what node says its endpoints are read by these many members, all of them by one.
func (r *clusterRig) shared(node string, members int) bool {
	owners := map[string]int{}
	said := r.state(node)
	for _, e := range said.Endpoints {
		owners[e.Owner]++
	}
	return len(said.Endpoints) == len(r.plcs) && len(owners) == members && owners[""] == 0
}

// TestCluster has two members share four devices, one of them die together with a NATS server, and come back.
func TestCluster(t *testing.T) {
	r := newClusterRig(t, 4)
	r.start("pc-a", "keep")
	r.await("one member reads everything", func() bool { return r.shared("pc-a", 1) && len(r.readers(nil)) == 4 })
	r.start("pc-b", "keep")
	r.await("both read", func() bool { return r.shared("pc-a", 2) && r.shared("pc-b", 2) })
	before := r.seen()
	r.await("each device is read", func() bool { return len(r.readers(before)) == 4 })
	for device, nodes := range r.readers(before) {
		if len(nodes) != 1 {
			t.Errorf("%s is read by %v", device, nodes)
		}
	}
	status, out, complaints := typed(t, "", "cluster", "status", "http://"+r.members["pc-b"].address)
	if status != exitOK || !strings.Contains(out, "pc-a") || !strings.Contains(out, "takes part") || !strings.Contains(out, "connected") {
		t.Errorf("status %d:\n%s%s", status, out, complaints)
	}

	r.members["pc-a"].cmd.Process.Signal(syscall.SIGKILL)
	r.nats[0].Kill()
	before = r.seen()
	r.await("the other one reads everything", func() bool { return r.shared("pc-b", 1) && len(r.readers(before)) == 4 })
	if said := r.state("pc-b"); !said.Attached {
		t.Error("with two of three servers it is not attached")
	}
	r.await("it is said that both are gone", func() bool {
		status, out, _ := typed(t, "", "status", "http://"+r.members["pc-b"].address)
		return status == exitFailed && strings.Contains(out, "1 member is gone") && strings.Contains(out, "1 of 3 NATS servers is not reached")
	})
	r.start("pc-a", "keep")
	r.await("both read again", func() bool { return r.shared("pc-a", 2) && r.shared("pc-b", 2) })
}

// TestClusterStops has a member that reaches no NATS server any more stop reading, and go on when they are back.
func TestClusterStops(t *testing.T) {
	r := newClusterRig(t, 2)
	r.start("pc-a", "stop")
	r.await("it reads", func() bool { return len(r.readers(nil)) == 2 })
	for _, s := range r.nats[1:] {
		s.Kill()
	}
	r.await("it reads nothing", func() bool { return r.plcs[0].Open() == 0 && r.plcs[1].Open() == 0 })
	status, out, _ := typed(t, "", "cluster", "status", "http://"+r.members["pc-a"].address)
	if status != exitFailed || !strings.Contains(out, "does not reach most of the NATS servers") {
		t.Errorf("status %d:\n%s", status, out)
	}
	before := r.seen()
	r.nats[1].Start(t)
	r.await("it reads again", func() bool { return len(r.readers(before)) == 2 })
}

// TestClusterAlone starts a member whose NATS is not there: with keep it reads, as a bridge alone does.
func TestClusterAlone(t *testing.T) {
	r := newClusterRig(t, 2)
	for _, s := range r.nats {
		s.Kill()
	}
	r.start("pc-a", "keep")
	r.await("it reads", func() bool { return len(r.readers(nil)) == 2 })
	for _, s := range r.nats {
		s.Start(t)
	}
	r.start("pc-b", "keep")
	r.await("they share", func() bool { return r.shared("pc-a", 2) && r.shared("pc-b", 2) })
}
