package journal

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// perSample reports time by sample beside time by operation.
func perSample(b *testing.B, samples int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(samples), "ns/sample")
}

func BenchmarkEncode(b *testing.B) {
	for _, n := range []int{500, 20} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var batch mapping.Batch
			poll(rand.New(rand.NewPCG(1, 2)), &batch, plantGroup("boiler", n), 1_700_000_000_123_456_789)
			var e encoder
			b.ReportAllocs()
			for b.Loop() {
				if err := e.encode(&batch, batch.Samples); err != nil {
					b.Fatal(err)
				}
			}
			perSample(b, n)
			b.ReportMetric(float64(len(e.record))/float64(n), "B/sample")
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, n := range []int{500, 20} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var batch mapping.Batch
			g := plantGroup("boiler", n)
			poll(rand.New(rand.NewPCG(1, 2)), &batch, g, 1_700_000_000_123_456_789)
			record := encoded(b, &batch, 0)
			b.ReportAllocs()
			for b.Loop() {
				if err := parseSamples(record[headerSize:], n, g, &batch); err != nil {
					b.Fatal(err)
				}
			}
			perSample(b, n)
		})
	}
}

// BenchmarkAppend is with one sink that keeps up: what it takes is a part of it.
func BenchmarkAppend(b *testing.B) {
	for _, n := range []int{500, 20} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			j, _ := Open(Options{})
			p, _ := j.Start("s", "now")
			var batch mapping.Batch
			poll(rand.New(rand.NewPCG(1, 2)), &batch, plantGroup("boiler", n), 1_700_000_000_123_456_789)
			b.ReportAllocs()
			for b.Loop() {
				if err := j.Append(&batch); err != nil {
					b.Fatal(err)
				}
				if p += sinks.Pos(n); p%10_000 == 0 {
					if err := j.Ack("s", p, sinks.Dealt{}); err != nil {
						b.Fatal(err)
					}
				}
			}
			perSample(b, n)
		})
	}
}

func BenchmarkNext(b *testing.B) {
	for _, n := range []int{500, 20} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			const most = 5000
			j, _ := Open(Options{})
			j.Start("s", "now")
			var batch mapping.Batch
			r := rand.New(rand.NewPCG(1, 2))
			for d := range 100_000 / n {
				poll(r, &batch, plantGroup(fmt.Sprint("boiler", d%100), n), 1_700_000_000_123_456_789)
				if err := j.Append(&batch); err != nil {
					b.Fatal(err)
				}
			}
			var v sinks.View
			p := sinks.Pos(0)
			b.ReportAllocs()
			for b.Loop() {
				q, err := j.Next(b.Context(), p, sinks.Query{Sink: "s", Max: most}, &v)
				if err != nil || v.Len() != most {
					b.Fatal(v.Len(), err)
				}
				if p = q; p == 100_000 {
					p = 0
				}
			}
			perSample(b, most)
		})
	}
}

// BenchmarkDrain is a sink that reads a backlog from files.
func BenchmarkDrain(b *testing.B) {
	for _, n := range []int{500, 20} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			const samples = 2_000_000
			j, err := Open(Options{Dir: b.TempDir(), Tail: 1 << 20, Sync: time.Second})
			if err != nil {
				b.Fatal(err)
			}
			defer j.Close()
			j.Start("s", "now")
			fillJournal(b, j, samples, n)
			var v sinks.View
			p := sinks.Pos(0)
			read := 0
			b.ReportAllocs()
			for b.Loop() {
				q, err := j.Next(b.Context(), p, sinks.Query{Sink: "s", Max: 50_000}, &v)
				if err != nil || v.Lost > 0 {
					b.Fatal(v.Lost, err)
				}
				read += v.Len()
				if p = q; p == samples {
					p = 0
				}
			}
			b.ReportMetric(float64(read)/b.Elapsed().Seconds(), "samples/s")
		})
	}
}

// fillJournal appends and writes so many samples, in polls of n.
func fillJournal(b *testing.B, j *Journal, samples, n int) {
	var batch mapping.Batch
	r := rand.New(rand.NewPCG(1, 2))
	groups := make([]*mapping.Group, 100)
	for i := range groups {
		groups[i] = plantGroup(fmt.Sprint("boiler", i), n)
	}
	for i := range samples / n {
		if i%100 == 0 {
			poll(r, &batch, groups[0], 1_700_000_000_123_456_789)
		}
		batch.Group = groups[i%100]
		if err := j.Append(&batch); err != nil {
			b.Fatal(err)
		}
		if i%(100_000/n) == 0 {
			disk{j}.flush()
			disk{j}.sync()
		}
	}
	disk{j}.flush()
	disk{j}.sync()
}

// BenchmarkOpen opens a journal of a gigabyte.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	j, err := Open(Options{Dir: dir, Sync: time.Second, MaxSize: 2 << 30})
	if err != nil {
		b.Fatal(err)
	}
	j.Start("s", "now")
	fillJournal(b, j, 300_000_000, 500)
	size := j.Bytes()
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		j, err := Open(Options{Dir: dir, MaxSize: 2 << 30})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		j.Close()
		b.StartTimer()
	}
	b.ReportMetric(float64(size)/(1<<20), "MiB")
}
