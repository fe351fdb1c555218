package journal

import (
	"errors"
	"io"
	"sync"
	"syscall"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// TestGivenUpWhileUnderWay gives up a segment whose samples the forwarder has, who never delivers them: they count as
// waiting as long as it has them, and as lost when another one takes over, or another process.
func TestGivenUpWhileUnderWay(t *testing.T) {
	for _, kill := range []bool{false, true} {
		d := newMemFolder()
		o := Options{Tail: chunkSize, MaxSize: 60_000}
		j := openOn(t, d, o)
		j.files.segmentSize = 1000
		p, _ := j.Start("s", "now")
		j.Settle("s")
		const n = 4000
		for i := range n / 100 {
			appendCount(t, j, countGroup("a", 100), 100*i)
			disk{j}.flush()
			disk{j}.sync()
		}
		var v sinks.View
		if _, err := j.Next(t.Context(), p, sinks.Query{Sink: "s", Max: 3000}, &v); err != nil || v.Len() != 3000 {
			t.Fatal(v.Len(), err)
		}
		j.SetLimits(Limits{MaxSize: j.Bytes() - 3000, MaxAge: time.Hour})
		tidier{j}.retain(t.Context())
		if s := statOf(t, j, "s"); s.Samples != n || len(s.Dropped) > 0 {
			t.Errorf("under way: %d are waiting, dropped %v, want all and none", s.Samples, s.Dropped)
		}
		if kill {
			j = openOn(t, d.kill(), o)
		}
		p, fresh := j.Start("s", "now")
		lost := droppedOf(t, j, "s")
		seen, _, _ := drain(t, j, p, everything)
		if !fresh || lost == 0 || len(seen)+int(lost) != n || statOf(t, j, "s").Dropped["size"] != lost {
			t.Errorf("killed %v: begins at %d, fresh %v, %d samples, dropped %v", kill, p, fresh, len(seen), statOf(t, j, "s").Dropped)
		}
	}
}

// TestSyncZeroReadsWhatIsSynced lets a sink that lags read files of a journal that syncs before any sink sees a sample.
func TestSyncZeroReadsWhatIsSynced(t *testing.T) {
	d, samples := damageable(t, 1, 12)
	j := newJournal(Options{})
	if err := (opening{j}).recover(d); err != nil {
		t.Fatal(err)
	}
	p, _ := j.Start("s", "start")
	appendCount(t, j, countGroup("a", 10), samples)
	disk{j}.flush() // written, not synced
	var v sinks.View
	next, err := j.Next(t.Context(), p, everything, &v)
	if err != nil || int(next) != samples || v.Len() != samples {
		t.Errorf("Next = %d, %v, %d samples, want the %d that are synced", next, err, v.Len(), samples)
	}
	if err := j.Ack("s", next, sinks.Dealt{}); err != nil {
		t.Error(err)
	}
	disk{j}.sync()
	if seen, _, lost := drain(t, j, next, everything); len(seen) != 10 || lost > 0 {
		t.Errorf("once it is synced: %d samples, lost %d", len(seen), lost)
	}
}

// TestLimitsChangeWhileDamageGoes is for the race detector.
func TestLimitsChangeWhileDamageGoes(t *testing.T) {
	d, _ := damageable(t, 3, 12)
	firstSegment(d).data[100] ^= 1
	j := openOn(t, d, Options{})
	p, _ := j.Start("s", "start")
	drain(t, j, p, everything)
	disk{j}.sync()
	var other sync.WaitGroup
	other.Go(func() {
		for range 1000 {
			j.SetLimits(Limits{MaxSize: 1 << 30, MaxAge: time.Hour})
		}
	})
	tidier{j}.retain(t.Context())
	for range 100 {
		tidier{j}.shedCorrupt()
	}
	other.Wait()
	if len(j.files.segments) != 1 {
		t.Errorf("%d segments are left", len(j.files.segments))
	}
}

// TestAckStaysAnError asks again and again while nothing can be written: the answer does not flip.
func TestAckStaysAnError(t *testing.T) {
	d := newMemFolder()
	j := openOn(t, d, Options{})
	j.Start("s", "now")
	appendCount(t, j, countGroup("a", 10), 0)
	disk{j}.flush()
	d.fail = func(op, _ string) error {
		if op == "write" {
			return syscall.ENOSPC
		}
		return nil
	}
	for range 3 {
		if err := j.Ack("s", 10, sinks.Dealt{}); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("Ack = %v on a full disk", err)
		}
	}
	d.fail = nil
	if err := j.Ack("s", 10, sinks.Dealt{}); err != nil {
		t.Error(err)
	}
}

// TestClockStepsCostNothing has segments that a clock stamped which was wrong then, or is wrong now.
func TestClockStepsCostNothing(t *testing.T) {
	for _, stamp := range []time.Time{time.Unix(0, 0), time.Now().Add(-40 * 24 * time.Hour), time.Now().Add(1000 * time.Hour)} {
		d, samples := damageable(t, 3, 12)
		first := firstSegment(d)
		s, _ := parseName(first.name)
		s.created = stamp
		copy(first.data, s.appendHead(nil, 0))
		j := openOn(t, d, Options{})
		p, _ := j.Start("s", "start")
		j.Start("down", "start")
		tidier{j}.retain(t.Context())
		if seen, _, lost := drain(t, j, p, everything); len(seen) != samples || lost > 0 {
			t.Errorf("stamped %v: %d of %d samples, lost %d", stamp, len(seen), samples, lost)
		}
	}
}

// TestVerifyCountsWhatCannotBeMadeOut garbles a definition, and the very last record.
func TestVerifyCountsWhatCannotBeMadeOut(t *testing.T) {
	dir := t.TempDir()
	j, err := Open(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	j.Start("s", "now")
	last := 0 // where the last record begins
	for i := range 5 {
		if i > 0 {
			last = int(j.files.live.size)
		}
		appendCount(t, j, countGroup("a", 10), 10*i)
		disk{j}.flush()
	}
	name := j.files.live.name()
	whole := slurp(t, j, name)
	at := headerSize + segmentHead
	for what, c := range map[string]struct {
		flip          int
		unknown, lost uint64
	}{
		"definition":          {at + headerSize + 20, 50, 0},
		"payload of the last": {len(whole) - 1, 0, 10},
		"header of the last":  {last + 9, 0, 0},
		"nothing":             {-1, 0, 0},
	} {
		b := []byte(string(whole))
		if c.flip >= 0 {
			b[c.flip] ^= 1
		}
		if _, err := j.files.live.f.WriteAt(b, 0); err != nil {
			t.Fatal(err)
		}
		in := inspect(t, dir)
		all, err := in.Verify(t.Context())
		if err != nil || len(all) != min(c.flip+1, 1) || len(all) > 0 && (all[0].Unknown != c.unknown || all[0].Lost != c.lost || all[0].Bytes == 0) {
			t.Errorf("%s: %+v, %v", what, all, err)
		}
		skipped, err := in.Dump(t.Context(), 0, func(sinks.Pos, *mapping.Batch) error { return nil })
		if err != nil || skipped != c.unknown {
			t.Errorf("%s: dump skips %d, %v, want %d", what, skipped, err, c.unknown)
		}
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

func slurp(t *testing.T, j *Journal, name string) []byte {
	t.Helper()
	f, err := j.files.folder.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 1<<20)
	n, err := f.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return b[:n]
}
