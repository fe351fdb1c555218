package opcua

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

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
func (v poller) poll(ctx context.Context, step int, b *mapping.Batch) (int, error) {
	if step == 0 || v.p.epoch != v.epoch {
		v.abandon()
		if err := v.retry(ctx); err != nil {
			return 0, err
		}
		if err := v.describe(ctx); err != nil {
			return 0, err
		}
		if err := v.prepare(ctx, b); err != nil {
			return 0, err
		}
		v.revise()
		if err := v.askTime(ctx); err != nil {
			return 0, err
		}
	}
	return v.exchange(ctx, step, b)
}

// revise lays out the requests of the round that begins, when others are to be made than in the last.
func (v poller) revise() {
	if v.p.round.changed || !v.p.heldUntil.IsZero() && !v.o.Now().Before(v.p.heldUntil) {
		v.p.round.changed = false
		v.layout(v.p.askable())
	}
}

// exchange sends what may be sent and takes one answer.
func (v poller) exchange(ctx context.Context, step int, b *mapping.Batch) (int, error) {
	if err := v.launch(ctx); err != nil {
		return 0, v.lost(ctx, err)
	}
	r := &v.p.round
	if len(r.flying) > 0 {
		if err := v.land(ctx, b); err != nil {
			return 0, v.lost(ctx, err)
		}
	}
	if len(r.flying) > 0 || r.at < len(v.p.chunks) {
		return step + 1, nil
	}
	if r.read == 0 { // no answer must not pass for one
		if _, err := v.read(ctx, clockRead()); err != nil {
			return 0, err
		}
	}
	v.rest(b)
	return 0, nil
}

// launch sends requests until enough are under way. What must not be under way together with others is sent when they
// have landed.
func (v poller) launch(ctx context.Context) error {
	r := &v.p.round
	for len(r.flying) < window && r.at < len(v.p.chunks) {
		c := &v.p.chunks[r.at]
		if len(c.tags) == 0 {
			r.at++
			continue
		}
		if len(r.flying) > 0 && (c.alone || v.p.chunks[r.flying[0].chunk].alone) {
			return nil
		}
		id, err := v.s.Send(ctx, &c.read)
		if _, ok := refusal(err); ok { // it is larger than the server takes
			r.at++
			if err := v.refused(r.at-1, err); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("send read: %w", err)
		}
		r.flying = append(r.flying, flight{id: id, chunk: r.at, sent: v.o.Now()})
		v.air[v.p] = true
		r.at++
	}
	return nil
}

// until is when the time for the next answer is over: a server may take them one by one, so it begins with the last.
func (v poller) until(r *round) time.Time {
	from := r.flying[0].sent
	if r.landed.After(from) {
		from = r.landed
	}
	return from.Add(v.o.Session.Timeout)
}

// land takes the next answer.
func (v poller) land(ctx context.Context, b *mapping.Batch) error {
	r := &v.p.round
	var failed error
	err := v.s.Next(ctx, v.until(r), func(id uint32, msg []byte) bool {
		if id == v.watch.asked && id != 0 {
			failed = v.told(msg)
			return true
		}
		at := slices.IndexFunc(r.flying, func(f flight) bool { return f.id == id })
		if at < 0 {
			return false
		}
		f := v.landed(at)
		failed = v.take(f.chunk, msg, b)
		return true
	})
	if err != nil {
		return err
	}
	return failed
}

// landed takes a flight from those that are under way.
func (v poller) landed(at int) flight {
	r := &v.p.round
	f := r.flying[at]
	r.flying = slices.Delete(r.flying, at, at+1)
	r.landed = v.o.Now()
	if len(r.flying) == 0 {
		delete(v.air, v.p)
	}
	return f
}

// take decodes the answer to a chunk. What cannot be decoded is asked for in smaller pieces, until it is clear which
// value it is.
func (v poller) take(k int, msg []byte, b *mapping.Batch) error {
	c := &v.p.chunks[k]
	first, blob := len(b.Samples), len(b.Blob)
	var r wire.Reader
	r.Reset(msg)
	err := r.Answer(&c.read)
	if _, ok := errors.AsType[wire.Status](err); ok {
		return v.refused(k, err)
	}
	if err != nil {
		return err
	}
	if n := r.Count(1); n != c.read.Count && r.Err() == nil {
		return v.refused(k, wire.Status(mapping.BadDecodingError))
	}
	v.fill.start(v.Link, v.p, v.o.Now())
	if !v.values(c, &r, b) {
		b.Samples, b.Blob = b.Samples[:first], b.Blob[:blob]
		return v.refused(k, wire.Status(mapping.BadDecodingError))
	}
	v.p.round.read++
	if v.blame.well(v.p.subjects(c.tags, v.spaces)) {
		v.p.round.changed = true
	}
	if c.guarded {
		var val wire.DataValue
		if r.DataValue(&val); r.Err() == nil && v.renumbered(&val) {
			b.Samples, b.Blob = b.Samples[:first], b.Blob[:blob]
			return errRenumbered
		}
	}
	return nil
}

// values takes the values of a chunk; false when they cannot be read.
func (v poller) values(c *chunk, r *wire.Reader, b *mapping.Batch) bool {
	v.p.mu.Lock()
	defer v.p.mu.Unlock()
	var val wire.DataValue
	for _, i := range c.tags {
		r.DataValue(&val)
		if r.Err() != nil {
			return false
		}
		if v.p.o.Subscribe && !(subscriber{v}).takes(int(i), &val) {
			continue
		}
		v.fill.value(int(i), &val, b)
	}
	return true
}
