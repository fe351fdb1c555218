package drivers

import "time"

// RequestBuckets are the upper bounds of the buckets of Histogram; the last bucket has none.
var RequestBuckets = [...]time.Duration{
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond,
	50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second,
}

// Histogram counts how long answered exchanges took. Counts are of each bucket alone, not cumulative.
type Histogram struct {
	Counts [len(RequestBuckets) + 1]uint64
	Sum    time.Duration
}

func (h *Histogram) add(d time.Duration) {
	i := 0
	for i < len(RequestBuckets) && d > RequestBuckets[i] {
		i++
	}
	h.Counts[i]++
	h.Sum += d
}
