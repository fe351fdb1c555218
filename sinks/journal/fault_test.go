package journal

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/sinks"
)

// TestFaults fails writes, syncs and the rest at random: sinks go on, nothing is lost or wrong, and once the folder is
// well again everything is made safe.
func TestFaults(t *testing.T) {
	for seed := range uint64(200) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			p := newPlant(t, seed)
			p.open(0)
			for range 4 {
				p.d.fail = p.faults()
				for range 120 {
					p.step()
				}
				p.d.fail = nil
				p.append()
				p.j.flush()
				p.j.sync()
				p.j.flush() // what a sync that failed before has left to be written again
				p.j.sync()
				f := p.j.files
				if f.failing || f.synced != p.j.tail.end {
					t.Fatalf("failing %v, synced %d of %d after the faults", f.failing, f.synced, p.j.tail.end)
				}
				if p.lost["keen"] > 0 || p.lost["lazy"] > 0 {
					t.Fatalf("lost %v", p.lost)
				}
				p.open(p.stop(false))
			}
		})
	}
}

// faults fails one in five of the operations that change something.
func (p *plant) faults() func(op, name string) error {
	return func(op, name string) error {
		if op == "read" || op == "open" || op == "names" || p.r.IntN(5) > 0 {
			return nil
		}
		if op == "write" && p.r.IntN(2) == 0 && strings.HasSuffix(name, segmentSuffix) {
			return errHalf
		}
		return syscall.EIO
	}
}

// TestFullDisk lets the disk be full for a while: sinks that keep up go on, one that does not loses what the tail
// cannot hold, which is counted, and gets everything else.
func TestFullDisk(t *testing.T) {
	d := newMemFolder()
	var buf lockedBuffer
	j := openOn(t, d, Options{Tail: 2 * chunkSize, Log: slog.New(slog.NewTextHandler(&buf, nil))})
	keen, _ := j.Start("keen", "now")
	lazy, _ := j.Start("lazy", "now")
	g := countGroup("a", 100)
	n := 0
	run := func(batches int) {
		for range batches {
			appendCount(t, j, g, n)
			if n += 100; n%1000 == 0 {
				j.flush()
				j.sync()
				seen, end, lost := drain(t, j, keen, sinks.Query{Sink: "keen", Max: 5000})
				if len(seen) != int(end-keen) || lost > 0 {
					t.Fatalf("the sink that keeps up got %d of %d samples, lost %d", len(seen), end-keen, lost)
				}
				keen = end
			}
		}
	}
	run(500)
	d.fail = func(op, name string) error {
		if (op == "write" || op == "create") && strings.HasSuffix(name, segmentSuffix) {
			return syscall.ENOSPC
		}
		return nil
	}
	run(3000)
	if int(keen) != n {
		t.Fatalf("the sink that keeps up is at %d of %d", keen, n)
	}
	d.fail = nil
	j.flush()
	j.sync()
	run(500)
	seen, end, lost := drain(t, j, lazy, sinks.Query{Sink: "lazy", Max: 5000})
	if len(seen)+int(lost) != n || int(end) != n || lost < 100_000 {
		t.Errorf("the other got %d samples, lost %d, end %d, want %d in all", len(seen), lost, end, n)
	}
	if s := statOf(t, j, "lazy"); s.Dropped["memory"] != lost {
		t.Errorf("counted %v, lost %d", s.Dropped, lost)
	}
	j.logLosses()
	for _, line := range []string{"journal cannot write", "journal writes again", "samples of a sink were lost"} {
		if n := strings.Count(buf.String(), line); n != 1 {
			t.Errorf("%d lines %q, want 1:\n%s", n, line, buf.String())
		}
	}
}

// TestSyncFailsForGood lets every sync fail and looks at what piles up.
func TestSyncFailsForGood(t *testing.T) {
	d := newMemFolder()
	j := openOn(t, d, Options{})
	p, _ := j.Start("s", "now")
	d.fail = func(op, name string) error {
		if op == "sync" {
			return syscall.EIO
		}
		return nil
	}
	for i := range 50 {
		appendCount(t, j, countGroup("a", 10), 10*i)
		j.flush()
		j.sync()
	}
	if n := len(d.files); n > 8 {
		t.Errorf("%d files for nothing", n)
	}
	seen, _, lost := drain(t, j, p, everything)
	if len(seen) != 500 || lost > 0 {
		t.Errorf("%d samples, lost %d", len(seen), lost)
	}
	err := j.Close()
	if err == nil {
		t.Error("Close does not say that nothing was synced")
	}
}

// TestSyncFailsOnce lets one sync fail: what was in doubt is written again, and the file in doubt goes.
func TestSyncFailsOnce(t *testing.T) {
	d := newMemFolder()
	j := openOn(t, d, Options{})
	p, _ := j.Start("s", "now")
	j.Start("lazy", "now")
	appendCount(t, j, countGroup("a", 10), 0)
	j.flush()
	failed := ""
	d.fail = func(op, name string) error {
		if op != "sync" || failed != "" {
			return nil
		}
		failed = name
		return syscall.EIO
	}
	j.sync()
	appendCount(t, j, countGroup("a", 10), 10)
	j.flush()
	j.sync()
	if !strings.HasSuffix(failed, segmentSuffix) || d.files[failed] != nil || len(j.files.segments) != 1 {
		t.Errorf("%q failed, %d segments, want the one written again only", failed, len(j.files.segments))
	}
	if n := j.files.synced; n != 20 {
		t.Errorf("synced up to %d, want 20", n)
	}
	if seen, _, lost := drain(t, j, p, everything); lost > 0 || !slices.Equal(values(seen), numbers(0, 20)) {
		t.Errorf("got %v, lost %d", values(seen), lost)
	}
	if seen := checkIntact(t, d.cut(rand.New(rand.NewPCG(1, 1))), 20); len(seen) < 20 {
		t.Errorf("after a power loss: %v", seen)
	}
}

// TestUnreadable fails reading for a while: nothing is given up for lost that is only out of reach.
func TestUnreadable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, samples := damageable(t, 2, 12)
		j := openOn(t, d, Options{})
		p, _ := j.Start("s", "start")
		d.fail = func(op, _ string) error {
			if op == "open" {
				return syscall.EMFILE
			}
			return nil
		}
		var v sinks.View
		began := time.Now()
		next, err := j.Next(t.Context(), p, everything, &v)
		if err != nil || next != p || v.Len() > 0 || v.Lost > 0 || time.Since(began) < retryFirst {
			t.Fatalf("Next = %d, %v, %d samples, %d lost, want nothing, after a pause", next, err, v.Len(), v.Lost)
		}
		d.fail = nil
		if seen, _, _ := drain(t, j, p, everything); len(seen) != samples {
			t.Errorf("%d samples, want %d", len(seen), samples)
		}
	})
}

func TestFolderUnusable(t *testing.T) {
	for _, op := range []string{"names", "open", "sync folder"} {
		d, _ := damageable(t, 1, 12)
		d.fail = func(what, _ string) error {
			if what == op {
				return syscall.EACCES
			}
			return nil
		}
		if err := newJournal(Options{}).recover(d); !errors.Is(err, syscall.EACCES) {
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
	j.flush()
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
	j.flush()
	j.sync()
	seen, _, lost := drain2(t, j, p, "s")
	if len(seen) != samples-2+10 || lost > 0 {
		t.Errorf("%d samples, lost %d, want all but the two cut off", len(seen), lost)
	}
	d.fail = nil
	appendCount(t, j, countGroup("a", 10), samples+10)
	j.flush()
	j.sync()
	drain(t, j, k, sinks.Query{Sink: "new", Max: 100})
	j.sync()
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
		if err := j.Ack(sink, p); err == nil {
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
