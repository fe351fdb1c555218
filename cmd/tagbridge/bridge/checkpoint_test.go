package bridge

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/reckon"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

const counting = `  - {name: site, driver: derived, of: plc, poll: 100ms, tags: [{tag: count, expr: a, total: counter}]}
`

// countedRig is a folder whose bridge has counted 100, and has ended.
func countedRig(t *testing.T) (*rig, func(a uint16)) {
	t.Helper()
	r := newRig(t)
	b, unit := r.deriving(counting)
	b.becomes(map[string]string{"site/count": "0.0"})
	set(t, unit, 110, 20, 30)
	b.becomes(map[string]string{"site/count": "100.0"})
	b.stop()
	return r, func(a uint16) { set(t, unit, a, 20, 30) }
}

func (r *rig) path(name string) string { return filepath.Join(r.dir, "data", name) }

func (r *rig) checkpoint(i int) string { return r.path(fmt.Sprintf(checkpointForm, i)) }

// both changes both files.
func (r *rig) both(change func(b []byte) []byte) {
	r.t.Helper()
	for i := range 2 {
		b, err := os.ReadFile(r.checkpoint(i))
		if err != nil {
			r.t.Fatal(err)
		}
		r.write(fmt.Sprintf("data/"+checkpointForm, i), string(change(b)))
	}
}

// copyTo copies data_dir.
func (r *rig) copyTo(dir string) {
	r.t.Helper()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(r.dir, "data"))); err != nil {
		r.t.Fatal(err)
	}
}

// TestCheckpointThatCannotBeUsed has the files be of all kinds that they should not be: the total begins anew or goes on, with one
// line that says so, and the next start has what was counted then.
func TestCheckpointThatCannotBeUsed(t *testing.T) {
	const anew, on = "0.0", "140.0" // the counter went on by 40 meanwhile
	must := func(errs ...error) {
		t.Helper()
		for _, err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	newest := func(r *rig) int {
		c := checkpoints{dir: filepath.Join(r.dir, "data")}
		_, err := c.read()
		must(err)
		return int(c.number % 2)
	}
	for _, c := range []struct {
		name string
		harm func(r *rig)
		want string
		line string // "": nothing is wrong
	}{
		{"nothing", func(*rig) {}, on, ""},
		{"both empty", func(r *rig) { r.both(func(b []byte) []byte { return nil }) }, anew, "cannot be read: they begin anew"},
		{"both cut off", func(r *rig) { r.both(func(b []byte) []byte { return b[:len(b)-1] }) }, anew, "cannot be read: they begin anew"},
		{"a bit turned over", func(r *rig) {
			r.both(func(b []byte) []byte { b[checkpointHead+30] ^= 4; return b })
		}, anew, "cannot be read: they begin anew"},
		{"another version", func(r *rig) { r.both(func(b []byte) []byte { b[4]++; return b }) }, anew, "another version"},
		{"a size that no file has", func(r *rig) {
			r.both(func(b []byte) []byte { copy(b[13:], "\xff\xff\xff\xff"); return b })
		}, anew, "cannot be read: they begin anew"},
		{"huge and empty", func(r *rig) {
			must(os.Truncate(r.checkpoint(0), 0), os.Truncate(r.checkpoint(1), 0), os.Truncate(r.checkpoint(0), 1<<40), os.Truncate(r.checkpoint(1), 1<<40))
		}, anew, "cannot be read: they begin anew"},
		{"huge at the end", func(r *rig) { must(os.Truncate(r.checkpoint(0), 1<<36), os.Truncate(r.checkpoint(1), 1<<36)) }, on, ""},
		{"the last one torn", func(r *rig) {
			must(os.Truncate(r.checkpoint(newest(r)), 40))
		}, on, "go on from the one before it"},
		{"the last one gone", func(r *rig) { must(os.Remove(r.checkpoint(newest(r)))) }, on, ""},
		{"both gone", func(r *rig) { must(os.Remove(r.checkpoint(0)), os.Remove(r.checkpoint(1))) }, anew, ""},
		{"the journal wiped", func(r *rig) { must(os.RemoveAll(r.path("journal"))) }, on, "the journal is a new one"},
		{"the journal of another bridge", func(r *rig) {
			other, _ := countedRig(r.t)
			must(os.RemoveAll(r.path("journal")), os.CopyFS(r.path("journal"), os.DirFS(other.path("journal"))))
		}, anew, "the journal is another one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, becomes := countedRig(t)
			c.harm(r)
			if c.want == on { // else what the journal still has of the end is counted
				becomes(150)
			}
			b := r.run()
			b.becomes(map[string]string{"site/count": c.want})
			said := 0
			for _, line := range strings.Split(b.log.String(), "\n") {
				if strings.Contains(line, "windows and totals") {
					said++
				}
			}
			if want := min(len(c.line), 1); said != want || !strings.Contains(b.log.String(), c.line) {
				t.Errorf("there are %d lines of windows and totals, want %d with %q:\n%s", said, want, c.line, b.log)
			}
			becomes(157)
			more := map[string]string{anew: "47.0", on: "147.0"}[c.want]
			b.becomes(map[string]string{"site/count": more})
			b.stop()
			b = r.run()
			b.becomes(map[string]string{"site/count": more})
		})
	}
}

// TestCheckpointThatCannotBeWritten has folders stand where the files are to be, as a disk that takes nothing: totals go on, the log
// says it once, and after a kill what was not kept is counted from the journal.
func TestCheckpointThatCannotBeWritten(t *testing.T) {
	r, becomes := countedRig(t)
	kept := t.TempDir()
	r.copyTo(kept)
	b := r.run()
	b.becomes(map[string]string{"site/count": "100.0"})
	block := func(i int) {
		for os.Mkdir(r.checkpoint(i), 0o700) != nil { // the bridge may write in between
			_ = os.Remove(r.checkpoint(i))
		}
	}
	block(0)
	block(1)
	becomes(120)
	b.becomes(map[string]string{"site/count": "110.0"})
	b.await("the error", func() bool { return b.bridge.Reckoning().Error != "" })
	becomes(130)
	b.becomes(map[string]string{"site/count": "120.0"})
	killed := t.TempDir()
	r.copyTo(killed)
	for i := range 2 {
		if err := os.Remove(r.checkpoint(i)); err != nil {
			t.Fatal(err)
		}
	}
	b.await("the state to be written again", func() bool { return b.bridge.Reckoning().Error == "" })
	b.stop()
	for _, want := range []string{"cannot be written", "is written again"} {
		if n := strings.Count(b.log.String(), want); n != 1 {
			t.Errorf("it says %d times %q:\n%s", n, want, b.log)
		}
	}
	for i := range 2 { // what a kill would have left
		name := fmt.Sprintf(checkpointForm, i)
		b, err := os.ReadFile(filepath.Join(kept, name))
		if err == nil {
			err = os.Remove(filepath.Join(killed, name))
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(killed, name), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(filepath.Join(r.dir, "data")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(killed, filepath.Join(r.dir, "data")); err != nil {
		t.Fatal(err)
	}
	becomes(135)
	b = r.run()
	b.becomes(map[string]string{"site/count": "125.0"})
}

// losing is a journal that says once that samples were lost.
type losing struct {
	sampleLog
	lost uint64
}

func (l *losing) Next(ctx context.Context, p sinks.Pos, q sinks.Query, v *sinks.View) (sinks.Pos, error) {
	next, err := l.sampleLog.Next(ctx, p, q, v)
	if err == nil {
		v.Lost, l.lost = l.lost, 0
	}
	return next, err
}

// watched is a machine that notes when nothing was known.
type watched struct {
	reckon.Machine
	puts int
	away []int64
}

func (w *watched) Put(reckon.Value, *reckon.Out) { w.puts++ }
func (w *watched) Tick(int64, *reckon.Out)       {}
func (w *watched) Due() int64                    { return 0 }
func (w *watched) SetBack(int64)                 {}
func (w *watched) Away(at int64)                 { w.away = append(w.away, at) }
func (w *watched) AppendState(dst []byte) []byte { return dst }
func (w *watched) ParseState([]byte) error       { return nil }

// TestReckoningOfALossyJournal has the journal lose samples before they were counted: that is a time without values, they are
// counted, and the log says so.
func TestReckoningOfALossyJournal(t *testing.T) {
	j, err := journal.Open(journal.Options{Dir: filepath.Join(t.TempDir(), "journal")})
	if err != nil {
		t.Fatal(err)
	}
	run := begin(func(ctx context.Context) { _ = j.Run(ctx) })
	m, log := &watched{}, &lockedLog{}
	r := &reckoning{
		log: &losing{j, 17}, logger: slog.New(slog.NewTextHandler(log, nil)), files: checkpoints{dir: t.TempDir()}, changes: make(chan change),
		say: func(string, string, time.Time, string) {},
	}
	r.open([]reckon.Spec{{Device: "site", Tag: "count", Input: "plc/a", Machine: m, Key: "k"}}, time.Time{})
	g := mapping.NewGroup(mapping.Group{Device: "plc", Series: []*mapping.Series{{Tag: "a", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.F64}}}})
	at := time.Now().UnixNano()
	if err := j.Append(&mapping.Batch{Group: g, Samples: []mapping.Sample{{Time: at, Kind: mapping.F64}}}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patienceOfTests)
	defer cancel()
	for m.puts == 0 && ctx.Err() == nil && r.read(ctx) {
	}
	if m.puts != 1 || len(m.away) != 1 || r.State().Lost != 17 || strings.Count(log.String(), "lost samples") != 1 {
		t.Errorf("%d values, away %v, %d lost, and it says:\n%s", m.puts, m.away, r.State().Lost, log)
	}
	if !run.end(ctx) || j.Close() != nil {
		t.Error("the journal does not end")
	}
}
