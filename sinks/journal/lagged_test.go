package journal

import (
	"slices"
	"testing"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

func TestKeepingUpReadsNothing(t *testing.T) {
	d := newMemFolder()
	j := openOn(t, d, Options{Tail: 16 * chunkSize})
	p, _ := j.Start("s", "now")
	j.Start("dead", "now")
	g := countGroup("a", 100)
	for i := range 5000 {
		appendCount(t, j, g, i)
		if i%50 != 0 {
			continue
		}
		disk{j}.flush()
		disk{j}.sync()
		tidier{j}.retain(t.Context())
		_, p, _ = drain(t, j, p, everything)
	}
	if d.reads > 0 {
		t.Errorf("a sink that keeps up caused %d reads", d.reads)
	}
	if n, most := j.tail.bytes, 4*chunkSize+2*chunkSize; n > most {
		t.Errorf("the tail holds %d bytes for a dead sink, want at most %d", n, most)
	}
}

// TestLaggingReadsFiles lets one sink lag far behind and drain while more comes, over several segments.
func TestLaggingReadsFiles(t *testing.T) {
	d := newMemFolder()
	j := openOn(t, d, Options{Tail: 4 * chunkSize, MaxSize: 16 << 20})
	p, _ := j.Start("s", "now")
	k, _ := j.Start("keen", "now")
	groups := []*mapping.Group{countGroup("a", 100), countGroup("b", 100)}
	n := 0
	more := func(batches int) {
		for range batches {
			appendCount(t, j, groups[n/100%2], n)
			if n += 100; n%5000 == 0 {
				disk{j}.flush()
				disk{j}.sync()
				_, k, _ = drain(t, j, k, sinks.Query{Sink: "keen", Max: 5000})
			}
		}
		disk{j}.flush()
	}
	more(10_000)
	if len(j.files.segments) < 3 {
		t.Fatalf("%d segments: the test shows nothing", len(j.files.segments))
	}
	var seen []got
	var v sinks.View
	for p < j.End() {
		next, err := j.Next(t.Context(), p, sinks.Query{Sink: "s", Max: 3000, Match: match(t, "*", "!b/t7")}, &v)
		if err != nil || v.Lost > 0 || next == p {
			t.Fatalf("at %d: lost %d, error %v", p, v.Lost, err)
		}
		if seen, p = collect(seen, &v), next; n < 1_300_000 {
			more(5)
		}
		if err := j.Ack("s", p, sinks.Dealt{}); err != nil {
			t.Fatal(err)
		}
		tidier{j}.retain(t.Context())
	}
	want := numbers(0, n)
	want = slices.DeleteFunc(want, func(v int64) bool { return v%200 == 107 })
	if !slices.Equal(values(seen), want) {
		t.Errorf("%d samples, want %d in order", len(seen), len(want))
	}
	disk{j}.sync()
	if (tidier{j}).retain(t.Context()); len(j.files.segments) > 1 {
		t.Errorf("%d segments are left when all is delivered", len(j.files.segments))
	}
	if _, err := j.Next(t.Context(), p, everything, &v); err != nil || j.cursors["s"].lagged.d != nil {
		t.Error("a sink that has caught up still holds a file open")
	}
}

// TestLaggingBeginsAgain lets a sink that reads files go back to what it has not acknowledged, as after a reload.
func TestLaggingBeginsAgain(t *testing.T) {
	d, samples := damageable(t, 5, 12)
	j := openOn(t, d, Options{})
	p, _ := j.Start("s", "start")
	for _, most := range []int{1, 40, 70, samples} {
		var v sinks.View
		for at, n := p, 0; n < most; n += v.Len() {
			var err error
			if at, err = j.Next(t.Context(), at, sinks.Query{Sink: "s", Max: 7}, &v); err != nil || v.Lost > 0 {
				t.Fatalf("after %d samples: lost %d, error %v", n, v.Lost, err)
			}
			for i, s := range v.Batches[0].Samples {
				if want := int(at) - v.Len() + i; int(s.Bits) != want {
					t.Fatalf("value %d, want %d", s.Bits, want)
				}
			}
		}
	}
}

// TestEvictedButWritten overfills the tail with what is written and not synced: nothing of that is lost.
func TestEvictedButWritten(t *testing.T) {
	j := openOn(t, newMemFolder(), Options{Tail: chunkSize})
	p, _ := j.Start("s", "now")
	for i := range 1000 {
		appendCount(t, j, countGroup("a", 100), 100*i)
		disk{j}.flush()
	}
	if first := j.tail.first(); first == 0 {
		t.Fatal("the tail holds everything: the test shows nothing")
	}
	seen, _, lost := drain(t, j, p, everything)
	if lost > 0 || !slices.Equal(values(seen), numbers(0, 100_000)) {
		t.Errorf("%d samples, lost %d, want 100000 in order", len(seen), lost)
	}
}
