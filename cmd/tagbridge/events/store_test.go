package events

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRunBefore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "events")
	if b := Open(Options{Dir: dir}).Before(); b.Ending != NoRun || b.String() != "no run before is known" {
		t.Errorf("before the first run: %+v", b)
	}
	s := run(t, dir)
	s.Add(Event{Kind: Start})
	s.flush(t)
	// It is killed here: nothing is said any more, as far as the next one can see.
	killed := Open(Options{Dir: dir})
	if b := killed.Before(); b.Ending != Killed || time.Since(b.At) > 10*time.Minute {
		t.Errorf("after a kill: %+v", b)
	}
	s.Add(Event{Kind: Stop})
	s.stop()
	if b := Open(Options{Dir: dir}).Before(); b.Ending != Stopped || time.Since(b.At) > 10*time.Minute {
		t.Errorf("after a stop: %+v", b)
	}
}

func TestLastSignOfLife(t *testing.T) {
	start, stop := Event{Time: noon, Kind: Start}, Event{Time: at(100), Kind: Stop}
	for _, c := range []struct {
		name   string
		events []Event
		alive  time.Time
		boot   string
		want   Ending
		at     time.Time
		text   string
	}{
		{"killed", []Event{start}, at(50), "a", Killed, at(50), "was killed or crashed, within 5 s after 2026-03-01T12:00:50Z"},
		{"killed after an event", []Event{start, {Time: at(53), Kind: Reload}}, at(50), "a", Killed, at(53), ""},
		{"power loss", []Event{start}, at(50), "b", Restarted, at(50), "ended with the machine (power loss or reset), within 5 s after"},
		{"stopped", []Event{start, stop}, at(98), "b", Stopped, at(100), "was stopped at 2026-03-01T12:01:40Z"},
		{"stopped, then a sink said something", []Event{start, stop, {Time: at(102), Kind: SinkOnline, Sink: "db"}}, at(98), "a", Stopped, at(100), ""},
		{"killed with its start not written", []Event{start, stop}, at(500), "a", Killed, at(500), ""},
		{"no note", []Event{start}, time.Time{}, "", Killed, noon, ""},
		{"the clock was ahead", []Event{start}, at(9000), "a", Killed, at(1000), ""},
	} {
		dir := t.TempDir()
		s := run(t, dir)
		for _, e := range c.events {
			s.Add(e)
		}
		s.stop()
		os.Remove(filepath.Join(dir, "alive"))
		if !c.alive.IsZero() {
			note := alive{dir: dir, boot: c.boot}
			if err := note.note(c.alive, nil); err != nil {
				t.Fatal(err)
			}
			note.close()
		}
		r, err := replayed(dir)
		if err != nil {
			t.Fatal(err)
		}
		b := r.before(dir, "a", at(1000))
		if b.Ending != c.want || !b.At.Equal(c.at) || !strings.Contains(b.String(), c.text) {
			t.Errorf("%s: %+v, %s; want %v at %v", c.name, b, b, c.want, c.at)
		}
	}
}

func TestNoteThatIsNone(t *testing.T) {
	dir := t.TempDir()
	for _, text := range []string{"", "\n", "2026-03-01T12:00:00", "x y", "2026-03-01T12:00:00.000000000Z"} {
		if err := os.WriteFile(filepath.Join(dir, "alive"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if at, boot, _ := lastAlive(dir); !at.IsZero() && text != "2026-03-01T12:00:00.000000000Z" || boot != "" {
			t.Errorf("%q says %v %q", text, at, boot)
		}
	}
}

// An outage that a restart or a kill is in the middle of is one outage.
func TestOutagesOutliveARun(t *testing.T) {
	dir := t.TempDir()
	s := run(t, dir)
	s.Add(Event{Time: at(0), Kind: DeviceOffline, Device: "a"})
	s.Add(Event{Time: at(1), Kind: DeviceOffline, Device: "b"})
	s.Add(Event{Time: at(2), Kind: SinkOffline, Sink: "db"})
	s.Add(Event{Time: at(3), Kind: DeviceOnline, Device: "b", Since: at(1)})
	s.stop()
	s = run(t, dir)
	s.Add(Event{Time: at(20), Kind: DeviceOffline, Device: "a", Since: s.DeviceDown("a")})
	s.stop()
	s = run(t, dir)
	if a, b, db := s.DeviceDown("a"), s.DeviceDown("b"), s.SinkDown("db"); !a.Equal(at(0)) || !b.IsZero() || !db.Equal(at(2)) {
		t.Errorf("down since: a %v, b %v, db %v", a, b, db)
	}
	s.Keep(func(e *Event) bool { return e.Device != "a" }) // a is taken out of the configuration
	s.Add(Event{Time: at(30), Kind: Reload})
	s.stop()
	s = run(t, dir)
	if a, db := s.DeviceDown("a"), s.SinkDown("db"); !a.IsZero() || !db.Equal(at(2)) {
		t.Errorf("a, which is gone, is down since %v; db %v", a, db)
	}
	s.stop()
}

// A run that was killed lived for longer than its note says when the journal shows so, but not for longer than notes are apart.
func TestTheJournalShowsThatItLived(t *testing.T) {
	for after, want := range map[time.Duration]time.Duration{
		3 * time.Second: 3 * time.Second, -time.Second: 0, time.Minute: 0,
	} {
		s := Open(Options{Dir: t.TempDir()})
		was := time.Now().Add(-time.Hour).Round(0)
		s.before = Before{Killed, was}
		s.Lived(was.Add(after))
		if b := s.Before(); !b.At.Equal(was.Add(want)) {
			t.Errorf("read %v after the last note, it lived until %v after", after, b.At.Sub(was))
		}
	}
}
