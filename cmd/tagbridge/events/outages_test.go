package events

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// killed is a copy of what a process that is killed now leaves in dir.
func killed(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "events")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// A tag is bad, and a configuration refused, from when it first was so, over restarts and kills.
func TestTagsAndConfigurationSince(t *testing.T) {
	dir := t.TempDir()
	s := run(t, dir)
	s.Add(Event{Time: at(0), Kind: TagBad, Device: "a", Tag: "x", Text: "BadOutOfRange: exception 2"})
	s.Add(Event{Time: at(1), Kind: TagBad, Device: "a", Tag: "y", Text: "BadTimeout"})
	s.Add(Event{Time: at(2), Kind: TagGood, Device: "a", Tag: "y", Since: at(1)})
	s.Add(Event{Time: at(3), Kind: RefusedReload})
	s.Add(Event{Time: at(4), Kind: PollsLate, Device: "b"})
	s.Add(Event{Time: at(5), Kind: JournalFailing})
	s.Add(Event{Time: at(6), Kind: TagBad, Device: "a", More: 7, First: at(5), Text: "and 7 more tag-bad of a"})
	s.flush(t)
	dir = killed(t, dir)
	s = run(t, dir)
	s.Add(Event{Time: at(20), Kind: RefusedReload})
	s.stop()
	s = run(t, dir)
	bad := s.BadTags("a")
	if len(bad) != 1 || bad[0].Tag != "x" || !bad[0].Time.Equal(at(0)) || bad[0].Text != "BadOutOfRange" {
		t.Errorf("bad are %+v", bad)
	}
	if r, j, l := s.Since(RefusedReload), s.Since(JournalFailing), s.LateSince("b"); !r.Equal(at(3)) || !j.Equal(at(5)) || !l.Equal(at(4)) {
		t.Errorf("refused since %v, the journal fails since %v, b is late since %v", r, j, l)
	}
	s.Add(Event{Time: at(30), Kind: Reload, Text: "mended"})
	s.Add(Event{Time: at(31), Kind: JournalWrites})
	s.stop()
	if r, j := s.Since(RefusedReload), s.Since(JournalFailing); !r.IsZero() || !j.IsZero() {
		t.Errorf("refused since %v, the journal fails since %v", r, j)
	}
	var last Event
	if err := NewReader(dir).Next(Query{}, func(e *Event) bool { last = *e; return true }); err != nil || !last.Since.Equal(at(5)) {
		t.Errorf("%+v, %v", last, err)
	}
}

// What begins and ends while events cannot be written is known after a kill all the same: the note has room for it.
func TestOutagesOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	var full atomic.Bool
	s := runWith(t, Options{Dir: dir}, func(s *Store) {
		s.pieces.open = func(path string) (piece, error) {
			f, err := openPiece(path)
			return filling{f, &full}, err
		}
	})
	s.Add(Event{Time: at(0), Kind: Start})
	s.Add(Event{Kind: DeviceOffline, Device: "back"})
	s.flush(t)
	await(t, "the first note", func() bool {
		info, err := os.Stat(filepath.Join(dir, "alive"))
		return err == nil && info.Size() == aliveRoom
	})
	full.Store(true)
	began := time.Now()
	s.Add(Event{Time: began, Kind: JournalFailing})
	s.Add(Event{Kind: DeviceOnline, Device: "back"})
	s.Add(Event{Time: began, Kind: DeviceOffline, Device: "gone"})
	await(t, "the note of what is under way", func() bool {
		b, err := os.ReadFile(filepath.Join(dir, "alive"))
		return err == nil && strings.Contains(string(b), "gone")
	})
	next := Open(Options{Dir: killed(t, dir)})
	if j, gone, back := next.Since(JournalFailing), next.DeviceDown("gone"), next.DeviceDown("back"); !j.Equal(began) || !gone.Equal(began) || !back.IsZero() {
		t.Errorf("the journal fails since %v, gone is down since %v, want %v; back since %v", j, gone, began, back)
	}
	if b := next.Before(); b.Ending != Killed {
		t.Errorf("%+v", b)
	}
	full.Store(false)
	s.Add(Event{Kind: DeviceOnline, Device: "gone"})
	s.Add(Event{Kind: JournalWrites})
	s.stop()
	next = Open(Options{Dir: killed(t, dir)})
	if j, gone := next.Since(JournalFailing), next.DeviceDown("gone"); !j.IsZero() || !gone.IsZero() {
		t.Errorf("once there is room, the journal fails since %v, gone is down since %v", j, gone)
	}
}

// filling is a piece on a disk that is full while it says so.
type filling struct {
	piece
	full *atomic.Bool
}

func (f filling) Write(b []byte) (int, error) {
	if f.full.Load() {
		return 0, syscall.ENOSPC
	}
	return f.piece.Write(b)
}

// await waits until done says so.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for end := time.After(patience); !done(); {
		select {
		case <-look.C:
		case <-end:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
