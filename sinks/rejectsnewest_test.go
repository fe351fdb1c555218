package sinks

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNewestRejected reads the newest of a folder that has foreign files, damaged and half lines, and one that is long.
func TestNewestRejected(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	line := func(i int) string {
		return fmt.Sprintf(`{"time":"2026-03-01T02:00:00Z","device":"d","tag":"t%d","value":%d,"quality":"Good","reason":"no"}`+"\n", i, i)
	}
	var long strings.Builder
	for i := range 20_000 {
		long.WriteString(line(i))
	}
	if long.Len() < 2*newestBytes {
		t.Fatal("the file is not longer than what is read of it")
	}
	write("00000001.jsonl", long.String())
	write("00000002.jsonl", line(30_000)+"{\"time\":\n"+line(30_001)+strings.TrimSuffix(line(30_002), "\n"))
	write("00000003.jsonl", "")
	write("notes.txt", line(99))
	write("resend", "")

	list, err := NewestRejected(dir, 4)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range list {
		got = append(got, s.Tag+"="+string(s.Value)+" "+s.Reason)
	}
	if want := "t30001=30001 no, t30000=30000 no, t19999=19999 no, t19998=19998 no"; strings.Join(got, ", ") != want {
		t.Errorf("got %s; want %s", strings.Join(got, ", "), want)
	}
	if list, err := NewestRejected(filepath.Join(dir, "none"), 4); err != nil || len(list) != 0 {
		t.Errorf("of no folder: %v, %v", list, err)
	}
}
