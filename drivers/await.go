package drivers

import (
	"context"
	"errors"
	"time"
)

// restless is the pause after a Wait that returned nothing without being asked to.
const restless = 10 * time.Millisecond

// await waits in the link for pushed values until the given time, a change or the end of ctx.
func (l *Lane) await(ctx context.Context, w Waiter, until time.Duration) error {
	wait, cancel := context.WithDeadline(ctx, l.origin.Add(until))
	defer cancel()
	if !l.interruptible(cancel) {
		return nil
	}
	if q := l.asked.Load(); q != nil && q.since == 0 {
		l.interruptible(nil)
		return nil // it came since the lane looked
	}
	l.expect(until + workLimit)
	l.out.batch.Reset(nil)
	j, err := w.Wait(wait, l.out.batch)
	l.interruptible(nil)
	switch {
	case ctx.Err() != nil:
		return nil
	case err == nil && j == nil && wait.Err() == nil:
		l.sleep(ctx, min(until, l.now().mono+restless))
		return nil
	case err == nil:
		l.received(j)
		return nil
	case wait.Err() != nil && errors.Is(err, wait.Err()):
		return nil
	}
	l.out.batch.Reset(nil)
	if silent, ok := errors.AsType[*NoAnswer](err); ok && j != nil && j.unit != nil {
		l.unanswered(j, silent, 0, l.now())
		return nil
	}
	return l.brokeWaiting(ctx, err)
}

// received takes the samples of j that the link pushed into the batch: their unit is alive.
func (l *Lane) received(j *Job) {
	if j == nil || j.unit == nil || len(l.out.batch.Samples) == 0 && j.Compute == nil {
		l.out.batch.Reset(nil) // nothing, or of a job that has left
		return
	}
	now := l.now()
	l.out.batch.Group = j.Current()
	if j.Compute != nil {
		l.out.added(0, now.mono, now.wall)
		l.out.compute(j, 0, false, now)
		j.Compute.again()
		j.Compute.finish(l.out.batch, now.wall)
	}
	if len(l.out.batch.Samples) == 0 {
		l.out.batch.Reset(nil)
		return
	}
	j.dev.said(now.wall)
	l.out.pushed = true
	l.session.prove()
	l.session.delivered = true
	if u := j.unit; u.rank() != rankLive {
		l.revive(u, now, nil)
	}
	l.out.added(0, now.mono, now.wall)
	l.out.owner = j
	l.out.flush()
}
