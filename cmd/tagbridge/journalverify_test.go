package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tagbridge/mapping"
	"tagbridge/sinks/journal"
)

// TestVerifyOfAMissingBeginning removes the file that holds what a sink needs next.
func TestVerifyOfAMissingBeginning(t *testing.T) {
	dir := t.TempDir()
	g := mapping.NewGroup(mapping.Group{Bridge: "b", Device: "d", Series: []*mapping.Series{{Tag: "t", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Int}}}})
	for i := range 2 { // each start begins a file
		j, err := journal.Open(journal.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		j.Start("db", "start")
		if err := j.Append(&mapping.Batch{Group: g, Samples: []mapping.Sample{{Kind: mapping.Int, Bits: uint64(i)}}}); err != nil {
			t.Fatal(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if status, out, _ := typed(t, "", "journal", "verify", dir); status != 0 || out != "" {
		t.Errorf("an intact journal: %d, %s", status, out)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.seg"))
	slices.Sort(files)
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	status, out, _ := typed(t, "", "journal", "verify", dir)
	if status != 1 || !strings.Contains(out, "samples 0 to 1, which sink db was not given yet, are missing") {
		t.Errorf("with the first file gone: %d, %s", status, out)
	}
}
