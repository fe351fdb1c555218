package sinks

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// The pauses between two tries of the same samples.
const (
	pauseMin   = 200 * time.Millisecond
	pauseMax   = 30 * time.Second
	pauseAsked = 10 * time.Minute // the longest that a sink can ask for
)

// pauses counts the tries that failed one after the other.
type pauses struct{ failed int }

// next is how long to wait before the next try: twice as long as the last time, less up to half of it at random so
// that sinks do not return all at once; what the sink asks for, and a little more at random, when it does.
func (p *pauses) next(asked time.Duration) time.Duration {
	longest := pauseMin << min(p.failed, 20)
	p.failed++
	if asked > 0 {
		asked = min(asked, pauseAsked)
		return asked + rand.N(asked/10+1)
	}
	longest = min(longest, pauseMax)
	return longest/2 + rand.N(longest/2)
}

func (p *pauses) reset() { p.failed = 0 }

// pause waits for d, or until ctx ends, which it returns. The beginning of a drain ends one pause early: then the sink
// gets another try at once.
func (f *Forwarder) pause(ctx context.Context, d time.Duration) error {
	draining := f.draining
	select {
	case <-draining:
		draining = nil
	default:
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-draining:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// faultOf is what to do about err.
func faultOf(err error) *Fault {
	var fault *Fault
	if errors.As(err, &fault) {
		return fault
	}
	return &Fault{Action: Retry, Err: err}
}
