package opcua

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/session"
	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// maxPublish is how many requests for notifications are with the server at the same time.
const maxPublish = 8

// publisher keeps requests at the server that it answers with notifications.
type publisher struct {
	jobs   map[uint32]*drivers.Job // by subscription
	flying map[uint32]bool         // requests that were not answered yet
	acks   []wire.Ack
	most   int // requests that the server keeps
	pause  time.Duration
	until  time.Time // no request is made before, as the last one was refused
}

// The pauses after requests for notifications that the server refuses.
const (
	firstPublish = 100 * time.Millisecond
	lastPublish  = 5 * time.Second
)

// Wait implements drivers.Waiter. Without subscriptions it only watches over the connection.
func (l *Link) Wait(ctx context.Context, b *mapping.Batch) (j *drivers.Job, err error) {
	if l.s == nil {
		return nil, drivers.ErrClosed
	}
	defer l.guard(&err)
	for ctx.Err() == nil {
		if err := l.check(ctx); err != nil {
			if j := l.silenced(b); j != nil {
				return j, nil
			}
			return nil, l.over(ctx, err)
		}
		if err := l.publish(ctx); err != nil {
			return nil, l.over(ctx, err)
		}
		j, err := l.notified(ctx, b)
		if errors.Is(err, session.ErrTimeout) {
			continue
		}
		if j != nil || err != nil {
			return j, l.over(ctx, err)
		}
	}
	return nil, nil
}

// silenced says of the tags of one subscription, and of another with each call, that nothing is known of them any more:
// the server is silent, and to find out that it cannot be connected to takes as long again. nil when all are told.
func (l *Link) silenced(b *mapping.Batch) *drivers.Job {
	for id, j := range l.push.jobs {
		delete(l.push.jobs, id)
		p := j.Work.(*Plan)
		now := l.o.Now().UnixNano()
		for i := range p.tags {
			p.times.bad(i, now)
			b.Samples = append(b.Samples, mapping.Sample{Quality: mapping.BadTimeout, Index: uint16(i)})
		}
		if len(p.tags) > 0 {
			return j
		}
	}
	return nil
}

// over is err, but for one that is the end of ctx.
func (l *Link) over(ctx context.Context, err error) error {
	if err != nil && (ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded)) {
		return nil
	}
	return err
}

// publish sends as many requests for notifications as are to be at the server.
func (l *Link) publish(ctx context.Context) error {
	if len(l.push.jobs) == 0 || l.o.Now().Before(l.push.until) {
		return nil
	}
	for len(l.push.flying) < min(len(l.push.jobs)+1, l.push.most) {
		id, err := l.s.Send(ctx, wire.Publish{Acks: l.push.acks})
		if err != nil {
			return fmt.Errorf("publish: %w", err)
		}
		l.push.acks = l.push.acks[:0]
		l.push.flying[id] = true
	}
	return nil
}

// notified takes the next notification, should one come before the watchdog is due.
func (l *Link) notified(ctx context.Context, b *mapping.Batch) (j *drivers.Job, err error) {
	var failed error
	until := l.due()
	if p := l.push.until; p.Before(until) && p.After(l.o.Now()) {
		until = p
	}
	err = l.s.Next(ctx, until, func(id uint32, msg []byte) bool {
		if id == l.watch.asked {
			failed = l.told(msg)
			return true
		}
		if !l.push.flying[id] {
			return false
		}
		delete(l.push.flying, id)
		j, failed = l.hear(msg, b)
		return true
	})
	if err != nil {
		return nil, err
	}
	return j, failed
}

// hear takes the answer to a publish request.
func (l *Link) hear(msg []byte, b *mapping.Batch) (*drivers.Job, error) {
	r := wire.NewReader(msg)
	err := r.Answer(wire.Publish{})
	if status, ok := errors.AsType[wire.Status](err); ok {
		return nil, l.unpublished(status)
	}
	if err != nil {
		return nil, err
	}
	n := r.Notification()
	if r.Err() != nil {
		return nil, fmt.Errorf("notification: %w", r.Err())
	}
	l.push.pause = 0
	j := l.push.jobs[n.Subscription]
	if j == nil {
		return nil, nil
	}
	p := j.Work.(*Plan)
	p.sub.heard, p.silences = l.o.Now(), 0
	if len(n.Parts) == 0 {
		return nil, nil // it lives
	}
	l.push.acks = append(l.push.acks, wire.Ack{Subscription: n.Subscription, Sequence: n.Sequence})
	late := p.sub.follow(n.Sequence)
	if err := newSubscriber(l, p, j).unpack(n, late, b); err != nil {
		return nil, err
	}
	l.notes.report(l.log, j.Device.Name)
	if len(b.Samples) == 0 {
		return nil, nil
	}
	return j, nil
}

// unpublished handles a request for notifications that failed: the next is made after a pause.
func (l *Link) unpublished(status wire.Status) error {
	if status.SessionLost() {
		return fmt.Errorf("publish: %w", status)
	}
	switch status.Base() {
	case wire.BadTooManyPublishRequests:
		l.push.most = max(1, l.push.most-1)
	case wire.BadNoSubscription, wire.BadSubscriptionIDInvalid:
		for _, j := range l.push.jobs {
			j.Work.(*Plan).sub.id = 0
		}
		clear(l.push.jobs)
		return nil
	}
	if status.TooLarge() {
		for _, j := range l.push.jobs {
			j.Work.(*Plan).shrink()
		}
	}
	l.push.pause = min(max(2*l.push.pause, firstPublish), lastPublish)
	l.push.until = l.o.Now().Add(l.push.pause)
	return nil
}
