package reckon

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/window"
)

// manyWindows is a reckoner of n windows, each over a tag of its own, and a poll of these.
func manyWindows(_ testing.TB, n int) (*Reckoner, *mapping.Batch) { return windowsOf(manyTags(n)) }

// manyTags are the samples of n tags.
func manyTags(n int) *mapping.Batch {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("t%d", i))
	}
	b := &mapping.Batch{Group: groupOf("plant", names...)}
	for i := range n {
		b.Samples = append(b.Samples, mapping.Sample{Kind: mapping.F64, Bits: floatBits(float64(i)), Index: uint16(i)})
	}
	return b
}

// windowsOf is a reckoner with a window over each tag of b.
func windowsOf(b *mapping.Batch) (*Reckoner, *mapping.Batch) {
	var list []Spec
	for _, s := range b.Group.Series {
		o := mapping.Reckoned{Aggregate: window.TimeAverage, Span: window.Span{Length: time.Hour}, Hold: time.Minute, Grace: time.Second}
		list = append(list, Spec{Device: "hall", Tag: s.Tag, Input: "plant/" + s.Tag, Machine: NewWindow(&o)})
	}
	r := New(list)
	next(b)
	r.Put(b)
	return r, b
}

// next has the samples of b be of a second later.
func next(b *mapping.Batch) {
	for i := range b.Samples {
		b.Samples[i].Time += int64(time.Second)
	}
}

// BenchmarkPut puts a sample of each of 1,000 windows; ns/op are of one sample.
func BenchmarkPut(b *testing.B) {
	r, batch := manyWindows(b, 1000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%1000 == 0 {
			next(batch)
			r.Put(batch)
			r.Tick(batch.Samples[0].Time)
			r.Take(0)
			r.Taken()
			r.told = r.told[:0]
		}
	}
}

// BenchmarkState makes the state of 1,000 windows.
func BenchmarkState(b *testing.B) {
	r, _ := manyWindows(b, 1000)
	var state []byte
	b.ReportAllocs()
	for b.Loop() {
		state = r.AppendState(state[:0])
	}
	b.ReportMetric(float64(len(state))/1000, "B/window")
}

// TestPutAllocatesNothing has samples put, and windows end.
func TestPutAllocatesNothing(t *testing.T) {
	r, b := manyWindows(t, 100)
	run := func() {
		for range 2 * 3600 {
			next(b)
			r.Put(b)
		}
		r.Tick(b.Samples[0].Time)
		r.Take(0)
		r.Taken()
		r.told = r.told[:0]
	}
	run()
	if n := testing.AllocsPerRun(3, run); n > 0 {
		t.Errorf("%v allocations in two hours of 100 windows", n)
	}
}

// TestWindowsAreSmall has 10,000 windows take less than 1 kB each.
func TestWindowsAreSmall(t *testing.T) {
	b := manyTags(10_000)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	r, _ := windowsOf(b)
	runtime.GC()
	runtime.ReadMemStats(&after)
	each := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / 10_000
	t.Logf("%d bytes a window, with its input and the names of both", each)
	if each > 1024 {
		t.Errorf("a window takes %d bytes", each)
	}
	runtime.KeepAlive(r)
	runtime.KeepAlive(b)
}
