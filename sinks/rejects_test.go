package sinks

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"tagbridge/testrig/filelimit"
)

func TestRejectsAreKeptOverARestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "rejected", "sink")
	var v View
	v.Append(intBatch(testGroup("a", 2), 0, 2), nil)
	for range 3 {
		r := NewRejects(RejectsOptions{Dir: dir, MaxSize: 1 << 20})
		if err := r.Add(&v, "why"); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got := rejected(t, dir); len(got) != 6 {
		t.Errorf("%d samples kept, want 6", len(got))
	}
	info, err := os.Stat(filepath.Join(dir, "00000001.jsonl"))
	if err != nil || info.Mode().Perm()&0o137 != 0 {
		t.Errorf("mode %v, %v: want nothing for others", info.Mode(), err)
	}
}

func TestRejectsCountWhatRotatesOut(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("not ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	const maxSize = 20_000
	r := NewRejects(RejectsOptions{Dir: dir, MaxSize: maxSize})
	total := 0
	for i := range 200 {
		var v View
		v.Append(intBatch(testGroup("a", 1+i%7), i, 1+i%7), nil)
		total += v.Len()
		if err := r.Add(&v, "why"); err != nil {
			t.Fatal(err)
		}
	}
	r.Close()
	counts := make(map[string]uint64)
	r.countDropped(counts)
	kept := len(rejected(t, dir))
	if counts[DroppedRotated] == 0 || int(counts[DroppedRotated])+kept != total {
		t.Errorf("%d kept and %d rotated out of %d", kept, counts[DroppedRotated], total)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	size := int64(0)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.Name() != "notes.txt" {
			size += info.Size()
		}
	}
	if size > maxSize || size < maxSize/2 {
		t.Errorf("%d bytes are kept, want up to %d", size, maxSize)
	}
	if readFile(t, filepath.Join(dir, "notes.txt")) != "not ours" {
		t.Error("a foreign file was touched")
	}
}

func TestRejectsCountWhatCannotBeWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var v View
	v.Append(intBatch(testGroup("a", 3), 0, 3), nil)
	for name, r := range map[string]*Rejects{
		"a file in the folder's place": NewRejects(RejectsOptions{Dir: dir, MaxSize: 1 << 20}),
		"nothing to be kept":           NewRejects(RejectsOptions{Dir: t.TempDir()}),
	} {
		err := r.Add(&v, "why")
		counts := make(map[string]uint64)
		r.countDropped(counts)
		if err == nil || counts[DroppedUnwritable] != 3 {
			t.Errorf("%s: %v, counted %v", name, err, counts)
		}
	}
}

func TestRejectsGoOnAfterAFullDisk(t *testing.T) {
	if !filelimit.Alone(t) {
		return
	}
	dir := t.TempDir()
	r := NewRejects(RejectsOptions{Dir: dir, MaxSize: 1 << 20})
	defer r.Close()
	add := func(first int) error {
		var v View
		v.Append(intBatch(testGroup("a", 3), first, 3), nil)
		return r.Add(&v, fmt.Sprint("poll ", first))
	}
	if err := add(0); err != nil {
		t.Fatal(err)
	}
	filelimit.Under(t, uint64(r.open.Size())+50, func() {
		if err := add(3); err == nil {
			t.Error("no error from a full disk")
		}
	})
	if err := add(6); err != nil {
		t.Error(err)
	}
	if got := rejected(t, dir); len(got) != 6 || got[3] != 6 {
		t.Errorf("kept %v, want 0 to 2 and 6 to 8", got)
	}
	if n := r.unwritable.Load(); n != 3 {
		t.Errorf("%d counted as not kept, want 3", n)
	}
}
