package opcua

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/session"
	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// round is the state of one round: all chunks of a plan once.
type round struct {
	at      int // the chunk to send next
	flying  []flight
	splits  int
	changed bool // chunks were split
}

// flight is a request that is under way.
type flight struct {
	id    uint32
	chunk int
	until time.Time
}

// poll makes the next exchange of j's round: as many requests as may be are under way, and one answer is taken.
func (l *Link) poll(ctx context.Context, j *drivers.Job, p *Plan, step int, b *mapping.Batch) (int, error) {
	if step == 0 {
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
	}
	return l.exchange(ctx, p, step, b)
}

// exchange sends what may be sent and takes one answer.
func (l *Link) exchange(ctx context.Context, p *Plan, step int, b *mapping.Batch) (int, error) {
	if err := l.launch(ctx, p); err != nil {
		return 0, err
	}
	r := &p.round
	if len(r.flying) == 0 {
		return 0, l.nothing(ctx, p, b)
	}
	if err := l.land(ctx, p, b); err != nil {
		l.ground(p)
		return 0, err
	}
	if len(r.flying) > 0 || r.at < len(p.chunks) {
		return step + 1, nil
	}
	p.rest(b)
	return 0, nil
}

// abandon forgets a round that was not finished.
func (l *Link) abandon(p *Plan) {
	l.ground(p)
	p.round.at, p.round.splits = 0, 0
}

// ground forgets the requests that are under way: their chunks are asked for again.
func (l *Link) ground(p *Plan) {
	r := &p.round
	for _, f := range r.flying {
		l.s.Forget(f.id)
		r.at = min(r.at, f.chunk)
	}
	r.flying = r.flying[:0]
}

// launch sends requests until enough are under way.
func (l *Link) launch(ctx context.Context, p *Plan) error {
	r := &p.round
	for len(r.flying) < window && r.at < len(p.chunks) {
		if len(p.chunks[r.at].tags) == 0 {
			r.at++
			continue
		}
		id, err := l.s.Send(ctx, &p.chunks[r.at].read)
		if err != nil {
			return fmt.Errorf("send read: %w", err)
		}
		r.flying = append(r.flying, flight{id: id, chunk: r.at, until: l.o.Now().Add(l.o.Session.Timeout)})
		r.at++
	}
	return nil
}

// land takes the next answer.
func (l *Link) land(ctx context.Context, p *Plan, b *mapping.Batch) error {
	r := &p.round
	var failed error
	err := l.s.Next(ctx, r.flying[0].until, func(id uint32, msg []byte) bool {
		at := slices.IndexFunc(r.flying, func(f flight) bool { return f.id == id })
		if at < 0 {
			return false
		}
		f := r.flying[at]
		r.flying = slices.Delete(r.flying, at, at+1)
		failed = l.take(p, f.chunk, msg, b)
		return true
	})
	if err != nil {
		return err
	}
	return failed
}

// take decodes the answer to a chunk. What cannot be decoded is asked for in smaller pieces, until it is clear which
// value it is.
func (l *Link) take(p *Plan, k int, msg []byte, b *mapping.Batch) error {
	c := &p.chunks[k]
	first, blob := len(b.Samples), len(b.Blob)
	var r wire.Reader
	r.Reset(msg)
	err := r.Answer(&c.read)
	if status, ok := errors.AsType[wire.Status](err); ok {
		return l.refused(p, k, status, b)
	}
	if err != nil {
		return err
	}
	if n := r.Count(1); n != c.read.Count && r.Err() == nil {
		return l.refused(p, k, wire.Status(mapping.BadDecodingError), b)
	}
	l.fill.start(l, p, l.o.Now())
	p.mu.Lock()
	defer p.mu.Unlock()
	var v wire.DataValue
	for _, i := range c.tags {
		r.DataValue(&v)
		if r.Err() != nil {
			b.Samples, b.Blob = b.Samples[:first], b.Blob[:blob]
			return l.refusedLocked(p, k, wire.Status(mapping.BadDecodingError), b)
		}
		if p.o.Subscribe {
			l.audit(p, int(i), &v)
		}
		l.fill.value(int(i), &v, b)
	}
	if c.guarded {
		if r.DataValue(&v); r.Err() == nil && l.renumbered(&v) {
			b.Samples, b.Blob = b.Samples[:first], b.Blob[:blob]
			return errRenumbered
		}
	}
	return nil
}

// refused handles a chunk that the server answers with a failed service.
func (l *Link) refused(p *Plan, k int, status wire.Status, b *mapping.Batch) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return l.refusedLocked(p, k, status, b)
}

// refusedLocked asks for a refused chunk in two halves, or takes it for bad when it is a single tag's. The caller
// holds p.mu.
func (l *Link) refusedLocked(p *Plan, k int, status wire.Status, b *mapping.Batch) error {
	c := p.chunks[k]
	r := &p.round
	switch {
	case status.SessionLost():
		return fmt.Errorf("read: %w", status)
	case status.Base() == wire.Status(mapping.BadTimeout):
		return fmt.Errorf("read: %w", session.ErrTimeout)
	case len(c.tags) == 1 || r.splits == maxSplits && !status.TooLarge():
		for _, i := range c.tags {
			l.fill.bad(p, int(i), status, b)
		}
		return nil
	}
	if status.TooLarge() {
		p.most = max(1, len(c.tags)/2)
	}
	r.splits++
	r.changed = true
	half := len(c.tags) / 2
	p.chunks[k] = chunk{} // others are under way by their number
	p.chunks = append(p.chunks, p.layout(c.tags[:half:half])...)
	p.chunks = append(p.chunks, p.layout(c.tags[half:])...)
	return nil
}

// rest ends a complete round: tags that cannot be asked for are as bad as before, and split chunks are kept.
func (p *Plan) rest(b *mapping.Batch) {
	for i := range p.nodes {
		if bad := p.nodes[p.lead[i]].bad; bad != wire.Good {
			b.Samples = append(b.Samples, mapping.Sample{Quality: mapping.Quality(bad.Base()), Index: uint16(i)})
		}
	}
	if p.round.changed {
		p.round.changed = false
		p.chunks = slices.DeleteFunc(p.chunks, func(c chunk) bool { return len(c.tags) == 0 })
	}
}

// nothing is the round of a plan without a node that can be asked for: no answer must not pass for one.
func (l *Link) nothing(ctx context.Context, p *Plan, b *mapping.Batch) error {
	if _, err := l.read(ctx, clockRead()); err != nil {
		return err
	}
	p.rest(b)
	return nil
}
