package modbus

import (
	"slices"
	"time"

	"tagbridge/mapping"
)

// busyPause is how long a unit that says it is busy is left alone before it is asked again.
const busyPause = 50 * time.Millisecond

// maxSplits is how many refused requests a round spends on finding out what is refused. It is far above what a wrong
// tag map needs; a device that refuses everything must not keep the line for itself.
const maxSplits = 256

// round is the state of one round: all blocks of a plan once.
type round struct {
	number   int
	began    time.Time
	queue    []block
	at       int // the block to ask for next
	splits   int
	lost     int       // trials that were not answered
	answered bool      // something was, in the round
	calm     bool      // no trials, as the connection broke not long ago
	resume   time.Time // when a busy unit may be asked again
	changes  []change  // not logged yet
}

func (r *round) changed(c change) { r.changes = append(r.changes, c) }

// ask has w asked next, for its answer alone.
func (r *round) ask(w block) {
	w.witness = true
	r.queue = slices.Insert(r.queue, r.at, w)
}

// start is how a round begins.
type start struct {
	now   time.Time
	epoch int  // another one than before: the connection had been lost
	calm  bool // a request broke the connection not long ago
	ask   bool // ask something even if nothing is due
}

// begin begins a round.
func (p *Plan) begin(s start) {
	r := &p.round
	r.number++
	r.began, r.at, r.splits, r.lost, r.answered, r.calm = s.now, 0, 0, 0, false, s.calm
	lost := p.epoch != s.epoch
	first := p.epoch == 0
	p.epoch = s.epoch
	p.wake(s.now, lost && !first, s.calm)
	if p.stale || p.bad.stale {
		p.renew()
	}
	if p.refusal.lasts {
		p.probeRefusing(s.ask || lost)
		return
	}
	r.queue = append(r.queue[:0], p.layout...)
	if len(p.bad.out) > 0 {
		p.retry(s.now, s.ask || lost)
	}
	if s.ask && len(p.misses) > 0 {
		p.rotate()
		p.probe()
		return
	}
	if len(p.bad.faults) > 0 {
		p.vouch()
	}
}

// retry adds to the round what was left out and is due; with must, at least something is asked.
func (p *Plan) retry(now time.Time, must bool) {
	r := &p.round
	refused, due, tables := p.bad.refused(now)
	due = p.retryTables(due, tables)
	must = must && len(due)+len(r.queue) == 0 // no answer must not pass for one
	if must && len(refused) > 0 {
		due = refused[:1]
	}
	// By themselves: a tag that is still refused must cost the others nothing.
	alone := p.limits
	alone.MaxGap = 0
	r.queue = append(r.queue, layout(due, alone, fences{})...)
	p.try(now, must && len(due) == 0)
}

// wake makes due what has waited for its time, or everything once the connection was lost.
func (p *Plan) wake(now time.Time, lost, calm bool) {
	if p.cuts.wake(now, lost, calm) {
		p.stale = true
	}
	if lost && len(p.bad.faults) > 0 {
		p.trial = time.Time{}
		p.bad.hurry(now)
	}
}

// next is the request to make now; there is none at the end of the round.
func (p *Plan) next() (request, bool) {
	r := &p.round
	if r.at == len(r.queue) {
		return request{}, false
	}
	return p.request(&r.queue[r.at]), true
}

func (p *Plan) request(b *block) request {
	return request{unit: p.unit, function: b.function(), address: b.items[0].start, count: b.count, wide: p.limits.Wide}
}

// pause is until when the next request has to wait for a busy unit; mostly the zero time.
func (p *Plan) pause() time.Time {
	r := &p.round
	if r.at == len(r.queue) || !r.queue[r.at].again {
		return time.Time{}
	}
	return r.resume
}

// answer takes the answer to the request that next gave: r.size() bytes. It appends a sample for each of its tags.
func (p *Plan) answer(raw []byte, b *mapping.Batch) {
	r := &p.round
	bl := &r.queue[r.at]
	p.heard = *bl
	p.answered, r.answered = true, true
	if bl.witness {
		p.heard.witness, p.heard.doubt = false, nil
		p.answerWitness()
		return
	}
	if len(p.misses) > 0 {
		p.misses.forget(p.request(bl))
	}
	if isBits(bl.function()) {
		p.image.takeBits(bl, raw, b)
	} else {
		p.image.takeRegisters(bl, raw, b)
	}
	r.at++
	p.bad.clear(bl.items)
	p.hear(bl.function())
	if bl.trial {
		p.cuts.provenBy(bl, r.began)
		defer p.try(r.began, false) // another one: those that are answered cost little
	}
	p.cuts.unlearn(bl)
	if c := bl.cut; c != nil {
		c.size = max(c.size, bl.count)
		if c.good++; c.good == 2 {
			p.cuts.keep(*c, r.began)
			p.stale = true
		}
	}
}

// refuse takes exception e as the answer to the request that next gave, now. What is decided by it gets bad samples;
// the rest of the block is asked for in smaller ones, in the same round.
func (p *Plan) refuse(e Exception, now time.Time, b *mapping.Batch) {
	r := &p.round
	bl := r.queue[r.at]
	if bl.witness {
		p.refuseWitness(e, &bl, now, b)
		return
	}
	p.misses.forget(p.request(&bl))
	why := fault{code: e, asked: p.request(&bl)}
	fn := bl.function()
	if e == IllegalFunction && p.functions[fn] != supported {
		why.table = true
		if !p.doubtTable(why) {
			p.refuseTable(why, b)
		}
		return
	}
	p.hear(fn)
	if e.isBusy() {
		p.postpone(why, now, b)
		return
	}
	if p.doubtUnit(why, now, b) {
		return
	}
	k := p.cuts.splitAt(&bl)
	switch {
	case k == 0:
		why.refused = true
		fallthrough
	case r.splits == maxSplits:
		p.bad.fail(bl.items, why, b)
		r.at++
		if bl.trial {
			p.try(r.began, false)
		}
	default:
		r.splits++
		left, right := newBlock(bl.items[:k]), newBlock(bl.items[k:])
		left.cut = &cut{function: fn, at: bl.items[k].start}
		right.cut = left.cut
		left.trial, right.trial = bl.trial, bl.trial
		r.queue = slices.Replace(r.queue, r.at, r.at+1, left, right)
	}
}

// postpone moves the block of a busy unit to the end of the round, once. A unit that was busy in the last round too is
// asked only once a round: then the poll is the repetition, and costs the line nothing.
func (p *Plan) postpone(why fault, now time.Time, b *mapping.Batch) {
	r := &p.round
	bl := r.queue[r.at]
	known := p.bad.faults[bl.items[0].index]
	if bl.again || known != nil && known.code.isBusy() {
		p.bad.fail(bl.items, why, b)
		r.at++
		return
	}
	bl.again = true
	r.resume = now.Add(busyPause)
	r.queue = append(slices.Delete(r.queue, r.at, r.at+1), bl)
}

// finish ends a complete round: the refused tags that were not asked for are as bad as before.
func (p *Plan) finish(b *mapping.Batch) {
	items := p.bad.out
	if p.refusal.lasts {
		items = p.items
	}
	p.bad.finish(items, b)
	for _, index := range p.never {
		appendBad(b, index, mapping.BadConfigurationError)
	}
}
