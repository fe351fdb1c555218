package influx

import (
	"context"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
	"tagbridge/testrig/influxd"
)

// BenchmarkDrain delivers a million samples that wait in the journal's memory, over loopback and over a line with 50 ms
// of round trip.
func BenchmarkDrain(b *testing.B) {
	for name, latency := range map[string]time.Duration{"loopback": 0, "50ms": 50 * time.Millisecond} {
		b.Run(name, func(b *testing.B) {
			db, url := server(b, influxd.Options{Keep: influxd.KeepCount})
			db.Always(influxd.Step{Latency: latency})
			s := open(b, Options{URL: url, Gzip: true, Precision: mapping.Milliseconds})
			polls := noisy()
			const samples = 1_000_000
			var spent time.Duration
			for b.Loop() {
				j, err := journal.Open(journal.Options{Tail: 64 << 20})
				if err != nil {
					b.Fatal(err)
				}
				ctx, cancel := context.WithCancel(context.Background())
				ended := make(chan error, 2)
				start, _ := j.Start("historian", "now")
				go func() { ended <- j.Run(ctx) }()
				for n := 0; n < samples; {
					for i := range polls.Batches {
						poll := &polls.Batches[i]
						for k := range poll.Samples {
							poll.Samples[k].Time += int64(time.Second)
						}
						if err := j.Append(poll); err != nil {
							b.Fatal(err)
						}
						n += len(poll.Samples)
					}
				}
				f := sinks.NewForwarder(sinks.ForwarderOptions{Name: "historian", Log: j, Sink: s, Start: start})
				begin := time.Now()
				go func() { ended <- f.Run(ctx) }()
				if err := f.Drain(context.Background()); err != nil {
					b.Fatal(err)
				}
				spent += time.Since(begin)
				if got := f.Stats(); got.Delivered != samples || got.Lost != 0 {
					b.Fatalf("delivered %d, lost %d", got.Delivered, got.Lost)
				}
				cancel()
				<-ended
				<-ended
			}
			b.ReportMetric(float64(b.N)*samples/spent.Seconds(), "samples/s")
		})
	}
}
