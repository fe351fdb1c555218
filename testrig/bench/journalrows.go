package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

// journalRows are the works that concern what the journal has on disk.
func journalRows(wide plant) []row {
	three := wide
	three.MoreSinks = true
	cost := target{"throughput that syncing costs", 5, false, "%", func(f figures) float64 { return 100 * f.SyncCost }}
	open := target{"reopened", 2, false, "s", func(f figures) float64 { return f.Start.Seconds() }}
	return []row{
		{"sync", "100 × 500 at 1 s, journal.sync 250ms against 1h",
			func(o options) (figures, error) { return measureSync(o, wide) }, []target{cost, readTime(3)}},
		{"keep", "100 × 500 at 1 s, journal.keep 24h in 32 MiB, segments of 2 MiB, against 0s",
			func(o options) (figures, error) { return measureKeep(o, wide) }, []target{
				{"throughput that keeping costs", 3, false, "%", func(f figures) float64 { return 100 * f.KeepCost }},
				{"memory that keeping takes", 2, false, "MB", func(f figures) float64 { return float64(f.KeepPeak) / 1e6 }}, readTime(3)}},
		{"derived", "100 × 500 at 1 s, 10,000 tags more that are computed of three each, against none",
			func(o options) (figures, error) { return measureDerived(o, wide) }, []target{
				{"of a core that computing takes", 2, false, "%", func(f figures) float64 { return 100 * f.Core }}, readTime(3)}},
		{"three", "100 × 500 at 1 s to three sinks, one of them dead for 3 min",
			func(o options) (figures, error) {
				o.seconds = max(o.seconds, 3*time.Minute) // longer than the journal's tail in memory is
				return measurePolls(o, three)
			}, []target{memory(45), readTime(3)}},
		{"reopen", "opening a journal of 1 GiB", func(options) (figures, error) { return measureReopen() }, []target{open}},
	}
}

// measureSync compares processor time a sample with the journal synced every 250 ms and practically never, each twice in
// turn, as a machine is not the same all the time. The read times are those of the last with syncing.
func measureSync(o options, p plant) (f figures, err error) {
	var cpu [2]float64
	for range 2 {
		for i, sync := range []time.Duration{time.Hour, 250 * time.Millisecond} {
			p.Sync = sync
			if f, err = measurePolls(o, p); err != nil {
				return f, err
			}
			cpu[i] += f.CPU
		}
	}
	f.SyncCost = cpu[1]/cpu[0] - 1
	return f, nil
}

// measureKeep compares processor time a sample and memory with and without keeping, each three times in turn. The read times are
// those of the last with it. Segments are small, so that they are completed, indexed and removed all the time.
func measureKeep(o options, p plant) (f figures, err error) {
	var cpu [2]float64
	var peak [2]int64
	o.seconds = max(o.seconds, time.Minute)
	for range 3 {
		for i, keep := range []string{"0s", "24h"} {
			p.Kept = keep
			if f, err = measurePolls(o, p); err != nil {
				return f, err
			}
			fmt.Fprintf(os.Stderr, "keep %v: %.4f µs/sample, peak %.1f MB, p50 %v, p99 %v\n", keep, f.CPU, float64(f.Peak)/1e6, f.P50, f.P99)
			cpu[i] += f.CPU
			peak[i] += f.Peak / 3
		}
	}
	f.KeepCost, f.KeepPeak = cpu[1]/cpu[0]-1, peak[1]-peak[0]
	return f, nil
}

// measureDerived compares processor time with and without 10,000 tags that are computed, each three times in turn. The read
// times are those of the last with them.
func measureDerived(o options, p plant) (f figures, err error) {
	var core [2]float64
	for range 3 {
		for i, n := range []int{0, 10_000} {
			p.Derived = n
			if f, err = measurePolls(o, p); err != nil {
				return f, err
			}
			one := f.CPU * float64(f.Samples) / 1e6 / o.seconds.Seconds()
			fmt.Fprintf(os.Stderr, "derived %d: %.2f %% of a core, p50 %v, p99 %v\n", n, 100*one, f.P50, f.P99)
			core[i] += one / 3
		}
	}
	f.Core = core[1] - core[0]
	return f, nil
}

var reopened = regexp.MustCompile(`BenchmarkOpen\S*\s+\d+\s+(\d+) ns/op\s+([0-9.]+) MiB`)

// measureReopen has the journal's own benchmark make one of more than 1 GiB and open it: at the pace of a plant that
// would take hours.
func measureReopen() (f figures, err error) {
	out, err := exec.Command("go", "test", "-run", "^$", "-bench", "^BenchmarkOpen$", "-benchtime", "3x", "tagbridge/sinks/journal").CombinedOutput()
	if err != nil {
		return f, fmt.Errorf("open a journal: %w\n%s", err, out)
	}
	m := reopened.FindSubmatch(out)
	if m == nil {
		return f, fmt.Errorf("open a journal: no figure in %q", out)
	}
	ns, _ := strconv.ParseInt(string(m[1]), 10, 64)
	if size, _ := strconv.ParseFloat(string(m[2]), 64); size < 1<<10*0.9 {
		return f, errors.New("the journal was smaller than 1 GiB")
	}
	f.Start = time.Duration(ns)
	return f, nil
}

// onDisk makes sure that a backlog is more than the journal has in memory.
func onDisk() target {
	return target{"backlog in the journal's files", 17, true, "MB", func(f figures) float64 { return float64(f.OnDisk) / 1e6 }}
}
