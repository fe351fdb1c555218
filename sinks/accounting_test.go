package sinks_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// moody is a sink that is down while it is told so, and refuses every value that ends in 13.
type moody struct {
	mu   sync.Mutex
	down bool
	got  []uint64
}

func (m *moody) set(down bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = down
}

func (m *moody) Send(_ context.Context, v *sinks.View) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.down {
		return 0, errors.New("connection refused")
	}
	var values []uint64
	for i := range v.Batches {
		for _, s := range v.Batches[i].Samples {
			if s.Bits%100 == 13 {
				return 0, &sinks.Fault{Action: sinks.Refuse, Err: errors.New("unlucky")}
			}
			values = append(values, s.Bits)
		}
	}
	m.got = append(m.got, values...)
	return v.Len(), nil
}

func (m *moody) Close() error { return nil }

// TestJournalAndForwarderAccountForEverySample lets a sink be away for longer than the journal's memory reaches: what
// was appended is delivered, rejected or counted as lost, each sample once and in order.
func TestJournalAndForwarderAccountForEverySample(t *testing.T) {
	lost := uint64(0)
	for seed := range uint64(5) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 3))
			j, err := journal.Open(journal.Options{Tail: 64 << 10})
			if err != nil {
				t.Fatal(err)
			}
			sink := &moody{}
			start, fresh := j.Start("historian", "now")
			f := sinks.NewForwarder(sinks.ForwarderOptions{
				Name: "historian", Log: j, Sink: sink, Start: start, Fresh: fresh, Batch: 500,
				Reject: sinks.NewRejects(sinks.RejectsOptions{Dir: t.TempDir(), MaxSize: 1 << 20}),
			})
			ctx, cancel := context.WithCancel(context.Background())
			ended := make(chan error, 2)
			go func() { ended <- j.Run(ctx) }()
			go func() { ended <- f.Run(ctx) }()

			var series []*mapping.Series
			for _, tag := range []string{"a", "b", "c", "d", "e", "f", "g"} {
				series = append(series, &mapping.Series{Tag: tag, Field: tag, SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Uint}})
			}
			poll := &mapping.Batch{Group: mapping.NewGroup(mapping.Group{Bridge: "b", Device: "d", Series: series})}
			appended := uint64(0)
			for range 3000 {
				poll.Reset(poll.Group)
				for i := range series {
					s := mapping.Sample{Time: time.Now().UnixNano(), Index: uint16(i), Kind: mapping.Uint, Bits: appended}
					poll.Samples = append(poll.Samples, s)
					appended++
				}
				if err := j.Append(poll); err != nil {
					t.Fatal(err)
				}
				if rnd.IntN(400) == 0 {
					sink.set(true)
				} else if rnd.IntN(600) == 0 {
					sink.set(false)
				}
				time.Sleep(100 * time.Millisecond)
			}
			sink.set(false)
			time.Sleep(time.Minute)
			if err := f.Drain(context.Background()); err != nil {
				t.Error(err)
			}
			s := f.Stats()
			if s.Delivered+s.Rejected+s.Lost != appended || s.Behind != 0 {
				t.Errorf("seed %d: %d delivered, %d rejected and %d lost of %d", seed, s.Delivered, s.Rejected, s.Lost, appended)
			}
			lost += s.Lost
			if s.Delivered != uint64(len(sink.got)) || s.Rejected == 0 {
				t.Errorf("seed %d: %d counted as delivered, the sink has %d; %d rejected", seed, s.Delivered, len(sink.got), s.Rejected)
			}
			for i := 1; i < len(sink.got); i++ {
				if sink.got[i] <= sink.got[i-1] {
					t.Fatalf("seed %d: value %d after %d", seed, sink.got[i], sink.got[i-1])
				}
			}
			cancel()
			<-ended
			<-ended
		})
	}
	if lost == 0 {
		t.Error("no outage was longer than the journal's memory: nothing was tried")
	}
}
