package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	bin := flag.String("bin", "bin/tagbridge", "the bridge to measure")
	names := flag.String("rows", "", "only these, separated by commas: "+strings.Join(rowNames(), ","))
	seconds := flag.Float64("seconds", 20, "how long to count each row, after it has warmed up")
	backlog := flag.Float64("backlog", 120, "how many seconds of values the drains begin with")
	digits := flag.Bool("digits", false, "floats with all of their digits; else three or four, as of instruments")
	asJSON := flag.Bool("json", false, "print JSON")
	keep := flag.Bool("keep", false, "keep configuration, log and journal of each row")
	as := flag.String("role", "", "used by bench itself")
	setup := flag.String("setup", "", "used by bench itself")
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("%q is not understood: rows are chosen with -rows", flag.Arg(0))
	}
	raiseFileLimit()
	if *as != "" {
		return runRole(*as, *setup)
	}
	o := options{
		bin: *bin, keep: *keep,
		seconds: time.Duration(*seconds * float64(time.Second)), backlog: time.Duration(*backlog * float64(time.Second)),
	}
	chosen, err := choose(rows(*digits), *names)
	if err != nil {
		return err
	}
	return measureAll(chosen, o, *asJSON)
}

func rowNames() []string {
	var out []string
	for _, r := range rows(false) {
		out = append(out, r.name)
	}
	return out
}

func choose(all []row, names string) ([]row, error) {
	if names == "" {
		return all, nil
	}
	var out []row
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(all, func(r row) bool { return r.name == name })
		if i < 0 {
			return nil, fmt.Errorf("no row %q: there are %s", name, strings.Join(rowNames(), ", "))
		}
		out = append(out, all[i])
	}
	return out, nil
}

func runRole(name, setup string) error {
	switch name {
	case "nodes":
		return runNodes(setup)
	case "sim":
		return runSim(setup)
	case "sink":
		return runSink(setup)
	case "tally":
		return runTally(setup)
	case "broker":
		return runBroker(setup)
	case "proxy":
		return runProxy(setup)
	case "floor":
		return runFloor(setup)
	case "natsd":
		return runNATS(setup)
	case "pages":
		return runPages(setup)
	}
	return fmt.Errorf("no role %q", name)
}

// raiseFileLimit allows as many open files as the system does: a connection has two ends here.
func raiseFileLimit() {
	var l syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l) == nil {
		l.Cur = l.Max
		syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l)
	}
}

// result is a row as it is printed in JSON.
type result struct {
	Row     string  `json:"row"`
	Work    string  `json:"work"`
	Figures figures `json:"figures"`
	Error   string  `json:"error,omitempty"`
}

func measureAll(chosen []row, o options, asJSON bool) error {
	var results []result
	if !asJSON {
		printLine("WORK", "FIGURE", "TARGET", "MEASURED")
	}
	failed := 0
	for _, r := range chosen {
		f, err := r.measure(o)
		res := result{Row: r.name, Work: r.work, Figures: f}
		if err != nil {
			res.Error = err.Error()
			failed++
		}
		results = append(results, res)
		if !asJSON {
			printRow(r, res)
		}
	}
	if asJSON {
		return json.NewEncoder(os.Stdout).Encode(results)
	}
	if failed > 0 {
		return fmt.Errorf("%d rows could not be measured", failed)
	}
	return nil
}

// printLine prints one line in columns wide enough for all rows.
func printLine(work, figure, target, measured string) {
	fmt.Printf("%-56s %-44s %-14s %s\n", work, figure, target, measured)
}

func printRow(r row, res result) {
	if res.Error != "" {
		printLine(r.work, "not measured", "", res.Error)
		return
	}
	f := res.Figures
	work := r.work
	line := func(figure, target, format string, a ...any) {
		printLine(work, figure, target, fmt.Sprintf(format, a...))
		work = ""
	}
	for _, t := range r.targets {
		missed := ""
		if !t.meets(t.of(f)) {
			missed = "  MISSED"
		}
		line(t.name, t.sign(), "%s%s", t.text(t.of(f)), missed)
	}
	if len(r.targets) == 0 {
		line("CPU per sample", "", "%.3g µs", f.CPU)
	}
	if f.P99 > 0 {
		line("read time p50, p99, worst", "", "%.2f, %.2f, %.1f ms", millis(f.P50), millis(f.P99), millis(f.Max))
	}
	if f.Missed > 0 {
		line("polls missed", "0", "%d  MISSED", f.Missed)
	}
	if f.PerRequest > 0 {
		line("allocations per sample, all of the bridge", "", "%.3f", f.PerSample)
	}
	if f.Others > 0.02 {
		line("the machine was busy with other things", "", "%.0f %% of it", 100*f.Others)
	}
	if f.Backlog > 0 {
		line("backlog, dropped", "", "%.0f, %.0f samples", f.Backlog, f.Dropped)
	}
}
