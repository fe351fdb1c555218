package bridge

import (
	"context"
	"errors"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/sinks"
)

// One part that cannot be made at the start, because a certificate, an authority or a secret of it is not there, does not
// keep the others from running: it is made when it is used, says why it cannot be each time, and is tried again as
// anything else that is out of reach.

// lateLink is a link that is made when it is opened.
type lateLink struct {
	make func() (drivers.Link, error)
	made drivers.Link // nil: not yet
}

// newLateLink is for a link that make could not make now. pushes: what it makes is a drivers.Waiter and Dropper.
func newLateLink(make func() (drivers.Link, error), pushes bool) drivers.Link {
	l := lateLink{make: make}
	if pushes {
		return &latePusher{l}
	}
	return &l
}

// Open implements drivers.Link.
func (l *lateLink) Open(ctx context.Context) error {
	if l.made == nil {
		made, err := l.make()
		if err != nil {
			return err
		}
		l.made = made
	}
	return l.made.Open(ctx)
}

// Do implements drivers.Link.
func (l *lateLink) Do(ctx context.Context, j *drivers.Job, step int, b *mapping.Batch) (int, error) {
	return l.made.Do(ctx, j, step, b)
}

// Close implements drivers.Link.
func (l *lateLink) Close() error {
	if l.made == nil {
		return nil
	}
	return l.made.Close()
}

// latePusher is a lateLink of a link that also pushes.
type latePusher struct{ lateLink }

// Wait implements drivers.Waiter.
func (l *latePusher) Wait(ctx context.Context, b *mapping.Batch) (*drivers.Job, error) {
	return l.made.(drivers.Waiter).Wait(ctx, b)
}

// Drop implements drivers.Dropper.
func (l *latePusher) Drop(j *drivers.Job) {
	if d, ok := l.made.(drivers.Dropper); ok {
		d.Drop(j)
	}
}

// lateSink is a sink that is opened when it is sent something.
type lateSink struct {
	open func() (sinks.Sink, error)
	made sinks.Sink // nil: not yet
}

// Send implements sinks.Sink.
func (l *lateSink) Send(ctx context.Context, v *sinks.View) (int, error) {
	if l.made == nil {
		made, err := l.open()
		if err != nil {
			return 0, &sinks.Fault{Action: sinks.Hold, Err: err}
		}
		l.made = made
	}
	return l.made.Send(ctx, v)
}

// Close implements sinks.Sink.
func (l *lateSink) Close() error {
	if l.made == nil {
		return nil
	}
	return l.made.Close()
}

// held is why a part cannot run as configured: Held of the configuration.
func held(reason string) error { return errors.New(reason) }
