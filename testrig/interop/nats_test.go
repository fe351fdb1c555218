//go:build interop

package interop

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/testrig/hostile"
	"tagbridge/testrig/natsd"
)

// nats runs nats_stream.js.
func nats(t *testing.T, server *natsd.Server, what string) []byte {
	t.Helper()
	modules := nodeModules()
	_, err := os.Stat(filepath.Join(modules, "@nats-io", "jetstream"))
	need(t, "@nats-io/jetstream in "+modules, err)
	node, err := exec.LookPath("node")
	need(t, "node", err)
	cmd := exec.Command(node, "nats_stream.js", "nats://"+server.Address, what)
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("nats_stream.js %s: %v", what, err)
	}
	return out
}

// inStream is a message as the client of NATS read it.
type inStream struct {
	Seq     int
	Subject string
	ID      string
	Data    struct {
		Time    time.Time
		Device  string
		Values  map[string]json.RawMessage
		Quality map[string]string
	}
}

// TestNATSOutages kills and freezes the server, and kills the bridge, in mid-stream. What the client of NATS reads of the stream is
// every sample that the bridge recorded, in order for each tag; no message is there twice, as no outage is longer than the
// duplicate window, but for those that were cut in another way after the bridge had been killed.
func TestNATSOutages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := natsd.New(t, "")
	nats(t, server, "add")
	devices := presses(t, 3)
	start := func() *bridge {
		return run(t, dir, devices, fmt.Sprintf("  - {name: cloud, type: nats, url: \"nats://%s\", stream: PLANT, subject: \"plant.{device}\", match: [\"press.*\", \"!*/_*\"], flush: 0ms}\n", server.Address))
	}
	b := start()
	polls := func(n int) {
		t.Helper()
		before := len(b.samples())
		await(t, "polls", func() bool { return len(b.samples()) >= before+6*n })
	}
	polls(20)
	server.Kill()
	b.awaitOffline()
	polls(20)
	server.Start(t)
	b.awaitOnline()
	polls(20)
	if err := server.Freeze(); err != nil {
		t.Fatal(err)
	}
	b.awaitOffline()
	if err := server.Thaw(); err != nil {
		t.Fatal(err)
	}
	b.awaitOnline()
	polls(20)
	b.kill()
	b = start()
	polls(20)
	read := b.stop()
	checkStream(t, nats(t, server, "read"), read)
}

// presses are n devices of a software PLC, with two tags each.
func presses(t *testing.T, n int) string {
	t.Helper()
	p, err := hostile.NewPLC()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	var devices strings.Builder
	for i := range n {
		fmt.Fprintf(&devices, "  - {name: \"press.%d\", driver: modbus, url: \"tcp://%s\", unit_id: %d, poll: 50ms,\n"+
			"     tags: [{tag: step, address: \"holding:10\"}, {tag: zone/1, address: \"holding:30\"}]}\n", i, p.Addr(), i+1)
	}
	return devices.String()
}

// checkStream compares what is in the stream with what was read.
func checkStream(t *testing.T, out []byte, read []sample) {
	t.Helper()
	arrived := map[string]int{}
	last := map[string]int64{}
	ids := map[string]bool{}
	messages := 0
	for line := range strings.Lines(string(out)) {
		var m inStream
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		messages++
		if want := "plant." + strings.ReplaceAll(m.Data.Device, ".", "_"); m.Subject != want {
			t.Errorf("message %d of %s has subject %s", m.Seq, m.Data.Device, m.Subject)
		}
		if m.ID != "" && ids[m.ID] {
			t.Errorf("message %d: %s is there twice", m.Seq, m.ID)
		}
		ids[m.ID] = true
		for tag := range m.Data.Values {
			s := sample{Device: m.Data.Device, Tag: tag, Time: m.Data.Time}
			name := s.Device + "/" + tag
			if arrived[s.key()]++; arrived[s.key()] > 1 {
				continue
			}
			if at := s.Time.UnixNano(); at < last[name] {
				t.Fatalf("%s of %s came after a later one", name, s.Time)
			} else {
				last[name] = at
			}
		}
	}
	twice := 0
	for _, s := range read {
		if s.own() {
			continue
		}
		if arrived[s.key()] == 0 {
			t.Fatalf("never arrived: %+v", s)
		}
	}
	for _, n := range arrived {
		twice += n - 1
	}
	if twice > 2*window {
		t.Errorf("%d samples came twice", twice)
	}
	t.Logf("%d messages, %d samples, %d twice", messages, len(arrived), twice)
}
