package drivers

import (
	"sync"
	"time"
)

// meter measures which share of its time a line is in exchanges, over windows of meterWindow.
type meter struct {
	mu     sync.Mutex
	begun  time.Duration // the running window
	busy   time.Duration // in it
	share  float64       // in the one before
	full   bool          // there was one before
	total  time.Duration
	trades uint64 // exchanges
}

const meterWindow = 10 * time.Second

func (m *meter) start(now time.Duration) {
	m.mu.Lock()
	m.begun = now
	m.mu.Unlock()
}

func (m *meter) add(begin, end time.Duration) {
	m.mu.Lock()
	m.busy += end - begin
	m.total += end - begin
	m.trades++
	m.roll(end)
	m.mu.Unlock()
}

func (m *meter) roll(now time.Duration) {
	if window := now - m.begun; window >= meterWindow {
		m.share, m.full = float64(m.busy)/float64(window), true
		m.begun, m.busy = now, 0
	}
}

// read is the share in the last whole window, or as yet in the first.
func (m *meter) read(now time.Duration) (share float64, total time.Duration, exchanges uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.roll(now)
	share = m.share
	if window := now - m.begun; !m.full && window > 0 {
		share = float64(m.busy) / float64(window)
	}
	return min(share, 1), m.total, m.trades
}
