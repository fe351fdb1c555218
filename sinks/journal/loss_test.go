package journal

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

func batchOf(g *mapping.Group, n int) *mapping.Batch {
	b := new(mapping.Batch)
	count(b, g, n)
	return b
}

// TestLossCounted lets sinks of different matches lag behind a small tail and checks that each is missing exactly what
// is counted for it, and that what it does get is whole and in order.
func TestLossCounted(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	j := open(t, Options{Tail: 100_000})
	queries := []sinks.Query{
		{Sink: "all"}, {Sink: "one", Match: match(t, "*/t1")}, {Sink: "half", Match: match(t, "a/*")},
		{Sink: "none", Match: match(t, "nothing")}, {Sink: "most", Match: match(t, "*", "!b/t2")},
	}
	type sink struct {
		p    sinks.Pos
		seen []got
		lost uint64
	}
	all := make([]sink, len(queries))
	for i := range queries {
		queries[i].Max = 500
		j.Start(queries[i].Sink, "now")
		j.Next(t.Context(), 0, queries[i], new(sinks.View))
	}
	var sent []got
	groups := []*mapping.Group{countGroup("a", 3), countGroup("b", 8)}
	for i := range 20_000 {
		g := groups[r.IntN(2)]
		b := batchOf(g, 10*i)
		if err := j.Append(b); err != nil {
			t.Fatal(err)
		}
		sent = collect(sent, &sinks.View{Batches: []mapping.Batch{*b}})
		if k := r.IntN(2000 * len(all)); k < len(all) {
			seen, p, lost := drain(t, j, all[k].p, queries[k])
			all[k].p, all[k].lost, all[k].seen = p, all[k].lost+lost, append(all[k].seen, seen...)
		}
	}
	for k := range all {
		seen, _, lost := drain(t, j, all[k].p, queries[k])
		all[k].lost, all[k].seen = all[k].lost+lost, append(all[k].seen, seen...)
		want := chosen(sent, queries[k].Match, groups)
		missing := len(want) - len(all[k].seen)
		if !isPart(all[k].seen, want) {
			t.Errorf("sink %s: what it got is not in order or not once", queries[k].Sink)
		}
		if all[k].lost != uint64(missing) {
			t.Errorf("sink %s: told of %d lost samples, missing %d", queries[k].Sink, all[k].lost, missing)
		}
		stat := statOf(t, j, queries[k].Sink)
		if stat.Dropped["memory"] != uint64(missing) {
			t.Errorf("sink %s: counted %v, missing %d", queries[k].Sink, stat.Dropped, missing)
		}
		if missing == 0 && queries[k].Sink != "none" {
			t.Errorf("sink %s lost nothing: the test shows nothing", queries[k].Sink)
		}
	}
}

func statOf(t testing.TB, j *Journal, sink string) sinks.Backlog {
	t.Helper()
	for _, s := range j.Stat() {
		if s.Sink == sink {
			return s
		}
	}
	t.Fatalf("no sink %s in %v", sink, j.Stat())
	return sinks.Backlog{}
}

// droppedOf is what a sink did not get, for whatever reason.
func droppedOf(t testing.TB, j *Journal, sink string) (sum uint64) {
	t.Helper()
	for _, n := range statOf(t, j, sink).Dropped {
		sum += n
	}
	return sum
}

// chosen is what of all m takes.
func chosen(all []got, m *sinks.Match, groups []*mapping.Group) []got {
	var part []got
	for _, s := range all {
		i := slices.IndexFunc(groups, func(g *mapping.Group) bool { return g.Device == s.device })
		var index uint16
		fmt.Sscanf(s.tag, "t%d", &index)
		if m.Group(groups[i]).Has(index) {
			part = append(part, s)
		}
	}
	return part
}

// isPart reports that part is all with some left out.
func isPart(part, all []got) bool {
	for _, s := range all {
		if len(part) > 0 && part[0] == s {
			part = part[1:]
		}
	}
	return len(part) == 0
}

func TestLossOfWhatWasGivenOut(t *testing.T) {
	j := open(t, Options{Tail: chunkSize})
	p, _ := j.Start("s", "now")
	g := countGroup("a", 100)
	appendCount(t, j, g, 0)
	q := sinks.Query{Sink: "s", Max: 60}
	var v sinks.View
	if _, err := j.Next(t.Context(), p, q, &v); err != nil || v.Len() != 60 {
		t.Fatal(v.Len(), err)
	}
	for i := range 1000 {
		appendCount(t, j, g, i)
	}
	before := statOf(t, j, "s").Dropped["memory"]
	next, err := j.Next(t.Context(), p, q, &v) // again from the start: the sink restarts
	if err != nil {
		t.Fatal(err)
	}
	if want := uint64(next) - 60; v.Lost != want || before != want-60 {
		t.Errorf("lost %d, counted before %d, want %d and %d", v.Lost, before, want, want-60)
	}
	if n := statOf(t, j, "s").Dropped["memory"]; n != v.Lost {
		t.Errorf("counted %d, told %d", n, v.Lost)
	}
}

func TestLossLoggedOnce(t *testing.T) {
	var buf lockedBuffer
	j := open(t, Options{Tail: chunkSize, Log: slog.New(slog.NewTextHandler(&buf, nil))})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p, _ := j.Start("s", "now")
	g := countGroup("a", 100)
	for episode := range 2 {
		for i := range 2000 {
			appendCount(t, j, g, i)
		}
		tidier{j}.logLosses()
		tidier{j}.logLosses()
		_, p, _ = drain(t, j, p, sinks.Query{Sink: "s", Max: 5000})
		for _, line := range []string{"journal loses the oldest samples", "samples of a sink were lost"} {
			if n := strings.Count(buf.String(), line); n != episode+1 {
				t.Errorf("after episode %d the log has %d lines %q", episode, n, line)
			}
		}
	}
	for i := range 2000 {
		appendCount(t, j, g, i)
	}
	cancel()
	if err := j.Run(ctx); err != nil {
		t.Error(err)
	}
	if n := strings.Count(buf.String(), "journal loses the oldest samples"); n != 3 {
		t.Errorf("Run left %d of 3 episodes in the log", n)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// TestLossIsOneOverAKill has losses that a kill is in the middle of: they are begun once, and ended with all of them and
// from their beginning.
func TestLossIsOneOverAKill(t *testing.T) {
	var buf lockedBuffer
	d := newMemFolder()
	o := Options{Tail: chunkSize, MaxSize: 20_000, Log: slog.New(slog.NewTextHandler(&buf, nil))}
	lose := func(from string) (j *Journal, p sinks.Pos) {
		j = openOn(t, d, o)
		j.files.segmentSize = 1000
		p, _ = j.Start("s", from)
		for i := range 60 {
			appendCount(t, j, countGroup("a", 100), 100*i)
			disk{j}.flush()
			disk{j}.sync()
			tidier{j}.retain(t.Context())
		}
		tidier{j}.logLosses()
		return j, p
	}
	j, _ := lose("now")
	first := statOf(t, j, "s").Ever.Lost["size"].Samples
	began := j.cursors["s"].book.list[0].Noted
	d = d.kill()
	j = openOn(t, d, o)
	if e := j.cursors["s"].episode; e.samples != first || !e.reported || !e.began.Equal(began) {
		t.Errorf("after a kill the episode is %+v, %d were lost", e, first)
	}
	j, p := lose("now")
	drain(t, j, p, everything)
	all := statOf(t, j, "s").Ever.Lost["size"].Samples
	log := buf.String()
	if strings.Count(log, "journal loses the oldest samples") > 2 || all <= first {
		t.Errorf("%d were lost, then %d:\n%s", first, all, log)
	}
}

// TestFailingFromBefore has a journal that could not be written when the process ended: it tells when it can be again, and
// how long it could not.
func TestFailingFromBefore(t *testing.T) {
	var buf lockedBuffer
	d := newMemFolder()
	j := openOn(t, d, Options{Log: slog.New(slog.NewTextHandler(&buf, nil)), FailedSince: time.Now().Add(-time.Hour)})
	j.Start("s", "now")
	d.fail = func(op, name string) error {
		if op == "write" && strings.HasSuffix(name, segmentSuffix) {
			return syscall.ENOSPC
		}
		return nil
	}
	appendCount(t, j, countGroup("a", 10), 0)
	disk{j}.flush()
	disk{j}.sync()
	if strings.Contains(buf.String(), "writes again") || j.Failing() == nil {
		t.Errorf("on a full disk the log says\n%s", &buf)
	}
	d.fail = nil
	for range 2 {
		disk{j}.flush()
		disk{j}.sync()
		appendCount(t, j, countGroup("a", 10), 10)
	}
	if strings.Count(buf.String(), "journal writes again") != 1 || !strings.Contains(buf.String(), "outage=1h0m") {
		t.Errorf("want it once:\n%s", &buf)
	}
}

// TestLossOverClockSteps has the clock be set back, and forward again, while one loss goes on, and another reason be between
// its parts: its times are those of its oldest and its newest sample.
func TestLossOverClockSteps(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 3, 1, 6, minute, 0, 0, time.UTC) }
	var list []Loss
	for i, l := range []Loss{
		{Reason: "size", First: at(10), Last: at(11)}, {Reason: "size", First: at(3), Last: at(4)},
		{Reason: "damage"}, {Reason: "age", First: at(5), Last: at(6)}, {Reason: "age"}, {Reason: "age", First: at(2), Last: at(2)},
		{Reason: "size", First: at(20), Last: at(21)}, {Reason: "size", First: at(12), Last: at(13)},
	} {
		l.From, l.To, l.Samples = sinks.Pos(10*i), sinks.Pos(10*i+10), 10
		list = enter(list, l)
	}
	want := []Loss{
		{From: 0, To: 20, Samples: 20, Reason: "size", First: at(3), Last: at(11)},
		{From: 20, To: 30, Samples: 10, Reason: "damage"},
		{From: 30, To: 60, Samples: 30, Reason: "age", First: at(2), Last: at(6)},
		{From: 60, To: 80, Samples: 20, Reason: "size", First: at(12), Last: at(21)},
	}
	if !slices.Equal(list, want) {
		t.Errorf("lost are %+v\nwant %+v", list, want)
	}
}
