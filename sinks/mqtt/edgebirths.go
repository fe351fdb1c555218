package mqtt

import (
	"sync/atomic"
	"time"
)

// births are those that hosts ask for. Any number of requests until they begin is one; who asks while they are under way, or
// soon after, gets them once more, a while later: so that hundreds of requests a second cost one birth a second, and data
// goes on.
type births struct {
	asked atomic.Bool // by a host
	now   bool        // they are due: the introduction was asked for
	last  time.Time   // when a host got them last
	made  time.Time   // when any were made last
}

// birthPause is the time between births that hosts ask for.
const birthPause = time.Second

// ask notes that a host asks.
func (b *births) ask() { b.asked.Store(true) }

// due reports that it is time for what a host asked for; when it is not yet, alarm rings then.
func (b *births) due(now time.Time, alarm *time.Timer) bool {
	if b.now {
		return true
	}
	if !b.asked.Load() {
		return false
	}
	if left := b.last.Add(birthPause).Sub(now); left > 0 {
		alarm.Reset(left)
		return false
	}
	return true
}

// take notes that births are due, and reports that a host asked for them.
func (b *births) take() bool {
	b.now = b.asked.Load()
	return b.now
}

// begin notes that births begin, and reports that a host asked for them.
func (b *births) begin(now time.Time) bool {
	asked := b.asked.Swap(false)
	if asked || b.now {
		b.last = now
	}
	asked = asked || b.now
	b.now = false
	return asked
}
