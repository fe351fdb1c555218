package sinks

import "context"

// Restless is a Sink that has something to do also while there is nothing to deliver: to connect at the start, to make a
// lost connection anew, to answer its other side.
type Restless interface {
	Sink
	// Wants can be received from once Tend is to be called. It is the same channel each time.
	Wants() <-chan struct{}
	// Tend does what there is to do. Its error is as one of Send about a sample: with Introduce it is called again after
	// the present values. It is called as Send is.
	Tend(ctx context.Context) error
}

// heedWants notes what a restless sink wants, and ends the waiting for samples and pauses for it, until ctx ends.
func (f *Forwarder) heedWants(ctx context.Context) {
	r, ok := f.o.Sink.(Restless)
	if !ok {
		return
	}
	for {
		select {
		case <-r.Wants():
		case <-ctx.Done():
			return
		}
		f.wanted.Store(true)
		f.Hurry()
		if wake := f.again.wake.Load(); wake != nil {
			(*wake)()
		}
	}
}

// tend has a restless sink do what it wants to, again after a pause while it fails, until it has, or a drain begins. An error
// is ctx's.
func (f *Forwarder) tend(ctx context.Context) error {
	r, ok := f.o.Sink.(Restless)
	for ok && f.wanted.Swap(false) {
		f.stats.move()
		err := r.Tend(ctx)
		f.stats.rest()
		d := delivery{Forwarder: f, v: &View{}, taken: &f.stats.present}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			f.reached()
			continue
		case asksIntroduction(err):
			if err := d.introduce(ctx, faultOf(err)); err != nil {
				return err
			}
			continue
		}
		f.wanted.Store(true)
		select {
		case <-f.draining:
			return nil
		default:
		}
		fault := faultOf(err)
		f.failed(fault)
		if err := f.pause(ctx, f.pauses.next(fault.After)); err != nil {
			return err
		}
	}
	return nil
}
