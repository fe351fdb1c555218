package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/node"
	"tagbridge/testrig/opcua"
	"tagbridge/testrig/subject"
)

// nodeWork is an OPC UA server and how its nodes are read.
type nodeWork struct {
	Nodes   int  `json:"nodes"`
	Changes int  `json:"changes"` // nodes that change each second, of subscribed ones
	Pushed  bool `json:"pushed"`  // subscribed, not polled
}

func (w nodeWork) address(i int) string {
	return fmt.Sprintf("nsu=http://example.org/plant;s=Line%d.Machine.Value%d", i/100, i)
}

// runNodes serves the nodes.
func runNodes(setup string) error {
	var w nodeWork
	if err := json.Unmarshal([]byte(setup), &w); err != nil {
		return err
	}
	o := opcua.Options{Still: true}
	for i := range w.Nodes {
		at, err := node.Parse(w.address(i))
		if err != nil {
			return err
		}
		t := &mapping.Tag{Node: at, Traits: &mapping.Traits{Type: mapping.TypeFloat32}}
		if i%2 == 1 {
			t.Type = mapping.TypeInt16
		}
		o.Tags = append(o.Tags, t)
	}
	s, err := opcua.Listen("127.0.0.1:0", o)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := json.NewEncoder(os.Stdout).Encode(s.Addr()); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go s.Move(ctx, w.Changes)
	return serveOrders(func(order) any { return nil })
}

// measureNodes counts what reading one OPC UA server costs.
func measureNodes(o options, w nodeWork) (f figures, err error) {
	dir, err := os.MkdirTemp("", "tagbridge-bench-")
	if err != nil {
		return f, err
	}
	defer os.RemoveAll(dir)
	server, err := startRole("nodes", w)
	if err != nil {
		return f, err
	}
	defer server.stop()
	var at string
	if err := server.ask(order{}, &at); err != nil {
		return f, err
	}
	http, err := subject.FreeAddress()
	if err != nil {
		return f, err
	}
	config, err := w.write(dir, at, http)
	if err != nil {
		return f, err
	}
	b, err := subject.Start(o.bin, config, http)
	defer b.Stop()
	if err != nil {
		return f, err
	}
	time.Sleep(8 * time.Second)
	return w.count(b, o.seconds)
}

// count takes the figures of a bridge that has warmed up.
func (w nodeWork) count(b *subject.Bridge, long time.Duration) (f figures, err error) {
	before, err := b.Metrics()
	if err != nil {
		return f, err
	}
	cpu, err := subject.CPUTime(b.PID())
	if err != nil {
		return f, err
	}
	from := time.Now()
	time.Sleep(long)
	cpuAfter, err := subject.CPUTime(b.PID())
	if err != nil {
		return f, err
	}
	took := time.Since(from).Seconds()
	after, err := b.Metrics()
	if err != nil {
		return f, err
	}
	f.Counted = after["tagbridge_samples_total"] - before["tagbridge_samples_total"]
	f.Samples = int(f.Counted)
	f.CPU = (cpuAfter - cpu) * 1e6 / max(f.Counted, 1)
	f.Core = (cpuAfter - cpu) / took
	f.Peak, err = subject.PeakMemory(b.PID())
	rate := float64(w.Nodes)
	if w.Pushed {
		rate = float64(w.Changes)
	}
	if err == nil && f.Counted < 0.8*rate*took {
		err = fmt.Errorf("%.0f samples in %.1f s, want about %.0f", f.Counted, took, rate*took)
	}
	return f, err
}

func (w nodeWork) write(dir, at, http string) (config string, err error) {
	var csv strings.Builder
	csv.WriteString("tag,address\n")
	for i := range w.Nodes {
		fmt.Fprintf(&csv, "line%d/v%d,%s\n", i/100, i, w.address(i))
	}
	mode := "poll"
	if w.Pushed {
		mode = "subscribe"
	}
	text := fmt.Sprintf("bridge: {name: bench, data_dir: data, http: %q}\ndevices:\n  - {name: plc, driver: opcua, mode: %s, "+
		"url: \"opc.tcp://%s\", poll: 1s, timeout: 5s, tags: [map.csv]}\nsinks: [{name: out, type: file, path: out.jsonl}]\n",
		http, mode, at)
	config = filepath.Join(dir, "bench.yaml")
	if err := os.WriteFile(filepath.Join(dir, "map.csv"), []byte(csv.String()), 0o600); err != nil {
		return "", err
	}
	return config, os.WriteFile(config, []byte(text), 0o600)
}

// nodeRows are the works on OPC UA servers.
func nodeRows() []row {
	nodes := func(w nodeWork) func(options) (figures, error) {
		return func(o options) (figures, error) { return measureNodes(o, w) }
	}
	core := target{"of one core", 5, false, "%", func(f figures) float64 { return 100 * f.Core }}
	return []row{
		{"nodes", "OPC UA, 10,000 nodes polled at 1 s", nodes(nodeWork{Nodes: 10000}), []target{cpu(4.5), memory(60)}},
		{"nodes-pushed", "OPC UA, 10,000 nodes subscribed, 1,000 change a second",
			nodes(nodeWork{Nodes: 10000, Changes: 1000, Pushed: true}), []target{core, memory(60)}},
	}
}
