package opcua

import (
	"context"
	"errors"
	"fmt"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// subjects are the nodes of tags as things that are read.
func (l *Link) subjects(p *Plan, tags []uint16) subjects {
	of := subjects{service: readService, n: len(tags), name: func(k int) string { return p.nameOf(tags[k], l.spaces) }}
	if p.o.Subscribe {
		of.also = monitorService
	}
	return of
}

// refused handles a chunk that the server answers with a failed service, or that cannot be sent: it is asked for in two
// halves, after all others, or given up when it is a single tag's.
func (l *Link) refused(p *Plan, k int, err error) error {
	status, _ := refusal(err)
	c := &p.chunks[k]
	r := &p.round
	of := l.subjects(p, c.tags)
	switch {
	case status == wire.Good: // the session is lost, or the server says itself that it did not answer in time
		return fmt.Errorf("read: %w", err)
	case len(c.tags) == 1:
		l.giveUp(readService, of.name(0), err, &p.most)
	case r.refused >= maxSplits && !status.TooLarge(): // the server is in trouble, and not one of the tags
		for i := range c.tags {
			l.blame.refused(readService, of.name(i), status, l.o.Now())
		}
	default:
		l.blame.halve(of, p.most)
		if status.TooLarge() {
			p.most = max(1, len(c.tags)/2)
		}
	}
	r.refused++
	l.redo(p, k)
	return nil
}

// redo has the tags of a chunk asked for after all others, as what went wrong has it by now.
func (l *Link) redo(p *Plan, k int) {
	tags := p.chunks[k].tags
	guarded := p.chunks[k].guarded
	p.chunks[k] = chunk{} // others are under way by their number
	s := l.blame.spread(l.subjects(p, tags), max(1, p.most), l.o.Now())
	for at, part := range s.parts {
		for i, t := range part {
			part[i] = int(tags[t])
		}
		p.chunks = p.pack(p.chunks, part, guarded && p.most > 1, at >= s.alone)
	}
	for _, t := range s.held {
		p.held = append(p.held, tags[t])
	}
	if !s.next.IsZero() && (p.heldUntil.IsZero() || s.next.Before(p.heldUntil)) {
		p.heldUntil = s.next
	}
	p.round.changed = true
}

// lost handles that the connection broke, or that the server did not answer in time: what was under way could have been
// the reason. What may still be answered is asked for again, after all others.
func (l *Link) lost(ctx context.Context, p *Plan, err error) error {
	status, ok := errors.AsType[wire.Status](err)
	if ctx.Err() != nil || errors.Is(err, errRenumbered) || ok && status.SessionLost() {
		return err
	}
	requests := l.underWay()
	if silence(err) {
		requests = p.underWay(l)
	}
	found := l.accuse(requests)
	r := &p.round
	flying := r.flying
	r.flying = nil
	delete(l.air, p)
	for _, f := range flying {
		l.s.Forget(f.id)
		l.redo(p, f.chunk)
	}
	if silence(err) { // whether it answers to something else makes the difference
		if broken := l.ask(ctx); broken != nil {
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

// underWay is what the requests of p that were not answered yet are about.
func (p *Plan) underWay(l *Link) (list []subjects) {
	for _, f := range p.round.flying {
		list = append(list, l.subjects(p, p.chunks[f.chunk].tags))
	}
	return list
}

// underWay is what the requests of all plans that were not answered yet are about.
func (l *Link) underWay() (list []subjects) {
	for p := range l.air {
		list = append(list, p.underWay(l)...)
	}
	return list
}

// accuse remembers what was under way when something went wrong. One that was under way alone did it: found tells that
// it is divided from now on, or given up.
func (l *Link) accuse(requests []subjects) (found bool) {
	for _, of := range requests {
		if l.blame.broke(of, len(requests) == 1, l.s.Heard(), l.o.Now()) {
			found = true
		}
	}
	return found
}

// rest ends a complete round: what was not asked for is as bad as before. When the server has refused all of it, that is
// no fault of a tag: the next round asks for everything again.
func (l *Link) rest(p *Plan, b *mapping.Batch) {
	for i := range p.nodes {
		if bad := p.nodes[p.lead[i]].bad; bad != wire.Good {
			b.Samples = append(b.Samples, mapping.Sample{Quality: mapping.Quality(bad.Base()), Index: uint16(i)})
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l.fill.start(l, p, l.o.Now())
	for _, i := range p.held {
		t := l.blame.find(readService, p.nameOf(i, l.spaces))
		if t == nil || p.monitors(i) && !t.held.TooLarge() && p.sub.from[i] != fromNowhere {
			continue
		}
		l.fill.bad(p, int(i), t.held, t.reason(), b)
		if p.monitors(i) && t.held.TooLarge() { // it would take others' changes along
			l.remake(p, int(i), t.held)
		}
	}
	if r := &p.round; r.read == 0 && r.refused > 0 {
		l.blame.absolve(l.subjects(p, p.held))
		r.changed = true
	}
}
