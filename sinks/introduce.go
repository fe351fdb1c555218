package sinks

import (
	"context"
	"errors"
)

// asksIntroduction reports that err asks for the present values.
func asksIntroduction(err error) bool {
	var fault *Fault
	return err != nil && errors.As(err, &fault) && fault.Action == Introduce
}

// introduce sends the present values, as they are by then, until the sink has taken them whole. Each try is all of them
// anew: what was sent of them on a connection that ended is of no use on the next. Meanwhile nothing else is sent, so that
// nothing newer comes before them. A sink that asks once more, and has taken nothing since, waits first. An error is ctx's.
func (d *delivery) introduce(ctx context.Context, asked *Fault) error {
	partial := asked.Partial
	for again := d.introduced && !asked.Sure; ; again = true {
		if again {
			d.failed(asked)
			if err := d.pause(ctx, d.pauses.next(asked.After)); err != nil {
				return err
			}
		}
		err := d.sendPresent(ctx)
		if err == nil {
			d.introduced = true
			d.reached()
			if !partial {
				d.given()
			}
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		asked = faultOf(err)
	}
}

// sendPresent sends the present values in one piece; nil: all were taken.
func (f *Forwarder) sendPresent(ctx context.Context) error {
	v := Introduction()
	v.moved = f.stats.move
	f.collect(&v, f.o.Every)
	f.stats.move()
	n, err := f.o.Sink.Send(ctx, &v)
	f.stats.rest()
	if n > 0 {
		was := f.presenting
		f.presenting = true
		err = f.took(v.part(0, n), err, &f.stats.present, 0)
		f.presenting = was
	}
	switch {
	case n < v.Len() && err == nil:
		return errIdle
	case n < v.Len() || v.Len() == 0:
		return err
	}
	return nil
}

// given notes that the sink has just got the present values, which it was perhaps owed anyway.
func (f *Forwarder) given() {
	if !f.owed.due {
		return
	}
	f.owed.due, f.owed.given, f.owed.taken, f.owed.first = false, true, false, View{}
	if f.o.Settled != nil {
		f.o.Settled()
	}
}

// superseded reports that what is delivered is not to be delivered any more: present values that the sink was owed, which has
// meanwhile been introduced to newer ones, or what another process left and somebody else delivers now.
func (d *delivery) superseded() bool {
	return d.owes && !d.owed.due || d.left != nil && !d.mine()
}
