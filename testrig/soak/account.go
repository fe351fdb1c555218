package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tagbridge/testrig/influxd"
	"tagbridge/testrig/subject"
)

// ledger collects what is wrong.
type ledger struct{ wrong []string }

func (l *ledger) check(ok bool, format string, a ...any) {
	mark := "ok    "
	if !ok {
		mark = "WRONG "
		l.wrong = append(l.wrong, fmt.Sprintf(format, a...))
	}
	fmt.Println(mark + fmt.Sprintf(format, a...))
}

// awaitDrained waits until both sinks have all there is and nothing new comes.
func awaitDrained(b *subject.Bridge, limit time.Duration) ([]subject.Sink, error) {
	var before float64
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(time.Second) {
		list, err := b.Sinks()
		if err != nil {
			return nil, err
		}
		behind, total := 0.0, 0.0
		for _, s := range list {
			behind += s.Behind
			total += s.Delivered + s.Rejected + s.Dropped
		}
		if behind == 0 && total == before {
			return list, nil
		}
		before = total
	}
	list, _ := b.Sinks()
	return nil, fmt.Errorf("the sinks are still behind after %v: %+v", limit, list)
}

// isValue tells fields that hold a value of a tag of a map.
func isValue(layout string) func(measurement, field string) bool {
	return func(measurement, field string) bool {
		switch {
		case measurement == "tagbridge":
			return false
		case layout == "narrow":
			return strings.HasPrefix(field, "value")
		}
		return !strings.HasSuffix(field, ".quality") && !strings.HasSuffix(field, ".text")
	}
}

// account compares what was read with what a sink has.
func (l *ledger) account(read float64, s subject.Sink, at *influxd.Server, dir string) {
	stored := at.Distinct(isValue(s.Name))
	rejected, values, err := rejectedIn(filepath.Join(dir, "data", "rejected", s.Name))
	l.check(err == nil && float64(rejected) == s.Rejected, "%s: %d samples in the reject folder, %.0f counted (%v)",
		s.Name, rejected, s.Rejected, err)
	if s.Rejected == 0 && s.Dropped == 0 {
		l.check(float64(stored) == read, "%s: %d values stored, %.0f read", s.Name, stored, read)
	} else {
		missing := read - float64(stored)
		l.check(missing >= 0 && missing <= float64(values)+s.Dropped,
			"%s: %d values stored of %.0f read, %d rejected, %.0f samples dropped", s.Name, stored, read, values, s.Dropped)
	}
	c := at.Count()
	l.check(c.Disorder == 0, "%s: %d values out of order", s.Name, c.Disorder)
	l.check(c.Changed == 0, "%s: %d values changed afterwards", s.Name, c.Changed)
	l.check(c.Malformed == 0 && c.Conflicts == 0, "%s: %d malformed lines, %d type conflicts", s.Name, c.Malformed, c.Conflicts)
	if c.Example != "" {
		fmt.Println("       first:", c.Example)
	}
	fmt.Printf("       %s: %d writes, answers %v, %d values stored twice\n", s.Name, c.Writes, c.Status, c.Repeated)
}

// rejectedIn counts the samples in a reject folder, and those of them that have a value.
func rejectedIn(dir string) (all, values int, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		return 0, 0, err
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return all, values, err
		}
		for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
			var s struct {
				Tag   string `json:"tag"`
				Value any    `json:"value"`
			}
			if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
				return all, values, fmt.Errorf("%s: %w", f, err)
			}
			all++
			if s.Value != nil && !strings.HasPrefix(s.Tag, "_") {
				values++
			}
		}
	}
	return all, values, nil
}
