package journal

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// newest is what a running journal has of everything.
func newest(t *testing.T, j *Journal) (lines []string, missing []Missing) {
	t.Helper()
	h, err := j.LookBack(t.Context(), Past{})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := h.Each(t.Context(), func(b *mapping.Batch, i int) error { lines = append(lines, line(b, i)); return nil }); err != nil {
		t.Fatal(err)
	}
	return lines, h.Missing()
}

// TestLookBackIntoMemory finds what is in files and what the disk does not take, each sample once.
func TestLookBackIntoMemory(t *testing.T) {
	k := newKeeper(t, Options{Keep: time.Hour, KeepSize: 1 << 30})
	k.live(30)
	if lines, missing := newest(t, k.j); len(lines) != k.n || len(missing) > 0 {
		t.Errorf("%d of %d, missing %v", len(lines), k.n, missing)
	}
	k.d.fail = func(op, name string) error {
		if op == "write" && strings.HasSuffix(name, segmentSuffix) {
			return syscall.EIO
		}
		return nil
	}
	more := func() {
		appendCount(t, k.j, countGroup("a", 100), k.n)
		k.n += 100
		disk{k.j}.flush()
	}
	for range 20 {
		more()
	}
	lines, missing := newest(t, k.j)
	if len(lines) != k.n || len(missing) > 0 || !strings.Contains(lines[k.n-1], "a/t99") {
		t.Errorf("%d of %d, missing %v while nothing is written", len(lines), k.n, missing)
	}
	_, k.pos, _ = drain(t, k.j, k.pos, sinks.Query{Sink: "keen", Max: 500})
	for range 300 { // more than the memory holds
		more()
	}
	lines, missing = newest(t, k.j)
	if len(missing) != 1 || missing[0].Reason != MissingMemory || len(lines)+int(missing[0].Samples) != k.n {
		t.Errorf("%d of %d, missing %+v when memory was too small", len(lines), k.n, missing)
	}
}

// TestLookBackWithoutFiles has a journal in memory.
func TestLookBackWithoutFiles(t *testing.T) {
	j := open(t, Options{})
	j.Start("s", "now")
	appendCount(t, j, countGroup("a", 100), 0)
	if lines, missing := newest(t, j); len(lines) != 100 || len(missing) > 0 {
		t.Errorf("%d samples, missing %v", len(lines), missing)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := j.LookBack(t.Context(), Past{}); err == nil {
		t.Error("a closed journal looks back")
	}
}
