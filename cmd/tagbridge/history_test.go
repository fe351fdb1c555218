package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks/journal"
)

// TestHistory prints what a journal has of one tag, in the order of the times.
func TestHistory(t *testing.T) {
	dir := t.TempDir()
	j, err := journal.Open(journal.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	g := mapping.NewGroup(mapping.Group{Bridge: "b", Device: "boiler", Series: []*mapping.Series{
		{Tag: "temp", Field: "temp", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Int64, Unit: "°C"}},
		{Tag: "other", Field: "other", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Int64}},
	}})
	base := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	for _, second := range []int{0, 1, 3, 2, 4} { // the clock was set back once
		var b mapping.Batch
		b.Reset(g)
		at := base.Add(time.Duration(second) * time.Second).UnixNano()
		for i := range g.Series {
			b.Samples = append(b.Samples, mapping.Sample{Time: at, Index: uint16(i), Kind: mapping.Int64, Bits: uint64(100*i + second)})
		}
		if second == 4 {
			b.Samples[0] = mapping.Sample{Time: at, Kind: mapping.None, Quality: mapping.BadTimeout}
		}
		if err := j.Append(&b); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		v    historyVerb
		want string
	}{
		{historyVerb{CSV: true, Since: "2026-03-01T02:00:01Z"}, "time,device,tag,value,unit,quality\n" +
			"2026-03-01T02:00:01Z,boiler,temp,1,°C,Good\n2026-03-01T02:00:02Z,boiler,temp,2,°C,Good\n" +
			"2026-03-01T02:00:03Z,boiler,temp,3,°C,Good\n2026-03-01T02:00:04Z,boiler,temp,,°C,BadTimeout\n"},
		{historyVerb{Since: "2026-03-01T02:00:01Z", Until: "2026-03-01T02:00:02Z"},
			"2026-03-01T02:00:01.000Z  boiler/temp                     1 °C     Good\n"},
	} {
		var out, problems bytes.Buffer
		row.v.Target, row.v.Tags = dir, []string{"boiler/temp"}
		if err := row.v.Run(t.Context(), streams{in: strings.NewReader(""), out: &out, err: &problems}); err != nil {
			t.Fatal(err)
		}
		if out.String() != row.want || problems.Len() > 0 {
			t.Errorf("printed\n%s, and\n%s, want\n%s", out.String(), problems.String(), row.want)
		}
	}
}

// stretched is a folder whose journal begins in the middle, with a sample a second of two tags, some of them dated years ago.
func stretched(t *testing.T, samples int) (dir string) {
	dir = t.TempDir()
	j, err := journal.Open(journal.Options{Dir: dir, Keep: time.Hour, KeepSize: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	g := mapping.NewGroup(mapping.Group{Bridge: "b", Device: "boiler", Series: []*mapping.Series{
		{Tag: "temp", Field: "temp", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Int64}},
	}})
	base := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	var b mapping.Batch
	b.Reset(g)
	for i := range samples {
		at := base.Add(time.Duration(i) * time.Second)
		if i%1000 == 999 {
			at = at.AddDate(-3, 0, 0)
		}
		b.Samples = append(b.Samples, mapping.Sample{Time: at.UnixNano(), Kind: mapping.Int64, Bits: uint64(i)})
	}
	if err := j.Append(&b); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestHistoryIsInOrder has more samples than could be held to put them in order, of which some are years older than those around.
func TestHistoryIsInOrder(t *testing.T) {
	const samples = 150_000
	status, out, complaints := typed(t, "", "history", stretched(t, samples), "boiler/temp", "--csv")
	if status != 0 || complaints != "" {
		t.Fatalf("%d, %s", status, complaints)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")[1:]
	seen := map[string]bool{}
	for i, l := range lines {
		if i > 0 && l[:20] < lines[i-1][:20] {
			t.Fatalf("line %d: %s comes after %s", i, l, lines[i-1])
		}
		seen[l] = true
	}
	if len(seen) != samples {
		t.Errorf("%d samples, want %d", len(seen), samples)
	}
}

// TestHistoryRefuses has what cannot be answered: each with what to type instead, and the status of other verbs.
func TestHistoryRefuses(t *testing.T) {
	dir := stretched(t, 10)
	for _, c := range []struct {
		args   []string
		status int
		text   string
	}{
		{[]string{"boiler/tmp"}, exitFailed, "a tag boiler/tmp: did you mean boiler/temp?"},
		{[]string{"boiler/temp", "kettle/*"}, exitFailed, "a tag kettle/*"},
		{[]string{"boiler/temp", "--since", "yesterday"}, exitBadFile, "--since"},
		{[]string{"boiler/temp", "--since", "-1h", "--until", "-2h"}, exitBadFile, "--until is before --since"},
		{[]string{""}, exitBadFile, "empty"},
		{[]string{"boiler/temp", "--since", "2027-01-01"}, exitOK, "has no such sample of boiler/temp"},
		{[]string{"*/temp", "!kettle/*"}, exitOK, ""},
	} {
		status, _, complaints := typed(t, "", append([]string{"history", dir}, c.args...)...)
		if status != c.status || !strings.Contains(complaints, c.text) || c.text == "" && complaints != "" {
			t.Errorf("%q: %d, %s; want %d and %s", c.args, status, complaints, c.status, c.text)
		}
	}
}

// TestHistorySaysWhereItBegins first.
func TestHistorySaysWhereItBegins(t *testing.T) {
	dir := t.TempDir()
	g := mapping.NewGroup(mapping.Group{Bridge: "b", Device: "d", Series: []*mapping.Series{{Tag: "t", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Int}}}})
	for i := range 2 { // each start begins a file
		j, err := journal.Open(journal.Options{Dir: dir, Keep: time.Hour, KeepSize: 1 << 30})
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 3, 1, 2+i, 0, 0, 0, time.UTC).UnixNano()
		if err := j.Append(&mapping.Batch{Group: g, Samples: []mapping.Sample{{Time: at, Kind: mapping.Int}}}); err != nil {
			t.Fatal(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.seg"))
	slices.Sort(files)
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	const says = "tagbridge: the journal reaches back to 2026-03-01T03:00:00.000Z: what is older is not there\n"
	if _, out, complaints := typed(t, "", "history", dir, "d/t"); complaints != says || !strings.Contains(out, "03:00:00") {
		t.Errorf("%s%s", complaints, out)
	}
	if _, _, complaints := typed(t, "", "history", dir, "d/t", "--since", "2026-03-01T03:00:00Z"); complaints != "" {
		t.Errorf("%s", complaints)
	}
}
