package main

import (
	"fmt"
	"slices"
	"time"
)

// row is one work of the design's table.
type row struct {
	name    string
	work    string
	measure func(o options) (figures, error)
	targets []target
}

// target is what the design asks of one figure.
type target struct {
	name  string
	limit float64
	more  bool // at least, not at most
	unit  string
	of    func(f figures) float64
}

// The figures that targets are about.
func cpu(limit float64) target {
	return target{"CPU per sample", limit, false, "µs", func(f figures) float64 { return f.CPU }}
}

func memory(mb float64) target {
	return target{"peak memory", mb, false, "MB", func(f figures) float64 { return float64(f.Peak) / 1e6 }}
}

func readTime(ms float64) target {
	return target{"read time p99", ms, false, "ms", func(f figures) float64 { return millis(f.P99) }}
}

func startup(s float64) target {
	return target{"start to all polled", s, false, "s", func(f figures) float64 { return f.Start.Seconds() }}
}

func journal(bytes float64) target {
	return target{"journal per sample", bytes, false, "B", func(f figures) float64 { return f.Journal }}
}

func perRequest(n float64) target {
	return target{"allocations per request", n, false, "", func(f figures) float64 { return f.PerRequest }}
}

func drained(n float64) target {
	return target{"drained", n, true, "/s", func(f figures) float64 { return f.PerSecond }}
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// rows are the works that concern Modbus and InfluxDB.
func rows(digits bool) []row {
	poll := func(p plant) func(options) (figures, error) {
		return func(o options) (figures, error) { return measurePolls(o, p) }
	}
	of := func(devices, tags int, period time.Duration) plant {
		return plant{Devices: devices, Tags: tags, Period: period, Timeout: time.Second, AllDigits: digits}
	}
	bare := func(p plant) func(options) (figures, error) {
		return func(o options) (figures, error) { return measureFloor(o, p) }
	}
	wide, many, fast := of(100, 500, time.Second), of(1000, 20, time.Second), of(20, 100, 100*time.Millisecond)
	distinct := of(500, 500, time.Second)
	distinct.Distinct = true
	dead := of(10, 20, time.Second)
	dead.Dead, dead.Shared, dead.Timeout = 5, true, 300*time.Millisecond
	late := target{"polls of live units over 50 ms off", 10, false, "%", func(f figures) float64 { return 100 * f.LateShare }}
	worst := target{"worst delay of a live unit", 350, false, "ms", func(f figures) float64 { return millis(f.Max) }}
	return append(slices.Concat(lineRows(), brokerRows(of), nodeRows(), journalRows(wide), pageRows(wide), clusterRows(wide), reloadRows(of(500, 500, time.Second))), []row{
		{"floor", "bare poll loop, 100 × 500 at 1 s", bare(wide), nil},
		{"floor1000", "bare poll loop, 1,000 × 20 at 1 s", bare(many), nil},
		{"floor20", "bare poll loop, 20 × 100 at 100 ms", bare(fast), nil},
		{"100x500", "100 devices × 500 tags at 1 s", poll(wide),
			[]target{cpu(0.8), memory(45), readTime(3), journal(4), perRequest(12)}},
		{"500x500", "500 devices × 500 tags at 1 s", poll(of(500, 500, time.Second)),
			[]target{cpu(0.7), memory(150), readTime(15), startup(1.5), journal(4), perRequest(12)}},
		{"500maps", "the same with 500 maps and no name twice", poll(distinct),
			[]target{cpu(0.7), memory(150), readTime(15), startup(1.5), journal(4), perRequest(12)}},
		{"1000x20", "1,000 devices × 20 tags at 1 s", poll(many),
			[]target{cpu(2), memory(50), readTime(5), journal(6), perRequest(12)}},
		{"20x100", "20 devices × 100 tags at 100 ms", poll(fast),
			[]target{cpu(1.2), memory(30), readTime(2), perRequest(12)}},
		{"dead", "5 dead units of 10 on one connection, 300 ms timeout", poll(dead), []target{late, worst}},
		{"drain", "backlog on loopback, 100 × 500 at 1 s going on",
			func(o options) (figures, error) { return measureDrain(o, wide, 0) }, []target{drained(1e6), readTime(3), onDisk()}},
		{"drain50", "backlog at 50 ms round trip, 100 × 500 at 1 s going on",
			func(o options) (figures, error) { return measureDrain(o, wide, 25*time.Millisecond) },
			[]target{drained(3e5), readTime(3), onDisk()}},
	}...)
}

// meets reports whether v is as t asks.
func (t target) meets(v float64) bool {
	if t.more {
		return v >= t.limit
	}
	return v <= t.limit
}

// sign is how t is written.
func (t target) sign() string {
	if t.more {
		return "≥ " + t.text(t.limit)
	}
	return "≤ " + t.text(t.limit)
}

func (t target) text(v float64) string {
	switch {
	case v >= 10000:
		return fmt.Sprintf("%.0fk %s", v/1000, t.unit)
	case v >= 100:
		return fmt.Sprintf("%.0f %s", v, t.unit)
	}
	return fmt.Sprintf("%.3g %s", v, t.unit)
}
