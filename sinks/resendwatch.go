package sinks

import (
	"context"
	"sync/atomic"
	"time"
)

// again is what a forwarder knows of rejected samples to be sent again.
type again struct {
	asked   atomic.Bool
	wake    atomic.Pointer[context.CancelFunc] // ends the waiting in the log
	on      bool                               // it is being done
	refused int                                // samples that were refused again
}

// watch looks until ctx ends whether the forwarder is asked to send again, and wakes it then, and whether a Send hangs.
func (f *Forwarder) watch(ctx context.Context) {
	tick := time.NewTicker(resendLook)
	defer tick.Stop()
	var hang hang
	for {
		if f.o.Reject.asked() && !f.again.asked.Swap(true) {
			if wake := f.again.wake.Load(); wake != nil {
				(*wake)()
			}
			f.Hurry()
		}
		hang.look(f)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// wait takes the next samples from the log, or none when there is something to be sent again.
func (f *Forwarder) wait(ctx context.Context, pos Pos, q Query, v *View) (Pos, error) {
	if _, restless := f.o.Sink.(Restless); f.o.Reject == nil && f.o.Estate == nil && !restless {
		return f.o.Log.Next(ctx, pos, q, v)
	}
	asked := func() bool { return f.again.asked.Load() || f.wanted.Load() || f.o.Estate.ready() }
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	f.again.wake.Store(&cancel)
	if asked() {
		cancel()
	}
	next, err := f.o.Log.Next(inner, pos, q, v)
	if err != nil && inner.Err() != nil && ctx.Err() == nil { // woken, if only by what has been seen to since
		v.Reset()
		return pos, nil
	}
	return next, err
}
