package bridge

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestSweepAside removes what a killed writer has left, and nothing that is another's, or that is being written.
func TestSweepAside(t *testing.T) {
	dir := t.TempDir()
	f, done, err := createAside(dir)
	if err != nil {
		t.Fatal(err)
	}
	being := filepath.Base(f.Name())
	stay := []string{"a.csv", ".tagbridge-apply-a.csv", ".tagbridge-", ".tagbridge-12a", ".tagbridge-7", ".tagbridge-8", being}
	for _, name := range append([]string{".tagbridge-12", ".tagbridge-0"}, stay[:4]...) {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Symlink("a.csv", filepath.Join(dir, stay[4])), os.Mkdir(filepath.Join(dir, stay[5]), 0o700), f.Close()); err != nil {
		t.Fatal(err)
	}
	want := func(names []string) {
		t.Helper()
		SweepAside(dir, filepath.Join(dir, "nowhere"), dir)
		entries, err := os.ReadDir(dir)
		var left []string
		for _, e := range entries {
			left = append(left, e.Name())
		}
		slices.Sort(names)
		if err != nil || !slices.Equal(left, names) {
			t.Errorf("%v is left, want %v; %v", left, names, err)
		}
	}
	want(slices.Clone(stay))
	done()
	want(slices.Clone(stay[:6]))
}
