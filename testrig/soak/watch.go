package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tagbridge/testrig/subject"
)

// watch is what the bridge used over time.
type watch struct {
	memory     []float64 // resident bytes
	goroutines []float64
}

// run looks every interval until ctx ends or the bridge does.
func (w *watch) run(ctx context.Context, b *subject.Bridge, interval time.Duration) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err, yes := b.Exited(); yes {
			return fmt.Errorf("the bridge ended by itself: %v\n%s", err, b.LastLog())
		}
		m, err := b.Metrics()
		if err != nil {
			return fmt.Errorf("metrics: %w", err)
		}
		w.memory = append(w.memory, m["process_resident_memory_bytes"])
		w.goroutines = append(w.goroutines, m["go_goroutines"])
	}
}

// grows reports whether the last quarter of what was seen lies above the second by more than share and slack: the
// first is the warm-up.
func grows(seen []float64, share, slack float64) (early, late float64, yes bool) {
	n := len(seen) / 4
	if n == 0 {
		return 0, 0, false
	}
	early, late = median(seen[n:2*n]), median(seen[len(seen)-n:])
	return early, late, late > early*(1+share)+slack
}

func median(v []float64) float64 {
	return slices.Sorted(slices.Values(v))[len(v)/2]
}
