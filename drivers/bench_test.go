package drivers

import (
	"context"
	"testing"
	"time"

	"tagbridge/mapping"
)

// instant is a link that answers at once.
type instant struct{ steps int }

func (instant) Open(context.Context) error { return nil }
func (instant) Close() error               { return nil }

func (l instant) Do(_ context.Context, j *Job, step int, b *mapping.Batch) (int, error) {
	n := len(j.Group.Series)
	for i := step * n / l.steps; i < (step+1)*n/l.steps; i++ {
		b.Samples = append(b.Samples, mapping.Sample{Kind: mapping.F32, Index: uint16(i), Bits: uint64(i)})
	}
	return (step + 1) % l.steps, nil
}

// polling is a lane set up as Run does, that makes polls of its jobs on demand.
func polling(jobs ...*Job) func() {
	l := NewLane(instant{steps: 4}, LaneOptions{})
	l.timer = time.NewTimer(time.Hour)
	l.start(l.now().mono)
	l.Apply(jobs)
	l.adopt()
	ctx := context.Background()
	l.open(ctx)
	l.resume(l.now().mono)
	return func() {
		for _, j := range jobs {
			j.sched.restart(l.now().mono)
			l.agenda.wait(j)
		}
		for {
			now := l.now()
			l.tidy(now)
			j := l.agenda.take(now.mono)
			if j == nil {
				break
			}
			if err := l.exchange(ctx, j); err != nil {
				panic(err)
			}
		}
		l.out.flush()
	}
}

func TestPollAllocatesNothing(t *testing.T) {
	poll := polling(newJob(1, time.Hour, 100), newJob(2, time.Hour, 100))
	poll()
	if n := testing.AllocsPerRun(100, poll); n != 0 {
		t.Errorf("a poll makes %v allocations, want 0", n)
	}
}

func BenchmarkPoll(b *testing.B) {
	for _, tags := range []int{20, 500} {
		b.Run(map[int]string{20: "20 tags", 500: "500 tags"}[tags], func(b *testing.B) {
			poll := polling(newJob(1, time.Hour, tags))
			b.ReportAllocs()
			for b.Loop() {
				poll()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*tags), "ns/sample")
		})
	}
}
