package modbus

import (
	"time"

	"tagbridge/mapping"
)

// A unit may refuse everything for a while: it is starting, or has lost what is behind it. That is the unit's state and no
// fault of its tags: it is told by asking for something small that was read before. As long as it lasts only such a probe
// is made, and all is read again in the round in which one is answered.

// How long to wait for the next probe: growing from the first to the last, so that the unit is back soon after any time.
const (
	firstProbe = 500 * time.Millisecond
	lastProbe  = 4 * time.Second
)

// refusal is that a unit refuses everything.
type refusal struct {
	lasts bool
	pause time.Duration
	due   time.Time // the next probe
}

// doubtUnit has a witness asked before why, the refusal of the present request, is taken for the fault of its tags: where
// nothing was answered in this round, but in earlier ones. It is false when the request is to be split.
func (p *Plan) doubtUnit(why fault, now time.Time, b *mapping.Batch) bool {
	r := &p.round
	bl := &r.queue[r.at]
	known := p.bad.faults[bl.items[0].index]
	if !p.answered || r.answered || bl.doubted || bl.trial || known != nil && known.refused || p.cuts.reachedOver(bl) {
		return false
	}
	w, ok := p.readBefore(bl)
	if !ok {
		return false
	}
	if samePlace(&w, &bl.items[0]) && len(bl.items) == 1 { // it was the witness itself
		p.refuseUnit(why, now, b)
		return true
	}
	bl.doubted = true
	small := newBlock([]item{w})
	small.doubt = &why
	p.round.ask(small)
	return true
}

// readBefore is an item that was read and not refused since, another one each round; one of avoid's only when there is no
// other. avoid may be nil.
func (p *Plan) readBefore(avoid *block) (found item, ok bool) {
	for i := range p.items {
		it := p.items[(p.round.number+i)%len(p.items)]
		if f := p.bad.faults[it.index]; !p.image.has(&it) || f != nil && f.refused {
			continue
		}
		if avoid == nil || !isIn([]block{*avoid}, it) {
			return it, true
		}
		if !ok {
			found, ok = it, true
		}
	}
	return found, ok
}

// refuseUnit takes it that the unit refuses everything. The round is over, and all that is not bad already is.
func (p *Plan) refuseUnit(why fault, now time.Time, b *mapping.Batch) {
	r := &p.round
	if u := &p.refusal; u.lasts {
		u.pause = min(2*u.pause, lastProbe)
	} else {
		u.lasts, u.pause = true, firstProbe
		p.round.changed(change{unit: true, err: why.code.Error() + ": " + why.asked.String()})
	}
	p.refusal.due = now.Add(p.refusal.pause)
	for i := range p.items {
		f := p.bad.faults[p.items[i].index]
		if f == nil || f.round != r.number && !f.refused {
			p.bad.fail(p.items[i:i+1], why, b)
		}
	}
	r.queue = r.queue[:r.at]
}

// probeRefusing begins the round of a unit that refuses everything: with must it is asked for something in any case.
func (p *Plan) probeRefusing(must bool) {
	r := &p.round
	r.queue = r.queue[:0]
	if !must && p.refusal.due.After(r.began) {
		return
	}
	it, ok := p.readBefore(nil)
	if !ok {
		it = p.items[r.number%len(p.items)]
	}
	w := newBlock([]item{it})
	w.doubt = &fault{asked: p.request(&w)}
	p.round.ask(w)
}

// answerWitness goes on after the answer to a witness. A unit that refused everything is asked for all.
func (p *Plan) answerWitness() {
	r := &p.round
	p.hear(r.queue[r.at].function())
	r.at++
	if p.refusal.lasts {
		p.refusal = refusal{}
		p.round.changed(change{unit: true})
		r.queue = append(r.queue, p.layout...)
	}
}

// refuseWitness decides what bl, a witness that was refused with e, was asked for.
func (p *Plan) refuseWitness(e Exception, bl *block, now time.Time, b *mapping.Batch) {
	if bl.doubt == nil {
		p.round.at++
		return
	}
	why := *bl.doubt
	switch {
	case why.table && e == IllegalFunction:
		p.refuseTable(why, b)
	case why.table:
		p.hear(bl.function())
		p.round.at++
	default:
		why.code = e
		p.refuseUnit(why, now, b)
	}
}
