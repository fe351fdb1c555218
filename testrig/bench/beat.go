package main

import (
	"math"
	"slices"
	"time"
)

// beat is how steadily a device is read.
type beat struct {
	deviations []time.Duration // of each poll from the steady beat
	missed     int             // beats without a poll
}

// beatOf compares the times of polls, nanoseconds ascending, with the grid of the period that fits them best: the one
// that half of them are before and half behind.
func beatOf(polls []int64, period time.Duration) beat {
	if len(polls) == 0 {
		return beat{}
	}
	var b beat
	off := make([]int64, len(polls))
	last := int64(0)
	for i, t := range polls {
		n := int64(math.Round(float64(t-polls[0]) / float64(period)))
		off[i] = t - polls[0] - n*int64(period)
		if i > 0 && n > last+1 {
			b.missed += int(n - last - 1)
		}
		last = n
	}
	sorted := slices.Sorted(slices.Values(off))
	middle := sorted[len(sorted)/2]
	for _, o := range off {
		b.deviations = append(b.deviations, time.Duration(max(o-middle, middle-o)))
	}
	return b
}

// quantile is the smallest of sorted that q of all are not above.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(math.Ceil(q*float64(len(sorted))))-1, len(sorted)-1)]
}
