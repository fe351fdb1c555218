package journal

import (
	"bytes"
	"errors"
	"fmt"
	"syscall"
	"testing"

	"tagbridge/sinks"
)

func TestFolderUnusable(t *testing.T) {
	for _, op := range []string{"names", "open", "size", "read"} {
		d, _ := damageable(t, 1, 12)
		d.fail = func(what, _ string) error {
			if what == op {
				return syscall.EACCES
			}
			return nil
		}
		if err := (opening{newJournal(Options{})}).recover(d); !errors.Is(err, syscall.EACCES) {
			t.Errorf("%s fails: error %v, want permission denied", op, err)
		}
	}
	if _, err := Open(Options{Dir: "/dev/null/journal"}); err == nil {
		t.Error("a journal was opened in a folder that cannot be")
	}
}

func TestForeignFiles(t *testing.T) {
	d := newMemFolder()
	for _, name := range []string{"README", "1-2.seg", "00000001-x.seg", "%zz.cursor", "lock"} {
		d.put(name, []byte("not ours"))
	}
	j := openOn(t, d, Options{})
	p, _ := j.Start("s", "now")
	appendCount(t, j, countGroup("a", 10), 0)
	disk{j}.flush()
	if seen, _, _ := drain(t, j, p, everything); len(seen) != 10 {
		t.Errorf("%d samples, want 10", len(seen))
	}
	if f := d.files["1-2.seg"]; f == nil || !bytes.Equal(f.data, []byte("not ours")) {
		t.Error("a file that is not the journal's was touched")
	}
}

// TestOpenOnFullDisk opens a journal with an unfinished end where nothing more can be written.
func TestOpenOnFullDisk(t *testing.T) {
	d, samples := damageable(t, 2, 12)
	f := lastSegment(d)
	f.data = f.data[:len(f.data)-3]
	full := func(op, name string) error {
		if op == "create" || op == "write" {
			return syscall.ENOSPC
		}
		return nil
	}
	d.fail = full
	j := openOn(t, d, Options{})
	p, _ := j.Start("s", "start")
	k, _ := j.Start("new", "now")
	appendCount(t, j, countGroup("a", 10), samples)
	disk{j}.flush()
	disk{j}.sync()
	seen, _, lost := drain2(t, j, p, "s")
	if len(seen) != samples-2+10 || lost > 0 {
		t.Errorf("%d samples, lost %d, want all but the two cut off", len(seen), lost)
	}
	d.fail = nil
	appendCount(t, j, countGroup("a", 10), samples+10)
	disk{j}.flush()
	disk{j}.sync()
	j.Settle("new")
	drain(t, j, k, sinks.Query{Sink: "new", Max: 100})
	disk{j}.sync()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = openOn(t, d.kill(), Options{})
	if p, fresh := j.Start("new", "start"); fresh || p != j.End() {
		t.Errorf("a sink that was new while the disk was full begins at %d, %v, want %d", p, fresh, j.End())
	}
}

// drain2 is drain while Ack cannot write.
func drain2(t *testing.T, j *Journal, p sinks.Pos, sink string) (seen []got, end sinks.Pos, lost uint64) {
	t.Helper()
	var v sinks.View
	for p < j.End() {
		next, err := j.Next(t.Context(), p, sinks.Query{Sink: sink, Max: 100}, &v)
		if err != nil {
			t.Fatal(err)
		}
		seen, p, lost = collect(seen, &v), next, lost+v.Lost
		if err := j.Ack(sink, p, sinks.Dealt{}); err == nil {
			t.Error("Ack could write to a full disk")
		}
	}
	return seen, p, lost
}

func TestKeptAsideIsBounded(t *testing.T) {
	d := newMemFolder()
	for i := range 9 {
		d.put(fmt.Sprintf("%08d-%020d.seg.corrupt", i, i), make([]byte, 100))
	}
	j := openOn(t, d, Options{MaxSize: 8 * 450})
	if names, _ := d.Names(); len(names) != 4 || d.files[fmt.Sprintf("%08d-%020d.seg.corrupt", 8, 8)] == nil {
		t.Errorf("kept are %v, want the newest four", names)
	}
	if n := j.Bytes(); n != 400 {
		t.Errorf("the journal has %d bytes, want 400", n)
	}
}
