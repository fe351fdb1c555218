package sinks

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// steps are the pauses between the tries of the same samples: a sink that was only restarting is back soon, and no sink is
// asked more than three times in the ten seconds after it failed.
var steps = [...]time.Duration{200 * time.Millisecond, time.Second, 8 * time.Second, 16 * time.Second, pauseMax}

// Bounds of pauses.
const (
	pauseMax   = 30 * time.Second
	pauseAsked = 10 * time.Minute // the longest that a sink can ask for
	pauseCalm  = time.Second      // a sink that works for less has not come back
)

// pauses counts the tries that failed one after the other, or with little between them.
type pauses struct {
	failed int
	last   time.Duration // the last pause
	end    time.Time     // when it is over
}

// next is how long to wait before the next try: longer than the last time, less up to half of it at random so
// that sinks do not return all at once; what the sink asks for, and a little more at random, when it does.
func (p *pauses) next(asked time.Duration) time.Duration {
	longest := steps[min(p.failed, len(steps)-1)]
	p.failed++
	d := longest/2 + rand.N(longest/2)
	if asked > 0 {
		asked = min(asked, pauseAsked)
		d = asked + rand.N(asked/10+1)
	}
	p.last, p.end = d, time.Now().Add(d)
	return d
}

// worked notes that the sink works. Pauses begin small again once it has done so for twice as long as the last one: a
// connection that ends again and again, each time after it took something, has not come back.
func (p *pauses) worked() {
	if p.failed > 0 && time.Since(p.end) >= max(2*min(p.last, pauseMax), pauseCalm) {
		p.failed = 0
	}
}

// pause waits for d, or until ctx ends, which it returns. The beginning of a drain and Hurry end one pause early: then
// the sink gets another try at once.
func (f *Forwarder) pause(ctx context.Context, d time.Duration) error {
	draining := f.draining
	select {
	case <-draining:
		draining = nil
	default:
	}
	select {
	case <-f.hurry: // of before the pause
	default:
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-draining:
	case <-f.hurry:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// Hurry ends a pause that is being made: somebody has mended something. It is safe for concurrent use.
func (f *Forwarder) Hurry() {
	select {
	case f.hurry <- struct{}{}:
	default:
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
