package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/sinks/journal"
)

// TestFoldersWithOddNames names the inner folders of a data directory whose name is a pattern to some.
func TestFoldersWithOddNames(t *testing.T) {
	for _, name := range []string{"data[1]", "data*?", `data\[a-`, "[", "-"} {
		data := filepath.Join(t.TempDir(), name)
		j, err := journal.Open(journal.Options{Dir: filepath.Join(data, "journal")})
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		dir := events.Folder(data)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		const line = `{"time":"2026-03-01T02:00:00Z","kind":"stop","text":"the bridge stops"}` + "\n"
		if err := os.WriteFile(filepath.Join(dir, "0000000001.jsonl"), []byte(line), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{
			{"journal", "stat", data}, {"journal", "stat", filepath.Join(data, "journal")},
			{"events", data}, {"events", dir},
		} {
			status, out, complaints := typed(t, "", args...)
			if status != exitOK || complaints != "" || args[0] == "events" && !strings.Contains(out, "the bridge stops") {
				t.Errorf("%v: %d, %s%s", args, status, out, complaints)
			}
		}
	}
}
