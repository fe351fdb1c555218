package bridge

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping"
	"tagbridge/mapping/alarm"
	"tagbridge/mapping/reckon"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// people are told of alarms by events, which are written after a while.
type people struct {
	written, queue []string
	restored       []string
}

func (p *people) restoreAlarm(name string, st *alarm.State) {
	p.restored = append(p.restored, fmt.Sprint(name, " ", st.Level()))
}

func (p *people) tellAlarm(name string, o *alarm.Output, told toldAlarms) {
	if o.Before == o.Level {
		return
	}
	one := toldAlarm{"plc", name, o.Time}
	if told[one] > 0 {
		told[one]--
		return
	}
	p.queue = append(p.queue, fmt.Sprintf("%s %v at %d since %d", name, o.Level, o.Time, o.Since))
}

func (p *people) alarmsToldSince(at time.Time) toldAlarms {
	told := toldAlarms{}
	for _, text := range p.written {
		var name, level string
		var ns, since int64
		if _, err := fmt.Sscanf(text, "%s %s at %d since %d", &name, &level, &ns, &since); err == nil && ns >= at.UnixNano() {
			told[toldAlarm{"plc", name, ns}]++
		}
	}
	return told
}

func (p *people) alarmsWritten() bool { return len(p.queue) == 0 }

func (p *people) write() { p.written, p.queue = append(p.written, p.queue...), nil }

// TestKillBetweenSampleAndEvent kills the bridge at each step between a sample that raises an alarm and the end of all that comes of
// it: the next one tells of it once, with the sample's time, and of nothing else.
func TestKillBetweenSampleAndEvent(t *testing.T) {
	at := time.Now().Add(-time.Second).UnixNano()
	raised := fmt.Sprintf("plc/a.alarm hi at %d since %d", at, at)
	for _, steps := range []string{
		"", // the sample alone is in the journal
		"tell",
		"tell keep",
		"tell write",
		"tell write keep",
		"tell give",
		"tell give keep",
		"tell give read keep",
		"tell give read keep write",
		"tell write give read keep",
		"read keep",           // it was read while others were made up for, and not told
		"tell keep kill keep", // two kills
		"tell keep kill keep kill write keep kill write",
		"tell give read keep kill tell keep kill",
	} {
		t.Run(strings.ReplaceAll(steps, " ", ","), func(t *testing.T) {
			w := newAlarmed(t)
			w.put("a", at-int64(time.Second), 50)
			w.step("tell")
			w.people.write()
			w.step("keep")
			w.put("a", at, 85)
			for _, s := range strings.Fields(steps) {
				w.step(s)
			}
			w.step("kill")
			for _, s := range []string{"tell", "write", "keep", "kill", "tell", "write"} {
				w.step(s)
			}
			if got := strings.Join(w.people.written, "\n"); got != raised {
				t.Errorf("told is %q, want %q", got, raised)
			}
			if last := w.people.restored[len(w.people.restored)-1]; last != "plc/a.alarm hi" {
				t.Errorf("it goes on with %s", last)
			}
		})
	}
}

// alarmed is a reckoner on a journal with one alarm.
type alarmed struct {
	t      *testing.T
	j      *journal.Journal
	dir    string
	people *people
	r      *reckoning
	given  []reckon.Given
	until  sinks.Pos // what was put
}

func newAlarmed(t *testing.T) *alarmed {
	j, err := journal.Open(journal.Options{Dir: filepath.Join(t.TempDir(), "journal")})
	if err != nil {
		t.Fatal(err)
	}
	run := begin(func(ctx context.Context) { _ = j.Run(ctx) })
	t.Cleanup(func() {
		if !run.end(context.Background()) || j.Close() != nil {
			t.Error("the journal does not end")
		}
	})
	w := &alarmed{t: t, j: j, dir: t.TempDir(), people: &people{}}
	w.begin()
	return w
}

// begin has a reckoner begin, or begin again after a kill.
func (w *alarmed) begin() {
	var rule alarm.Rule
	for l := range rule.Limits {
		rule.Limits[l] = math.NaN()
	}
	rule.Limits[alarm.Hi] = 80
	w.r = &reckoning{
		log: w.j, logger: slog.New(slog.DiscardHandler), files: checkpoints{dir: w.dir}, changes: make(chan change), alarms: w.people,
		give: func(_ *reckon.Reckoner, list []reckon.Given) { w.given = append(w.given, list...) },
		say:  func(string, string, time.Time, string) {},
	}
	w.given, w.people.queue = nil, nil
	w.r.open([]reckon.Spec{{Device: "plc", Tag: "a.alarm", Input: "plc/a", Machine: reckon.NewAlarm(alarm.NewRule(rule, 0), true), Key: "alarm"}}, time.Time{})
}

// put has the journal take a sample.
func (w *alarmed) put(tag string, at int64, v float64) {
	w.t.Helper()
	g := mapping.NewGroup(mapping.Group{Device: "plc", Series: []*mapping.Series{{Tag: tag, SeriesTraits: &mapping.SeriesTraits{Kind: mapping.F64}}}})
	if err := w.j.Append(&mapping.Batch{Group: g, Samples: []mapping.Sample{{Time: at, Kind: mapping.F64, Bits: math.Float64bits(v)}}}); err != nil {
		w.t.Fatal(err)
	}
	w.until++
}

func (w *alarmed) step(what string) {
	w.t.Helper()
	switch what {
	case "read", "tell": // all that there is
		ctx, cancel := context.WithTimeout(w.t.Context(), patienceOfTests)
		defer cancel()
		for w.r.pos < w.until && ctx.Err() == nil && w.r.read(ctx) {
		}
		if w.r.pos != w.until {
			w.t.Fatalf("it has read up to %d of %d", w.r.pos, w.until)
		}
		if what == "tell" {
			w.r.tick()
		}
	case "write":
		w.people.write()
	case "keep":
		w.r.checkpoint()
	case "give":
		for _, g := range w.given {
			w.put("a.alarm", g.Time, g.Number)
		}
		w.given = nil
	case "kill":
		w.begin()
	default:
		w.t.Fatal(what)
	}
}

// TestAlarmEventOverAKill has a bridge be killed after the journal has taken all that comes of an alarm, and before its event is
// written, and after that.
func TestAlarmEventOverAKill(t *testing.T) {
	r := newRig(t)
	b, unit := r.alarming("")
	b.becomes(map[string]string{"plc/a.alarm": "0", "plc/b.alarm": "0", "plc/on.alarm": "0"})
	b.await("all to be counted", func() bool { s := b.bridge.Reckoning(); return s.Behind == 0 && s.Bytes > 0 })
	b.copyData("data", "quiet")
	write(t, unit, 0, 85, 20)
	b.becomes(map[string]string{"plc/a.alarm": "2"})
	e := b.awaitEvent(events.Alarm, "85 °C is above 80 °C")
	b.copyData("data", "raised")
	b.stop()
	now := "data"
	for _, c := range []struct{ name, reckoned, events string }{
		{"unwritten", "quiet", "quiet"}, {"written", "quiet", "raised"}, {"kept", "raised", "raised"},
	} {
		if err := os.CopyFS(filepath.Join(r.dir, c.name), os.DirFS(filepath.Join(r.dir, "raised"))); err != nil {
			t.Fatal(err)
		}
		r.replace(c.name, "events", c.events)
		for i := range 2 {
			r.replace(c.name, fmt.Sprintf(checkpointForm, i), c.reckoned)
		}
		r.edit("plant.yaml", "data_dir: "+now+",", "data_dir: "+c.name+",")
		now = c.name
		b = r.run()
		b.becomes(map[string]string{"plc/a.alarm": "2"})
		b.awaitActive("plc/a hi 85")
		again := b.awaitEvent(events.Alarm, "85 °C is above 80 °C")
		b.stop()
		if told := r.alarmsOf(c.name); len(told) != 1 || !again.Time.Equal(e.Time) || again.Text != e.Text {
			t.Errorf("%s: events %q, the last %+v, want %+v", c.name, told, again, e)
		}
	}
}

// replace has a part of a data directory be that of another.
func (r *rig) replace(in, part, from string) {
	r.t.Helper()
	to := filepath.Join(r.dir, in, part)
	if err := os.RemoveAll(to); err != nil {
		r.t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(r.dir, from, part))
	switch {
	case os.IsNotExist(err):
		return
	case err == nil && info.IsDir():
		err = os.CopyFS(to, os.DirFS(filepath.Join(r.dir, from, part)))
	case err == nil:
		var b []byte
		if b, err = os.ReadFile(filepath.Join(r.dir, from, part)); err == nil {
			err = os.WriteFile(to, b, 0o600)
		}
	}
	if err != nil {
		r.t.Fatal(err)
	}
}
