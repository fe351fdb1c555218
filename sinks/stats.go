package sinks

import (
	"sync"
	"sync/atomic"
	"time"
)

// Stats is what a forwarder has done so far.
type Stats struct {
	Connected bool   // the last Send was answered, be it with a refusal, and none hangs
	Delivered uint64 // samples of the log that the sink acknowledged
	Present   uint64 // present values, beside those, that it acknowledged
	Rejected  uint64 // samples the sink refused
	Resent    uint64 // samples that it refused and acknowledged when they were sent again
	// Inherited and InheritedRefused are samples that another process left, and that the sink acknowledged and refused.
	Inherited, InheritedRefused uint64

	Lost uint64 // samples that were gone from the log before the sink could take them; the log knows why
	// Dropped is how many of the rejected samples are not kept any more either, by reason.
	Dropped     map[string]uint64
	Retries     uint64    // tries after the first one of a batch
	Behind      uint64    // samples of the log, matching or not, behind the last acknowledged
	OldestUnack time.Time // when the oldest sample under way was read; zero when none is
	SetAside    int       // series whose samples go to the reject store untried
	Position    Pos
	Sending     time.Duration // since when a Send under way has made no progress; 0 when none is under way
	Error       string        // of the last Send, or that the present one hangs; "" when it was taken
}

// The reasons of dropped samples.
const (
	DroppedRotated    = "rejected_rotated"    // refused, and gone with the oldest file of the reject store
	DroppedUnwritable = "rejected_unwritable" // refused, and the reject store could not be written
)

// counters are the live figures behind Stats; the forwarder's goroutine writes them, anybody reads them.
type counters struct {
	connected          atomic.Bool
	delivered, present atomic.Uint64
	rejected, resent   atomic.Uint64
	lost, retries      atomic.Uint64
	inherited          atomic.Uint64
	inheritedRefused   atomic.Uint64
	position           atomic.Uint64
	oldest             atomic.Int64 // nanoseconds; 0: none
	aside              atomic.Int64
	began              time.Time
	sending            atomic.Int64 // when the Send under way made progress, in nanoseconds since began; 0: none is

	mu  sync.Mutex
	err string
}

// goOn lets the counts begin where those of an earlier forwarder ended.
func (c *counters) goOn(s *Stats) {
	c.delivered.Store(s.Delivered)
	c.present.Store(s.Present)
	c.rejected.Store(s.Rejected)
	c.resent.Store(s.Resent)
	c.lost.Store(s.Lost)
	c.inherited.Store(s.Inherited)
	c.inheritedRefused.Store(s.InheritedRefused)
	c.retries.Store(s.Retries)
}

func (c *counters) setError(text string) {
	c.mu.Lock()
	c.err = text
	c.mu.Unlock()
}

// move notes that a Send begins, or makes progress.
func (c *counters) move() { c.sending.Store(max(int64(time.Since(c.began)), 1)) }

// rest notes that no Send is under way.
func (c *counters) rest() { c.sending.Store(0) }

// still is for how long the Send under way has made no progress.
func (c *counters) still() time.Duration {
	at := c.sending.Load()
	if at == 0 {
		return 0
	}
	return time.Since(c.began) - time.Duration(at)
}

// behind is how many samples of log are still to be acknowledged.
func (c *counters) behind(log Log) uint64 {
	end, at := log.End(), Pos(c.position.Load())
	if end <= at {
		return 0
	}
	return uint64(end - at)
}

// Stats is the state of the forwarder now. It is safe for concurrent use.
func (f *Forwarder) Stats() Stats {
	c := &f.stats
	s := Stats{
		Connected: c.connected.Load(),
		Delivered: c.delivered.Load(),
		Present:   c.present.Load(),
		Rejected:  c.rejected.Load(),
		Resent:    c.resent.Load(),
		Inherited: c.inherited.Load(), InheritedRefused: c.inheritedRefused.Load(),
		Lost:     c.lost.Load(),
		Retries:  c.retries.Load(),
		SetAside: int(c.aside.Load()),
		Position: Pos(c.position.Load()),
		Behind:   c.behind(f.o.Log),
		Dropped:  make(map[string]uint64),
	}
	if t := c.oldest.Load(); t != 0 {
		s.OldestUnack = time.Unix(0, t)
	}
	c.mu.Lock()
	s.Error = c.err
	c.mu.Unlock()
	if s.Sending = c.still(); s.Sending >= hangAfter {
		s.Connected, s.Error = false, hangs(s.Sending)
	}
	f.o.Reject.countDropped(s.Dropped)
	return s
}
