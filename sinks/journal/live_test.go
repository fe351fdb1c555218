package journal

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// BenchmarkLive is 100 lanes of 500 tags at ten times the pace of the plant, with a sink that keeps up: it shows what
// processor time and disk a sample costs, and how long an append takes at worst.
func BenchmarkLive(b *testing.B) {
	for _, c := range []struct {
		name string
		o    Options
	}{
		{"memory", Options{}},
		{"nosync", Options{Dir: "x", Sync: time.Hour}},
		{"250ms", Options{Dir: "x", Sync: 250 * time.Millisecond}},
		{"sync0", Options{Dir: "x"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			if c.o.Dir != "" {
				c.o.Dir = b.TempDir()
			}
			live(b, c.o)
		})
	}
}

func live(b *testing.B, o Options) {
	j, err := Open(o)
	if err != nil {
		b.Fatal(err)
	}
	stop := runJournal(b, j)
	p, _ := j.Start("s", "now")
	ctx, cancel := context.WithCancel(context.Background())
	var sink sync.WaitGroup
	sink.Go(func() {
		var v sinks.View
		for {
			next, err := j.Next(ctx, p, sinks.Query{Sink: "s", Max: 5000, Flush: time.Second}, &v)
			if err != nil {
				return
			}
			p = next
			j.Ack("s", p, sinks.Dealt{})
		}
	})
	const lanes, tags = 100, 500
	batches := make([]mapping.Batch, lanes)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range batches {
		poll(r, &batches[i], plantGroup(fmt.Sprint("boiler", i), tags), 0)
	}
	before := processTime()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	worst := time.Duration(0)
	for b.Loop() { // a tenth of a second of the plant at ten times its pace
		<-ticker.C
		now := time.Now()
		for i := range batches {
			for k := range batches[i].Samples {
				batches[i].Samples[k].Time = now.UnixNano()
			}
			began := time.Now()
			if err := j.Append(&batches[i]); err != nil {
				b.Fatal(err)
			}
			worst = max(worst, time.Since(began))
		}
	}
	samples := float64(b.N * lanes * tags)
	b.ReportMetric(float64(processTime()-before)/samples, "cpu-ns/sample")
	b.ReportMetric(float64(worst.Microseconds()), "worst-append-us")
	b.ReportMetric(float64(j.Bytes())/samples, "B/sample")
	cancel()
	sink.Wait()
	stop()
	j.Close()
}

func processTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
