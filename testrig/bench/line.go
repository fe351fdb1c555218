package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"tagbridge/mapping"
	"tagbridge/testrig/plc"
	"tagbridge/testrig/subject"
)

// lineWork is units on one serial line.
type lineWork struct {
	baud       int
	units      int
	dead       int // the first ones of them never answer
	registers  int // of each unit, in one request
	period     time.Duration
	timeout    time.Duration
	turnaround time.Duration
}

// measureLine has the bridge read a line that takes the time a real one would.
func measureLine(o options, w lineWork) (f figures, err error) {
	dir, err := os.MkdirTemp("", "tagbridge-bench-")
	if err != nil {
		return f, err
	}
	defer os.RemoveAll(dir)
	units := w.make()
	line, err := plc.OpenPTY(plc.LineOptions{Units: w.answering(units), Baud: w.baud, Turnaround: w.turnaround})
	if err != nil {
		return f, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	defer serving.Wait()
	defer cancel()
	serving.Go(func() { line.Serve(ctx) })
	address, err := subject.FreeAddress()
	if err != nil {
		return f, err
	}
	config, err := w.write(dir, line.Path(), address)
	if err != nil {
		return f, err
	}
	planned, err := plannedBusy(o.bin, config)
	if err != nil {
		return f, err
	}
	b, err := subject.Start(o.bin, config, address)
	defer b.Stop()
	if err != nil {
		return f, err
	}
	time.Sleep(max(12*time.Second, 3*w.period)) // the ratio of the bridge is one of ten seconds
	before, from := line.Usage(), time.Now()
	time.Sleep(max(o.seconds, 12*time.Second))
	after, took := line.Usage(), time.Since(from)
	f.Carried = float64(after.Frames-before.Frames) / float64(took-(after.Silences-before.Silences))
	m, err := b.Metrics()
	if err != nil {
		return f, err
	}
	f.PlanError = math.Abs(planned/m["tagbridge_line_busy_ratio"] - 1)
	w.times(&f, units, from)
	return f, nil
}

func (w lineWork) make() []*plc.Unit {
	units := make([]*plc.Unit, w.units)
	tags := make([]*mapping.Tag, w.registers)
	for i := range tags {
		tags[i] = &mapping.Tag{
			Name:    fmt.Sprintf("v%03d", i),
			Address: mapping.Address{Table: mapping.Holding, Number: uint16(i)},
			Traits:  &mapping.Traits{Type: mapping.TypeInt16},
		}
	}
	for i := range units {
		units[i] = plc.NewUnit(plc.UnitOptions{Tags: tags, Seed: uint64(i), Noisy: true, Log: 1 << 14})
	}
	return units
}

// answering are the units by their numbers, from 1, without the dead ones.
func (w lineWork) answering(units []*plc.Unit) map[int]*plc.Unit {
	live := make(map[int]*plc.Unit)
	for i := w.dead; i < w.units; i++ {
		live[i+1] = units[i]
	}
	return live
}

func (w lineWork) write(dir, port, http string) (config string, err error) {
	var b, csv strings.Builder
	csv.WriteString("tag,address,type\n")
	for i := range w.registers {
		fmt.Fprintf(&csv, "v%03d,holding:%d,int16\n", i, i)
	}
	turnaround := max(w.turnaround, time.Microsecond) // 0 would be the usual one
	fmt.Fprintf(&b, "bridge: {name: bench, data_dir: data, http: %q}\ndevices:\n", http)
	for i := range w.units {
		fmt.Fprintf(&b, "  - {name: u%d, driver: modbus, url: \"rtu://%s?baud=%d\", unit_id: %d, poll: %v, timeout: %v, turnaround: %v, tags: [map.csv]}\n",
			i+1, port, w.baud, i+1, w.period, w.timeout, turnaround)
	}
	fmt.Fprintf(&b, "sinks: [{name: out, type: file, path: out.jsonl}]\n")
	config = filepath.Join(dir, "bench.yaml")
	if err := os.WriteFile(filepath.Join(dir, "map.csv"), []byte(csv.String()), 0o600); err != nil {
		return "", err
	}
	return config, os.WriteFile(config, []byte(b.String()), 0o600)
}

// plannedBusy is the share of the line's time that plan says.
func plannedBusy(bin, config string) (float64, error) {
	out, err := exec.Command(bin, "plan", "--json", config).Output()
	if err != nil {
		return 0, fmt.Errorf("plan: %w", err)
	}
	var plan struct {
		Connections []struct {
			Busy float64 `json:"busy"`
		} `json:"connections"`
	}
	if err := json.Unmarshal(out, &plan); err != nil || len(plan.Connections) != 1 {
		return 0, fmt.Errorf("plan said %q: %v", out, err)
	}
	return plan.Connections[0].Busy, nil
}

// times compares when the units that answer were asked with their beat.
func (w lineWork) times(f *figures, units []*plc.Unit, from time.Time) {
	if w.dead == 0 {
		return
	}
	var all []time.Duration
	for _, u := range units[w.dead:] {
		var at []int64
		for _, q := range u.Requests() {
			if q.Time.After(from) {
				at = append(at, q.Time.UnixNano())
			}
		}
		b := beatOf(at, w.period)
		f.Missed += b.missed
		all = append(all, b.deviations...)
	}
	slices.Sort(all)
	f.P50, f.P99, f.Max = quantile(all, 0.5), quantile(all, 0.99), quantile(all, 1)
}
