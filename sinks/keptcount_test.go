package sinks

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestKeptCountFollowsTheFolder counts while files grow, go and come anew under the same name.
func TestKeptCountFollowsTheFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	var c KeptCount
	holds := func(what string, want int) {
		t.Helper()
		exact, err := CountRejected(dir)
		if got := c.Count(dir); got != want || exact != want || err != nil {
			t.Errorf("%s: %d, want %d; all read anew there are %d (%v)", what, got, want, exact, err)
		}
	}
	write := func(name string, lines int, more string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Repeat("{}\n", lines)+more), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	holds("no folder", 0)
	if err := os.Mkdir(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	write("00000001.jsonl", 3, "")
	write("resend", 5, "")
	holds("a file, and one that asks", 3)
	write("00000001.jsonl", 3, "{\"half")
	holds("half a line", 3)
	write("00000001.jsonl", 3, "{\"half\":1}\n"+strings.Repeat("{}\n", 69_996))
	write("00000002.jsonl", 2, "")
	holds("a file that has grown, and another", 70_002)
	if err := os.Remove(filepath.Join(dir, "00000001.jsonl")); err != nil {
		t.Fatal(err)
	}
	holds("a file is gone", 2)
	write("00000002.jsonl", 1, "")
	holds("another file of the same name", 1)
}
