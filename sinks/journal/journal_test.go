package journal

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// countGroup is a group of n series of integers.
func countGroup(device string, n int) *mapping.Group {
	g := mapping.Group{Bridge: "b", Device: device, Measurement: device}
	for i := range n {
		tag := fmt.Sprint("t", i)
		g.Series = append(g.Series, &mapping.Series{Tag: tag, Field: tag, SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Int64}})
	}
	return mapping.NewGroup(g)
}

// count fills b with one sample for each series of g, the values numbered from n on.
func count(b *mapping.Batch, g *mapping.Group, n int) {
	b.Reset(g)
	now := time.Now().UnixNano()
	for i := range g.Series {
		put(b, now, i, mapping.Int64, uint64(n+i))
	}
}

// got is one sample as a sink sees it.
type got struct {
	device, tag string
	value       int64
}

func collect(seen []got, v *sinks.View) []got {
	for i := range v.Batches {
		b := &v.Batches[i]
		for _, s := range b.Samples {
			seen = append(seen, got{b.Group.Device, b.Group.Series[s.Index].Tag, int64(s.Bits)})
		}
	}
	return seen
}

func match(t testing.TB, patterns ...string) *sinks.Match {
	t.Helper()
	p, err := mapping.ParsePatterns(patterns)
	if err != nil {
		t.Fatal(err)
	}
	return sinks.NewMatch(p)
}

func open(t testing.TB, o Options) *Journal {
	t.Helper()
	j, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func appendCount(t testing.TB, j *Journal, g *mapping.Group, n int) {
	t.Helper()
	var b mapping.Batch
	count(&b, g, n)
	if err := j.Append(&b); err != nil {
		t.Fatal(err)
	}
}

// drain reads all that is there for a sink from p on, acknowledging it, and returns it and what was lost.
func drain(t testing.TB, j *Journal, p sinks.Pos, q sinks.Query) (seen []got, end sinks.Pos, lost uint64) {
	t.Helper()
	q.Flush = 0
	var v sinks.View
	for p < j.End() {
		next, err := j.Next(context.Background(), p, q, &v)
		if err != nil {
			t.Fatal(err)
		}
		if v.Len() > q.Max {
			t.Fatalf("Next returned %d samples, want at most %d", v.Len(), q.Max)
		}
		if next == p {
			t.Fatalf("Next does not move on from %d of %d", p, j.End())
		}
		seen, p, lost = collect(seen, &v), next, lost+v.Lost
		if err := j.Ack(q.Sink, p, sinks.Dealt{}); err != nil {
			t.Fatal(err)
		}
	}
	return seen, p, lost
}

func TestNextInOrder(t *testing.T) {
	for _, size := range []int{1, 7, 100, 1000} {
		j := open(t, Options{})
		p, fresh := j.Start("s", "now")
		if p != 0 || !fresh {
			t.Fatalf("Start = %d, %v, want 0, true", p, fresh)
		}
		g, h := countGroup("a", 30), countGroup("b", 5)
		for i := range 20 {
			appendCount(t, j, g, i*35)
			appendCount(t, j, h, i*35+30)
		}
		seen, end, lost := drain(t, j, p, sinks.Query{Sink: "s", Max: size})
		if end != 700 || lost != 0 || len(seen) != 700 {
			t.Fatalf("batches of %d: %d samples, end %d, lost %d, want 700, 700, 0", size, len(seen), end, lost)
		}
		for i, s := range seen {
			if s.value != int64(i) {
				t.Fatalf("batches of %d: sample %d has value %d", size, i, s.value)
			}
		}
	}
}

func TestNextMatches(t *testing.T) {
	j := open(t, Options{})
	p, _ := j.Start("s", "now")
	for i := range 100 {
		appendCount(t, j, countGroup("a", 10), 10*i)
		appendCount(t, j, countGroup("other", 10), 0)
	}
	seen, end, _ := drain(t, j, p, sinks.Query{Sink: "s", Max: 16, Match: match(t, "a/t3", "a/t7")})
	if len(seen) != 200 || end != 2000 {
		t.Fatalf("%d samples up to %d, want 200 up to 2000", len(seen), end)
	}
	for i, s := range seen {
		if want := int64(i/2*10 + 3 + i%2*4); s.value != want || s.device != "a" {
			t.Fatalf("sample %d is %v, want value %d", i, s, want)
		}
	}
}

func TestNextAgain(t *testing.T) {
	j := open(t, Options{})
	p, _ := j.Start("s", "now")
	appendCount(t, j, countGroup("a", 10), 0)
	for range 2 {
		var v sinks.View
		if _, err := j.Next(t.Context(), p, sinks.Query{Sink: "s", Max: 100}, &v); err != nil || v.Len() != 10 {
			t.Fatalf("read %d samples, error %v, want 10 as nothing is acknowledged", v.Len(), err)
		}
	}
	if err := j.Ack("s", 11, sinks.Dealt{}); err == nil {
		t.Error("a position behind the end was acknowledged")
	}
	if err := j.Ack("nobody", 1, sinks.Dealt{}); err == nil {
		t.Error("an unknown sink acknowledged")
	}
	for _, p := range []sinks.Pos{4, 10, 4} {
		if err := j.Ack("s", p, sinks.Dealt{}); err != nil {
			t.Errorf("ack %d: %v", p, err)
		}
	}
	if p, fresh := j.Start("s", "now"); p != 10 || !fresh {
		t.Errorf("Start = %d, %v, want 10, true: nobody says that the sink has its present values", p, fresh)
	}
	j.Settle("s")
	if p, fresh := j.Start("s", "now"); p != 10 || fresh {
		t.Errorf("Start = %d, %v, want 10, false", p, fresh)
	}
}

func TestStartFrom(t *testing.T) {
	j := open(t, Options{})
	j.Start("first", "now")
	appendCount(t, j, countGroup("a", 10), 0)
	if p, _ := j.Start("old", "start"); p != 0 {
		t.Errorf("from start = %d, want 0", p)
	}
	if p, _ := j.Start("new", "now"); p != 10 {
		t.Errorf("from now = %d, want 10", p)
	}
	j.Leave("old")
	if err := j.Ack("first", 10, sinks.Dealt{}); err != nil {
		t.Fatal(err)
	}
	if n := j.Bytes(); n != 0 {
		t.Errorf("%d bytes are kept for nobody", n)
	}
}

func TestAppendLarge(t *testing.T) {
	j := open(t, Options{})
	p, _ := j.Start("s", "now")
	g := mapping.NewGroup(mapping.Group{Series: []*mapping.Series{{Tag: "t", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Text}}}})
	b := mapping.Batch{Group: g}
	var want []string
	for i := range 3*maxSamples/2 + 5 {
		put(&b, 1, 0, mapping.Text, uint64(i))
		want = append(want, fmt.Sprint("text ", i))
	}
	for range 3 {
		s := put(&b, 1, 0, mapping.None, 0)
		s.Quality = 0
		b.PutText(s, make([]byte, 900_000))
		want = append(want, string(make([]byte, 900_000)))
	}
	if err := j.Append(&b); err != nil {
		t.Fatal(err)
	}
	var seen []string
	var v sinks.View
	for p < j.End() {
		var err error
		if p, err = j.Next(t.Context(), p, sinks.Query{Sink: "s", Max: 100_000}, &v); err != nil {
			t.Fatal(err)
		}
		for i := range v.Batches {
			for k := range v.Batches[i].Samples {
				seen = append(seen, string(v.Batches[i].Text(&v.Batches[i].Samples[k])))
			}
		}
	}
	if !slices.Equal(seen, want) {
		t.Errorf("%d texts, want %d, in order", len(seen), len(want))
	}
	put(&b, 1, 0, mapping.None, 0).Quality = 0
	b.PutText(&b.Samples[len(b.Samples)-1], make([]byte, maxPayload))
	if err := j.Append(&mapping.Batch{Group: g, Samples: b.Samples[len(b.Samples)-1:], Blob: b.Blob}); err == nil {
		t.Error("a text larger than any record was taken")
	}
	end := j.End()
	put(&b, 1, 0, mapping.Text, 7)
	if err := j.Append(&mapping.Batch{Group: g, Samples: b.Samples[len(b.Samples)-2:], Blob: b.Blob}); err == nil || j.End() != end+1 {
		t.Errorf("behind a text larger than any record %d samples were taken, %v, want the one and an error", j.End()-end, err)
	}
}

func TestAppendKeepsNothing(t *testing.T) {
	j := open(t, Options{})
	p, _ := j.Start("s", "now")
	var b mapping.Batch
	count(&b, countGroup("a", 10), 0)
	if err := j.Append(&b); err != nil {
		t.Fatal(err)
	}
	clear(b.Samples)
	seen, _, _ := drain(t, j, p, sinks.Query{Sink: "s", Max: 10})
	if seen[9].value != 9 {
		t.Errorf("the lane's change of its batch reached the sink: %v", seen)
	}
}
