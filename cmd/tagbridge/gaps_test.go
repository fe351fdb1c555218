package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/gaps"
	"tagbridge/mapping"
	"tagbridge/sinks/journal"
)

// gapsFolder is the data directory of a bridge that was stopped at 02:10 for five minutes; oven/temp has a sample a second.
func gapsFolder(t *testing.T) string {
	t.Helper()
	base := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	dir := folder(t, map[string]string{"oven.csv": "tag,address\ntemp,40001\n", "plant.yaml": ovenPlant("tcp://192.0.2.1:502")})
	data := filepath.Join(dir, "data")
	files := []bridge.File{
		bridge.NewFile(filepath.Join(dir, "plant.yaml"), []byte(ovenPlant("tcp://192.0.2.1:502"))),
		bridge.NewFile(filepath.Join(dir, "oven.csv"), []byte("tag,address\ntemp,40001\n")),
	}
	if err := bridge.HistoryIn(data).Add(files, base); err != nil {
		t.Fatal(err)
	}
	g := mapping.NewGroup(mapping.Group{Bridge: "b", Device: "oven", Series: []*mapping.Series{
		{Tag: "temp", Field: "temp", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Int64}}}})
	j, err := journal.Open(journal.Options{Dir: filepath.Join(data, "journal")})
	if err != nil {
		t.Fatal(err)
	}
	j.Start("screen", "now")
	for second := range 20 * 60 {
		if second/60 >= 10 && second/60 < 15 {
			continue
		}
		b := mapping.Batch{Group: g, Samples: []mapping.Sample{{Time: base.Add(time.Duration(second) * time.Second).UnixNano(), Kind: mapping.Int64}}}
		if err := j.Append(&b); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	lines := `{"time":"2026-03-01T02:00:00Z","kind":"start","text":"starting"}
{"time":"2026-03-01T02:10:00Z","kind":"stop","text":"stopping"}
{"time":"2026-03-01T02:15:00Z","kind":"start","text":"starting","since":"2026-03-01T02:10:00Z"}
{"time":"2026-03-01T02:16:00Z","kind":"sink-offline","sink":"screen","text":"sink offline: ` + "\\u001b[31m" + `no room"}
`
	if err := os.MkdirAll(filepath.Join(data, "events"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "events", "0000000001.jsonl"), []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestGaps(t *testing.T) {
	t.Setenv("TZ", "UTC")
	dir := gapsFolder(t)
	for _, target := range []string{filepath.Join(dir, "plant.yaml"), filepath.Join(dir, "data"), filepath.Join(dir, "data", "journal")} {
		status, out, complaints := typed(t, "", "gaps", target)
		if status != 1 || complaints != "" {
			t.Errorf("%s: status %d, complained %q", target, status, complaints)
		}
		for _, want := range []string{
			"screen: 900 samples waiting of what was read since ", "; 1 gap in reading, of 5 min\n",
			"  2026-03-01\n  02:10:00  02:15:00     5 min  1 tag, 300 samples: bridge off, stopped\n", "waiting, 900 samples: \ufffd[31mno room\n",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: printed\n%s\nwithout %q", target, out, want)
			}
		}
		if strings.Contains(out, "\x1b") {
			t.Errorf("%s: printed %q", target, out)
		}
	}
	status, out, _ := typed(t, "", "gaps", filepath.Join(dir, "data"), "--since", "2026-03-01T02:15:00Z", "--json")
	var r gaps.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil || status != 1 || len(r.Reading) != 0 || r.Sinks[0].Waiting != 900 {
		t.Errorf("status %d, %v: %s", status, err, out)
	}
}

// TestGapsTyped types it wrong.
func TestGapsTyped(t *testing.T) {
	dir := gapsFolder(t)
	data := filepath.Join(dir, "data")
	for _, c := range []struct {
		args   []string
		status int
		text   string
	}{
		{[]string{data, "--since", "6h"}, 2, "did you mean -6h"},
		{[]string{data, "--since", "-1h", "--until", "-2h"}, 2, "--until is before --since"},
		{[]string{data, "--match", "!"}, 2, "--match: "},
		{[]string{data, "--match", "oben/*"}, 1, "there is no tag that oben/* matches"},
		{[]string{filepath.Join(dir, "nothing")}, 1, "no such file"},
		{[]string{t.TempDir()}, 1, "no bridge has run with it"},
	} {
		status, _, complaints := typed(t, "", append([]string{"gaps"}, c.args...)...)
		if status != c.status || !strings.Contains(complaints, c.text) {
			t.Errorf("gaps %q: status %d, complained %q, want %d and %q", c.args, status, complaints, c.status, c.text)
		}
	}
}
