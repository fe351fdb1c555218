package opcua

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// round is the state of one round: all chunks of a plan once.
type round struct {
	at      int // the chunk to send next
	flying  []flight
	landed  time.Time // when the last answer came
	refused int       // requests that were refused
	read    int       // and that were not
	changed bool      // chunks are to be laid out anew for the next round
}

// flight is a request that is under way.
type flight struct {
	id    uint32
	chunk int
	sent  time.Time
}

// poll makes the next exchange of j's round: as many requests as may be are under way, and one answer is taken.
func (l *Link) poll(ctx context.Context, j *drivers.Job, p *Plan, step int, b *mapping.Batch) (int, error) {
	if step == 0 || p.epoch != l.epoch {
		l.abandon(p)
		if err := l.retry(ctx, p); err != nil {
			return 0, err
		}
		if err := l.describe(ctx, p); err != nil {
			return 0, err
		}
		if err := l.prepare(ctx, j, p, b); err != nil {
			return 0, err
		}
		l.revise(p)
		if err := l.askTime(ctx); err != nil {
			return 0, err
		}
	}
	return l.exchange(ctx, p, step, b)
}

// revise lays out the requests of the round that begins, when others are to be made than in the last.
func (l *Link) revise(p *Plan) {
	if p.round.changed || !p.heldUntil.IsZero() && !l.o.Now().Before(p.heldUntil) {
		p.round.changed = false
		l.layout(p, p.askable())
	}
}

// exchange sends what may be sent and takes one answer.
func (l *Link) exchange(ctx context.Context, p *Plan, step int, b *mapping.Batch) (int, error) {
	if err := l.launch(ctx, p); err != nil {
		return 0, l.lost(ctx, p, err)
	}
	r := &p.round
	if len(r.flying) > 0 {
		if err := l.land(ctx, p, b); err != nil {
			return 0, l.lost(ctx, p, err)
		}
	}
	if len(r.flying) > 0 || r.at < len(p.chunks) {
		return step + 1, nil
	}
	if r.read == 0 { // no answer must not pass for one
		if _, err := l.read(ctx, clockRead()); err != nil {
			return 0, err
		}
	}
	l.rest(p, b)
	return 0, nil
}

// abandon forgets a round that was not finished.
func (l *Link) abandon(p *Plan) {
	r := &p.round
	for _, f := range r.flying {
		l.s.Forget(f.id)
	}
	delete(l.air, p)
	*r = round{flying: r.flying[:0], changed: r.changed}
}

// launch sends requests until enough are under way. What must not be under way together with others is sent when they
// have landed.
func (l *Link) launch(ctx context.Context, p *Plan) error {
	r := &p.round
	for len(r.flying) < window && r.at < len(p.chunks) {
		c := &p.chunks[r.at]
		if len(c.tags) == 0 {
			r.at++
			continue
		}
		if len(r.flying) > 0 && (c.alone || p.chunks[r.flying[0].chunk].alone) {
			return nil
		}
		id, err := l.s.Send(ctx, &c.read)
		if _, ok := refusal(err); ok { // it is larger than the server takes
			r.at++
			if err := l.refused(p, r.at-1, err); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("send read: %w", err)
		}
		r.flying = append(r.flying, flight{id: id, chunk: r.at, sent: l.o.Now()})
		l.air[p] = true
		r.at++
	}
	return nil
}

// until is when the time for the next answer is over: a server may take them one by one, so it begins with the last.
func (l *Link) until(r *round) time.Time {
	from := r.flying[0].sent
	if r.landed.After(from) {
		from = r.landed
	}
	return from.Add(l.o.Session.Timeout)
}

// land takes the next answer.
func (l *Link) land(ctx context.Context, p *Plan, b *mapping.Batch) error {
	r := &p.round
	var failed error
	err := l.s.Next(ctx, l.until(r), func(id uint32, msg []byte) bool {
		if id == l.watch.asked && id != 0 {
			failed = l.told(msg)
			return true
		}
		at := slices.IndexFunc(r.flying, func(f flight) bool { return f.id == id })
		if at < 0 {
			return false
		}
		f := l.landed(p, at)
		failed = l.take(p, f.chunk, msg, b)
		return true
	})
	if err != nil {
		return err
	}
	return failed
}

// landed takes a flight from those that are under way.
func (l *Link) landed(p *Plan, at int) flight {
	r := &p.round
	f := r.flying[at]
	r.flying = slices.Delete(r.flying, at, at+1)
	r.landed = l.o.Now()
	if len(r.flying) == 0 {
		delete(l.air, p)
	}
	return f
}

// take decodes the answer to a chunk. What cannot be decoded is asked for in smaller pieces, until it is clear which
// value it is.
func (l *Link) take(p *Plan, k int, msg []byte, b *mapping.Batch) error {
	c := &p.chunks[k]
	first, blob := len(b.Samples), len(b.Blob)
	var r wire.Reader
	r.Reset(msg)
	err := r.Answer(&c.read)
	if _, ok := errors.AsType[wire.Status](err); ok {
		return l.refused(p, k, err)
	}
	if err != nil {
		return err
	}
	if n := r.Count(1); n != c.read.Count && r.Err() == nil {
		return l.refused(p, k, wire.Status(mapping.BadDecodingError))
	}
	l.fill.start(l, p, l.o.Now())
	if !l.values(p, c, &r, b) {
		b.Samples, b.Blob = b.Samples[:first], b.Blob[:blob]
		return l.refused(p, k, wire.Status(mapping.BadDecodingError))
	}
	p.round.read++
	if l.blame.well(l.subjects(p, c.tags)) {
		p.round.changed = true
	}
	if c.guarded {
		var v wire.DataValue
		if r.DataValue(&v); r.Err() == nil && l.renumbered(&v) {
			b.Samples, b.Blob = b.Samples[:first], b.Blob[:blob]
			return errRenumbered
		}
	}
	return nil
}

// values takes the values of a chunk; false when they cannot be read.
func (l *Link) values(p *Plan, c *chunk, r *wire.Reader, b *mapping.Batch) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	var v wire.DataValue
	for _, i := range c.tags {
		r.DataValue(&v)
		if r.Err() != nil {
			return false
		}
		if p.o.Subscribe && !l.takes(p, int(i), &v) {
			continue
		}
		l.fill.value(int(i), &v, b)
	}
	return true
}
