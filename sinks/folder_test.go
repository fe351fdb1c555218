package sinks

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMakeFolderMakesWhatIsMissing(t *testing.T) {
	top := t.TempDir()
	path := filepath.Join(top, "a", "b", "c")
	for range 2 {
		if err := MakeFolder(path, 0o750); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			t.Fatalf("%v, %v", info, err)
		}
	}
	file := filepath.Join(top, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := MakeFolder(filepath.Join(file, "x"), 0o750); err == nil {
		t.Error("a folder was made in a file")
	}
	if err := syncFolder(filepath.Join(top, "nowhere")); err == nil {
		t.Error("a folder was synced that is not there")
	}
}
