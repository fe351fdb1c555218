package bridge

import (
	"sync"
	"time"
)

// FsyncBuckets are the bounds of FsyncTimes.Counts.
var FsyncBuckets = [...]time.Duration{
	time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond, 2 * time.Second,
}

// FsyncTimes is how long syncs of the journal took.
type FsyncTimes struct {
	Counts [len(FsyncBuckets)]uint64 // those that took at most the bound, among them those that took less
	Total  uint64
	Sum    time.Duration
}

// fsyncs counts how long syncs of the journal took.
type fsyncs struct {
	mu sync.Mutex
	t  FsyncTimes
}

func (f *fsyncs) observe(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.t.Total++
	f.t.Sum += d
	for i, bound := range FsyncBuckets {
		if d <= bound {
			f.t.Counts[i]++
		}
	}
}

func (f *fsyncs) state() FsyncTimes {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.t
}
