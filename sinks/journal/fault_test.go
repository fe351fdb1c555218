package journal

import (
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
				disk{p.j}.flush()
				disk{p.j}.sync()
				disk{p.j}.flush() // what a sync that failed before has left to be written again
				disk{p.j}.sync()
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
				disk{j}.flush()
				disk{j}.sync()
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
	if err := j.Failing(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Failing = %v on a full disk", err)
	}
	d.fail = nil
	disk{j}.flush()
	disk{j}.sync()
	if err := j.Failing(); err != nil {
		t.Errorf("Failing = %v with room again", err)
	}
	run(500)
	seen, end, lost := drain(t, j, lazy, sinks.Query{Sink: "lazy", Max: 5000})
	if len(seen)+int(lost) != n || int(end) != n || lost < 100_000 {
		t.Errorf("the other got %d samples, lost %d, end %d, want %d in all", len(seen), lost, end, n)
	}
	if s := statOf(t, j, "lazy"); s.Dropped["memory"] != lost {
		t.Errorf("counted %v, lost %d", s.Dropped, lost)
	}
	tidier{j}.logLosses()
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
		disk{j}.flush()
		disk{j}.sync()
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
	disk{j}.flush()
	failed := ""
	d.fail = func(op, name string) error {
		if op != "sync" || failed != "" {
			return nil
		}
		failed = name
		return syscall.EIO
	}
	disk{j}.sync()
	appendCount(t, j, countGroup("a", 10), 10)
	disk{j}.flush()
	disk{j}.sync()
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

// TestCloseCountsWhatItCannotWrite closes a journal on a full disk: what it says is lost and waits is what the next start
// says, and the torn end of a record is no damage.
func TestCloseCountsWhatItCannotWrite(t *testing.T) {
	d := newMemFolder()
	j := openOn(t, d, Options{})
	j.Start("s", "now")
	j.Settle("s")
	appendCount(t, j, countGroup("a", 100), 0)
	disk{j}.flush()
	disk{j}.sync()
	d.fail = func(op, name string) error {
		switch {
		case op == "create" || op == "write" && strings.HasSuffix(name, corruptSuffix):
			return syscall.ENOSPC
		case op == "write" && strings.HasSuffix(name, segmentSuffix):
			return errHalf
		}
		return nil
	}
	appendCount(t, j, countGroup("a", 50), 100)
	disk{j}.flush()
	if err := j.Close(); err == nil {
		t.Error("closed well on a full disk")
	}
	said := statOf(t, j, "s")
	if said.Samples != 100 || said.Ever.Lost["unwritten"].Samples != 50 || said.Ever.Lost["unwritten"].First.IsZero() {
		t.Errorf("it says %+v", said)
	}
	d = d.kill()
	next := openOn(t, d, Options{})
	p, fresh := next.Start("s", "now")
	is := statOf(t, next, "s")
	if is.Samples != said.Samples || is.Ever.Lost["unwritten"].Samples != 50 || !is.Ever.Lost["unwritten"].First.Equal(said.Ever.Lost["unwritten"].First) || len(is.Ever.Lost) != 1 || !fresh {
		t.Errorf("the next start says %+v, the stop %+v", is, said)
	}
	if seen, _, lost := drain(t, next, p, everything); len(seen) != 100 || lost != 50 {
		t.Errorf("%d are delivered, %d are lost", len(seen), lost)
	}
	if is := statOf(t, next, "s"); len(is.Ever.Lost) != 1 || is.Samples != 0 {
		t.Errorf("in the end %+v", is)
	}
}
