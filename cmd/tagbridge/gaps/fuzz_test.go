package gaps

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/events"
)

// FuzzRejected reads what could be in a file of rejected samples: each line is counted once, as a sample or as damage.
func FuzzRejected(f *testing.F) {
	f.Add([]byte("{\"time\":\"2026-03-01T06:00:00Z\",\"device\":\"a\",\"tag\":\"b\",\"reason\":\"no\"}\n{}\n{\"time\":\"2026-03-01T06:00:00Z\""))
	f.Add([]byte("\n\n{\"time\":\"9999-12-31T23:59:59Z\",\"reason\":\"\xff\"}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "00000001.jsonl")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		g := refusals{since: math.MinInt64, until: math.MaxInt64, last: map[string]int{}}
		if err := g.file(path); err != nil {
			t.Fatal(err)
		}
		lines, samples := 0, uint64(g.damaged)
		for _, c := range text {
			if c == '\n' {
				lines++
			}
		}
		for _, d := range g.list {
			samples += d.Samples
			if d.Until.Before(d.Since) {
				t.Errorf("%+v ends before it begins", d)
			}
		}
		if samples != uint64(lines) {
			t.Errorf("%d samples of %d lines", samples, lines)
		}
	})
}

// FuzzCauses reads what could be in the files of events: what comes of it is in order, and no outage ends before it begins.
func FuzzCauses(f *testing.F) {
	f.Add([]byte(`{"time":"2026-03-01T06:00:00Z","kind":"start"}
{"time":"2026-03-01T06:01:00Z","kind":"device-offline","device":"a","text":"device offline: no answer"}
{"time":"2026-03-01T06:02:00Z","kind":"device-online","device":"a","since":"2026-03-01T06:01:00Z"}
{"time":"2026-03-01T05:02:00Z","kind":"device-online","device":"a","since":"2026-03-01T06:01:00Z"}
{"time":"2026-03-01T06:03:00Z","kind":"tag-bad","device":"a","tag":"t","text":"x","more":7,"first":"2026-03-01T06:04:00Z"}
{"time":"2026-03-01T06:04:00Z","kind":"reload","text":"reloaded: nothing, took -1h"}
{"time":"9999-03-01T06:04:00Z","kind":"sink-offline","sink":"a","since":"0001-01-01T00:00:00.1Z"}
{"time":"2026-03-01T06:05:00Z","kind":"stop"}
{"time":"2026-03-01T05:05:00Z","kind":"start","since":"2026-03-01T06:05:00Z"}
`))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "0000000001.jsonl"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := readCauses(events.NewReader(dir), nil)
		if err != nil {
			t.Fatal(err)
		}
		lists := [][]span{c.off, c.reloads, c.failing}
		for _, list := range c.devices {
			lists = append(lists, list)
		}
		for _, list := range c.tags {
			lists = append(lists, list)
		}
		for _, list := range lists {
			for i, s := range list {
				if s.to < s.from || i > 0 && s.from < list[i-1].from {
					t.Errorf("out of order: %+v", list)
				}
			}
		}
	})
}

func TestTook(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"reloaded: tag a/b: added; and 7 more changes, took 18ms": 18 * time.Millisecond,
		"reloaded": 0, "took": 0, "took it": 0, "reloaded: took 1.5s, by the page": 1500 * time.Millisecond, "took -1h": 0, "took 9000h": time.Hour,
	} {
		if got := took(text); got != int64(want) {
			t.Errorf("took(%q) = %v, want %v", text, time.Duration(got), want)
		}
	}
}
