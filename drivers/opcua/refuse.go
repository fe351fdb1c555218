package opcua

import (
	"context"
	"errors"
	"fmt"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// refused handles a chunk that the server answers with a failed service, or that cannot be sent: it is asked for in two
// halves, after all others, or given up when it is a single tag's.
func (v poller) refused(k int, err error) error {
	status, _ := refusal(err)
	c := &v.p.chunks[k]
	r := &v.p.round
	of := v.p.subjects(c.tags, v.spaces)
	switch {
	case status == wire.Good: // the session is lost, or the server says itself that it did not answer in time
		return fmt.Errorf("read: %w", err)
	case len(c.tags) == 1:
		v.giveUp(readService, of.name(0), err, &v.p.most)
	case r.refused >= maxSplits && !status.TooLarge(): // the server is in trouble, and not one of the tags
		for i := range c.tags {
			v.blame.refused(readService, of.name(i), status, v.o.Now())
		}
	default:
		v.blame.halve(of, v.p.most)
		if status.TooLarge() {
			v.p.most = max(1, len(c.tags)/2)
		}
	}
	r.refused++
	v.redo(k)
	return nil
}

// redo has the tags of a chunk asked for after all others, as what went wrong has it by now.
func (v poller) redo(k int) {
	tags := v.p.chunks[k].tags
	guarded := v.p.chunks[k].guarded
	v.p.chunks[k] = chunk{} // others are under way by their number
	s := v.blame.spread(v.p.subjects(tags, v.spaces), max(1, v.p.most), v.o.Now())
	for at, part := range s.parts {
		for i, t := range part {
			part[i] = int(tags[t])
		}
		v.p.chunks = v.p.pack(v.p.chunks, part, guarded && v.p.most > 1, at >= s.alone)
	}
	for _, t := range s.held {
		v.p.held = append(v.p.held, tags[t])
	}
	if !s.next.IsZero() && (v.p.heldUntil.IsZero() || s.next.Before(v.p.heldUntil)) {
		v.p.heldUntil = s.next
	}
	v.p.round.changed = true
}

// lost handles that the connection broke, or that the server did not answer in time: what was under way could have been
// the reason. What may still be answered is asked for again, after all others.
func (v poller) lost(ctx context.Context, err error) error {
	status, ok := errors.AsType[wire.Status](err)
	if ctx.Err() != nil || errors.Is(err, errRenumbered) || ok && status.SessionLost() {
		return err
	}
	requests := v.underWay()
	if silence(err) {
		requests = v.p.underWay(v.spaces)
	}
	found := v.accuse(requests)
	r := &v.p.round
	flying := r.flying
	r.flying = nil
	delete(v.air, v.p)
	for _, f := range flying {
		v.s.Forget(f.id)
		v.redo(f.chunk)
	}
	if silence(err) { // whether it answers to something else makes the difference
		if broken := v.ask(ctx); broken != nil {
			return broken
		}
	}
	return blamed(err, found)
}

// blamed is err for the lane: found tells that it is the fault of what was asked, and that less is asked the next time.
func blamed(err error, found bool) error {
	switch {
	case !found:
		return err
	case silence(err):
		return &drivers.NoAnswer{Quality: mapping.BadTimeout, Err: err, Alone: true}
	}
	return &drivers.NoAnswer{Quality: mapping.BadCommunicationError, Err: err, Alone: true, Broken: true}
}

// rest ends a complete round: what was not asked for is as bad as before. When the server has refused all of it, that is
// no fault of a tag: the next round asks for everything again.
func (v poller) rest(b *mapping.Batch) {
	for i := range v.p.nodes {
		if bad := v.p.nodes[v.p.leader[i]].bad; bad != wire.Good {
			b.Samples = append(b.Samples, mapping.Sample{Quality: mapping.Quality(bad.Base()), Index: uint16(i)})
		}
	}
	v.p.mu.Lock()
	defer v.p.mu.Unlock()
	v.fill.start(v.Link, v.p, v.o.Now())
	for _, i := range v.p.held {
		t := v.blame.find(readService, v.p.nameOf(i, v.spaces))
		if t == nil || v.p.monitors(i) && !t.held.TooLarge() && v.p.sub.from[i] != fromNowhere {
			continue
		}
		v.fill.bad(v.p, int(i), t.held, t.reason(), b)
		if v.p.monitors(i) && t.held.TooLarge() { // it would take others' changes along
			subscriber{v}.remake(int(i), t.held)
		}
	}
	if r := &v.p.round; r.read == 0 && r.refused > 0 {
		v.blame.absolve(v.p.subjects(v.p.held, v.spaces))
		r.changed = true
	}
}
