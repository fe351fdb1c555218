package journal

import (
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// TestLimitCounted lets the journal outgrow its size with sinks of different matches behind, and checks that each gets
// what is left and is missing exactly what is counted for it.
func TestLimitCounted(t *testing.T) {
	j := openOn(t, newMemFolder(), Options{Tail: 2 * chunkSize, MaxSize: 60_000})
	j.files.segmentSize = 10_000
	r := rand.New(rand.NewPCG(1, 2))
	queries := []sinks.Query{
		{Sink: "all"}, {Sink: "one", Match: match(t, "*/t1")}, {Sink: "half", Match: match(t, "a/*")},
		{Sink: "most", Match: match(t, "*", "!b/t2")}, {Sink: "none", Match: match(t, "nothing")},
	}
	at := make([]sinks.Pos, len(queries))
	seen, lost := make([][]got, len(queries)), make([]uint64, len(queries))
	for k := range queries {
		queries[k].Max = 500
		j.Start(queries[k].Sink, "now")
		j.Next(t.Context(), 0, queries[k], new(sinks.View))
	}
	var sent []got
	groups := []*mapping.Group{countGroup("a", 3), countGroup("b", 8)}
	for i := range 40_000 {
		b := batchOf(groups[r.IntN(2)], 10*i)
		if err := j.Append(b); err != nil {
			t.Fatal(err)
		}
		sent = collect(sent, &sinks.View{Batches: []mapping.Batch{*b}})
		if i%20 == 0 {
			disk{j}.flush()
			disk{j}.sync()
			tidier{j}.retain(t.Context())
			if n := j.Bytes(); n > 60_000+12_000 {
				t.Fatalf("the journal has %d bytes", n)
			}
		}
		if k := r.IntN(5000 * len(at)); k < len(at) {
			more, p, gone := drain(t, j, at[k], queries[k])
			at[k], lost[k], seen[k] = p, lost[k]+gone, append(seen[k], more...)
		}
	}
	disk{j}.flush()
	for k, q := range queries {
		more, _, gone := drain(t, j, at[k], q)
		lost[k], seen[k] = lost[k]+gone, append(seen[k], more...)
		want := chosen(sent, q.Match, groups)
		missing := uint64(len(want) - len(seen[k]))
		if !isPart(seen[k], want) {
			t.Errorf("sink %s: what it got is not in order or not once", q.Sink)
		}
		if n := statOf(t, j, q.Sink).Dropped["size"]; lost[k] != missing || n != missing {
			t.Errorf("sink %s: told of %d lost samples, counted %d, missing %d", q.Sink, lost[k], n, missing)
		}
		if missing == 0 && q.Sink != "none" {
			t.Errorf("sink %s lost nothing: the test shows nothing", q.Sink)
		}
	}
}

func TestLimitAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newMemFolder()
		j := openOn(t, d, Options{Tail: chunkSize, MaxAge: 32 * time.Hour})
		p, _ := j.Start("s", "now")
		keen, _ := j.Start("keen", "now")
		for hour := range 100 {
			for i := range 10 {
				appendCount(t, j, countGroup("a", 100), 1000*hour+100*i)
			}
			disk{j}.flush()
			disk{j}.sync()
			_, keen, _ = drain(t, j, keen, sinks.Query{Sink: "keen", Max: 500})
			tidier{j}.retain(t.Context())
			time.Sleep(time.Hour)
		}
		s := statOf(t, j, "s")
		if s.Age < 31*time.Hour || s.Age > 37*time.Hour {
			t.Errorf("the oldest sample kept is %v old, want about 32 h", s.Age)
		}
		seen, end, lost := drain(t, j, p, sinks.Query{Sink: "s", Max: 500})
		if len(seen)+int(lost) != 100_000 || end != 100_000 || s.Dropped["age"] != lost || lost < 60_000 {
			t.Errorf("%d samples, lost %d, counted %v", len(seen), lost, s.Dropped)
		}
	})
}

// TestLeastLimits has the smallest limits that a configuration can have: most of what they allow is kept, and a sink
// that keeps up loses nothing to them.
func TestLeastLimits(t *testing.T) {
	const size, age = 1 << 20, time.Minute
	synctest.Test(t, func(t *testing.T) {
		for _, o := range []Options{{MaxSize: size}, {MaxAge: age}} {
			o.Tail = 4 * chunkSize
			j := openOn(t, newMemFolder(), o)
			j.Start("dead", "now")
			keen, _ := j.Start("keen", "now")
			least, oldest := int64(size), time.Duration(0)
			for i := range 6000 {
				appendCount(t, j, countGroup("a", 100), 100*i)
				disk{j}.flush()
				disk{j}.sync()
				tidier{j}.retain(t.Context())
				if s := statOf(t, j, "dead"); s.Dropped["size"]+s.Dropped["age"] > 0 {
					least, oldest = min(least, j.Bytes()), max(oldest, s.Age)
				}
				if i%10 == 9 { // a flush of a second
					_, keen, _ = drain(t, j, keen, sinks.Query{Sink: "keen", Max: 500})
				}
				time.Sleep(100 * time.Millisecond)
			}
			switch {
			case o.MaxSize != 0 && (least == size || least < size*3/4):
				t.Errorf("of %d bytes %d were kept", size, least)
			case o.MaxAge != 0 && (oldest < age || oldest > age*5/4):
				t.Errorf("with at most %v, %v were kept", age, oldest)
			}
			if s := statOf(t, j, "keen"); s.Dropped["size"]+s.Dropped["age"] > 0 {
				t.Errorf("a sink that keeps up lost %v", s.Dropped)
			}
		}
	})
}

// TestLimitsChange lowers the limits of a running journal.
func TestLimitsChange(t *testing.T) {
	j := openOn(t, newMemFolder(), Options{Tail: chunkSize})
	j.Start("dead", "now")
	j.SetLimits(Limits{MaxSize: 1 << 20, MaxAge: time.Hour})
	for i := range 6000 {
		appendCount(t, j, countGroup("a", 100), 100*i)
		disk{j}.flush()
		disk{j}.sync()
		tidier{j}.retain(t.Context())
	}
	if n := j.Bytes(); n > 1<<20+1<<17 {
		t.Errorf("the journal has %d bytes", n)
	}
}

func TestLossIsToldAfterRestart(t *testing.T) {
	d := newMemFolder()
	o := Options{Tail: chunkSize, MaxSize: 20_000}
	j := openOn(t, d, o)
	j.files.segmentSize = 10_000
	j.Start("s", "now")
	j.Settle("s")
	for i := range 300 {
		appendCount(t, j, countGroup("a", 100), 100*i)
		disk{j}.flush()
		disk{j}.sync()
		tidier{j}.retain(t.Context())
	}
	if statOf(t, j, "s").Dropped["size"] == 0 {
		t.Fatal("nothing was lost: the test shows nothing")
	}
	d = d.kill()
	for round := range 2 {
		j = openOn(t, d, o)
		p, fresh := j.Start("s", "now")
		if fresh != (round == 0) {
			t.Errorf("round %d: fresh %v", round, fresh)
		}
		j.Settle("s")
		seen, _, lost := drain(t, j, p, everything)
		if lost != 0 {
			t.Errorf("round %d: what was counted before is counted again: %d", round, lost)
		}
		if len(seen) > 0 {
			disk{j}.sync()
		}
		d = d.kill()
	}
}

func TestAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var buf lockedBuffer
		d := newMemFolder()
		o := Options{Tail: chunkSize, Log: slog.New(slog.NewTextHandler(&buf, nil))}
		open := func() {
			j := openOn(t, d, o)
			j.files.segmentSize = 10_000
			keen, _ := j.Start("keen", "now")
			for i := range 300 {
				appendCount(t, j, countGroup("a", 100), 100*i)
				disk{j}.flush()
				disk{j}.sync()
				_, keen, _ = drain(t, j, keen, sinks.Query{Sink: "keen", Max: 500})
			}
			disk{j}.sync()
			tidier{j}.retain(t.Context())
			time.Sleep(25 * time.Hour) // not on the first day: the clock may be wrong
			tidier{j}.forget()
			if n := len(j.files.segments); n != 1 {
				t.Errorf("%d segments are held for a sink that is away", n)
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			d = d.kill()
		}
		j := openOn(t, d, o)
		j.Start("keen", "now")
		j.Start("s", "now")
		j.Close()
		d = d.kill()

		open()
		if n := strings.Count(buf.String(), "samples are not kept for a sink that is not in the configuration"); n != 1 {
			t.Errorf("the log says %d times that samples are not kept:\n%s", n, buf.String())
		}
		j = openOn(t, d, o)
		if p, fresh := j.Start("s", "now"); !fresh || p == 0 || p >= j.End() {
			t.Errorf("back after a while: Start = %d, %v, want the oldest sample there is, fresh", p, fresh)
		}
		j.Leave("s")
		j.Close()
		d = d.kill()

		time.Sleep(awayMost + time.Hour)
		open()
		names, _ := d.Names()
		if slices.Contains(names, "s.cursor") {
			t.Error("the place of a sink that has been away for over a week is still there")
		}
	})
}
