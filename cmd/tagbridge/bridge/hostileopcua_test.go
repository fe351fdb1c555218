package bridge

import (
	"fmt"
	"testing"
	"time"

	"tagbridge/testrig/hostile"
	"tagbridge/testrig/opcua"
)

// Faults of an OPC UA server: about requests for one node, about the beginning of a connection, and now and then. harms says
// that the node that it is about cannot be read meanwhile; all that others may be bad as well: what stays without an answer
// costs ten seconds each time, until it is known what it is about, and a line that stalls is everybody's.
var opcuaFaults = []struct {
	line       string
	harms, all bool
}{
	{"hangup to=Poison", true, false},
	{"reset to=Poison", true, false},
	{"error:0x80 to=Poison", true, false},
	{"garbage to=Poison", true, false},
	{"huge to=Poison", true, false},
	{"silent to=Poison", true, true},
	{"short to=Poison", true, true},
	{"late:3s to=Poison", false, true},
	{"silent to=hello", false, true},
	{"hangup to=open", false, true},
	{"error:0x0D to=hello", false, true},
	{"garbage to=open", false, true},
	{"twice every=5", false, false},
	{"parts every=15", false, true},
	{"late:200ms every=3", false, false},
	{"hangup every=20", false, true},
}

// TestHostileOPCUA has a server for each fault and mode, all at once, in one bridge.
func TestHostileOPCUA(t *testing.T) {
	t.Parallel()
	server, err := opcua.Listen("127.0.0.1:0", opcua.Options{
		Core:  true,
		Nodes: map[string]any{"ns=1;s=First": 1.5, "ns=1;s=Poison": 2.5, "ns=1;s=Last": 3.5}, Still: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	r := newRig(t)
	var peers []*hostile.OPCUA
	var devices []string
	modes := []string{"poll", "subscribe"}
	for i, f := range opcuaFaults {
		for _, mode := range modes {
			p, err := hostile.NewOPCUA(server.Addr(), f.line)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(p.Close)
			peers = append(peers, p)
			devices = append(devices, fmt.Sprintf(`  - {name: o%d-%s, driver: opcua, url: "opc.tcp://%s", mode: %s, poll: 250ms, timeout: 500ms,
     tags: [{tag: first, address: "ns=1;s=First"}, {tag: poison, address: "ns=1;s=Poison"}, {tag: last, address: "ns=1;s=Last"}]}`,
				i, mode, p.Addr(), mode))
		}
	}
	r.hostilePlant(devices, nil)
	memory := watchMemory()
	b := r.run()
	runFor(t, 3*hostileSpan)
	var read []string
	for i, f := range opcuaFaults {
		for _, mode := range modes {
			if !f.all {
				read = append(read, fmt.Sprintf("o%d-%s/first", i, mode), fmt.Sprintf("o%d-%s/last", i, mode))
			}
		}
	}
	got := r.eachIs(read, func(list []seen) bool { return last(list) == "Good" })
	for i, f := range opcuaFaults {
		for k, mode := range modes {
			t.Run(f.line+" "+mode, func(t *testing.T) {
				name, p := fmt.Sprintf("o%d-%s", i, mode), peers[i*len(modes)+k]
				if p.Struck() == 0 {
					t.Error("the fault was never done")
				}
				for _, tag := range []string{"first", "last"} {
					if q := last(got[name+"/"+tag]); !f.all && q != "Good" {
						t.Errorf("%s is %q, although the fault is not about it", tag, q)
					}
				}
				if q := last(got[name+"/poison"]); f.harms && (q == "Good" || q == "") {
					t.Errorf("poison is %q", q)
				}
				if most, all := p.Connections(10 * time.Second); most > 1+3 {
					t.Errorf("%d connections within ten seconds, %d in all", most, all)
				}
			})
		}
	}
	for _, p := range peers {
		calm(t, p.Set)
	}
	b.awaitAllGood()
	b.stop()
	want := map[string]float64{"first": 1.5, "poison": 2.5, "last": 3.5}
	for key, list := range r.readings() {
		for _, s := range list {
			if s.Quality == "Good" && s.Value != want[s.Tag] {
				t.Errorf("%s at %s: %v, the node holds %v", key, s.Time, s.Value, want[s.Tag])
				break
			}
		}
	}
	if most := memory(); most > mostMemory {
		t.Errorf("the heap held %d MB", most>>20)
	}
}
