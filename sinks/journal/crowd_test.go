package journal

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// TestCrowd lets many lanes append and many sinks read at once: every sink sees each sample that it takes exactly
// once, all sinks see them in one and the same order, and each lane's in the order it appended them.
func TestCrowd(t *testing.T) {
	const lanes, batches, tags = 8, 300, 12
	j := open(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { j.Run(ctx) })

	matches := []*sinks.Match{nil, match(t, "lane1/*"), match(t, "*/t3", "!lane2/*"), nil}
	seen := make([][]got, len(matches))
	var reading sync.WaitGroup
	for k, m := range matches {
		q := sinks.Query{Sink: fmt.Sprint("s", k), Match: m, Max: 50 + 300*k, Flush: 5 * time.Millisecond}
		p, _ := j.Start(q.Sink, "now")
		reading.Go(func() { seen[k] = follow(t, j, p, q, lanes*batches*tags) })
	}
	var appending sync.WaitGroup
	for i := range lanes {
		appending.Go(func() {
			g := countGroup(fmt.Sprint("lane", i), tags)
			for n := range batches {
				if err := j.Append(batchOf(g, n*tags)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	appending.Wait()
	reading.Wait()
	cancel()
	running.Wait()

	if len(seen[0]) != lanes*batches*tags {
		t.Fatalf("sink s0 got %d samples, want %d", len(seen[0]), lanes*batches*tags)
	}
	next := make(map[string]int64)
	for _, s := range seen[0] {
		if s.value != next[s.device] {
			t.Fatalf("after value %d of %s came %d", next[s.device]-1, s.device, s.value)
		}
		next[s.device]++
	}
	groups := make([]*mapping.Group, lanes)
	for i := range groups {
		groups[i] = countGroup(fmt.Sprint("lane", i), tags)
	}
	for k, m := range matches[1:] {
		if want := chosen(seen[0], m, groups); !slices.Equal(seen[k+1], want) {
			t.Errorf("sink s%d got %d samples, want %d, in the order of sink s0", k+1, len(seen[k+1]), len(want))
		}
	}
	if n := j.Bytes(); n != 0 {
		t.Errorf("%d bytes are left when all is delivered", n)
	}
}

// follow reads and acknowledges until p has come to end.
func follow(t *testing.T, j *Journal, p sinks.Pos, q sinks.Query, end sinks.Pos) (seen []got) {
	var v sinks.View
	for p < end {
		next, err := j.Next(t.Context(), p, q, &v)
		if err != nil || v.Lost > 0 {
			t.Errorf("sink %s: lost %d, error %v", q.Sink, v.Lost, err)
			return seen
		}
		p, seen = next, collect(seen, &v)
		if err := j.Ack(q.Sink, p, sinks.Dealt{}); err != nil {
			t.Error(err)
		}
	}
	return seen
}

// TestMemory appends for a long while with sinks that keep up and looks at what the tail holds on to.
func TestMemory(t *testing.T) {
	j := open(t, Options{})
	p, _ := j.Start("s", "now")
	g := plantGroup("boiler", 500)
	var b mapping.Batch
	var v sinks.View
	count(&b, g, 0)
	for i := range 4000 {
		if err := j.Append(&b); err != nil {
			t.Fatal(err)
		}
		if i%100 != 0 {
			continue
		}
		for p < j.End() {
			p, _ = j.Next(t.Context(), p, sinks.Query{Sink: "s", Max: 5000}, &v)
			if err := j.Ack("s", p, sinks.Dealt{}); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(j.tail.chunks) + len(j.tail.spare); n > 12 {
			t.Fatalf("%d chunks are held for 50,000 samples", n)
		}
	}
}

func TestStat(t *testing.T) {
	j := open(t, Options{})
	j.Start("s", "now")
	j.Start("keen", "now")
	for i := range 100 {
		appendCount(t, j, countGroup("a", 50), i)
	}
	for name, p := range map[string]sinks.Pos{"s": 1000, "keen": 5000} {
		if err := j.Ack(name, p, sinks.Dealt{}); err != nil {
			t.Fatal(err)
		}
	}
	s := statOf(t, j, "s")
	if want := j.Bytes() * 80 / 100; s.Samples != 4000 || s.Bytes < want*9/10 || s.Bytes > want*11/10 || s.Age <= 0 {
		t.Errorf("stat %+v, want 4000 samples, about %d bytes, some age", s, want)
	}
	if s := statOf(t, j, "keen"); s.Samples != 0 || s.Bytes != 0 || s.Age != 0 {
		t.Errorf("stat %+v, want nothing behind", s)
	}
}
