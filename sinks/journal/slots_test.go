package journal

import (
	"reflect"
	"testing"

	"tagbridge/sinks"
)

// busyFile is a file that is written to while it is synced.
type busyFile struct {
	memFile
	during func()
}

func (f *busyFile) Sync() error {
	f.during()
	return f.memFile.Sync()
}

// TestSlotsWhileSyncing writes while a sync is under way: neither the slot that is safe nor the one on its way is
// touched.
func TestSlotsWhileSyncing(t *testing.T) {
	f := &busyFile{memFile: memFile{d: newMemFolder()}, during: func() {}}
	s, err := newSlots(f, mark{pos: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.sync(); err != nil {
		t.Fatal(err)
	}
	for p := sinks.Pos(2); p < 20; p += 3 {
		safe := sinks.Pos(s.safe.Load())
		if err := s.write(mark{pos: p}); err != nil {
			t.Fatal(err)
		}
		f.during = func() {
			for k := range sinks.Pos(2) {
				if err := s.write(mark{pos: p + 1 + k}); err != nil {
					t.Fatal(err)
				}
				if at := positions(f.data); !at[safe] || !at[p] || !at[p+1+k] {
					t.Errorf("while %d is synced the slots are at %v, want %d and %d untouched", p, at, safe, p)
				}
			}
		}
		if err := s.sync(); err != nil {
			t.Fatal(err)
		}
		if n := s.safe.Load(); n != uint64(p) {
			t.Errorf("safe is %d, want %d", n, p)
		}
	}
}

// positions are those of the intact slots of a cursor's file.
func positions(data []byte) map[sinks.Pos]bool {
	at := make(map[sinks.Pos]bool)
	for i := range slotCount {
		if m, _, err := parseSlot(data[min(i*slotStride, len(data)):]); err == nil {
			at[m.pos] = true
		}
	}
	return at
}

func FuzzSlots(f *testing.F) {
	f.Add(appendSlot(make([]byte, slotStride), mark{pos: 7, owes: true}, 3))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, seq, slot, err := parseSlots(b)
		if err != nil {
			return
		}
		again, n, _, err := parseSlots(appendSlot(nil, m, seq))
		if err != nil || !reflect.DeepEqual(again, m) || n != seq || slot < 0 {
			t.Fatalf("read %+v %d again as %+v %d, %v", m, seq, again, n, err)
		}
	})
}

// TestALaterPlaceIsNotTakenBack writes two places in the wrong order, as two goroutines can: what the sink was dealt up to
// the later one is not forgotten.
func TestALaterPlaceIsNotTakenBack(t *testing.T) {
	d := newMemFolder()
	j := openOn(t, d, Options{})
	j.Start("s", "now")
	appendCount(t, j, countGroup("a", 100), 0)
	disk{j}.flush()
	j.mu.Lock()
	old := j.cursors["s"].place()
	j.mu.Unlock()
	if err := j.Ack("s", 60, sinks.Dealt{Delivered: 50, Rejected: 10}); err != nil {
		t.Fatal(err)
	}
	if err := old.write(); err != nil {
		t.Fatal(err)
	}
	next := openOn(t, d.kill(), Options{})
	next.Start("s", "now")
	if s := statOf(t, next, "s"); s.Ever.Delivered != 50 || s.Ever.Rejected != 10 || s.Samples != 40 {
		t.Errorf("the next start says %+v", s)
	}
}
