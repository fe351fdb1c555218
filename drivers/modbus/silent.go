package modbus

import (
	"cmp"
	"slices"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// A device may be silent to one request and answer all others, or answer it with something that cannot be right, or hang
// up on it. Such a request is told from a dead unit by asking something else and small: when that is answered, the request
// alone is given up. It is halved until what is left is one tag, which is asked again by itself, with growing pauses: see
// Plan.silence and halve.go.

// silentPause is how long a request that was given up is left alone at first: what was bad luck on a noisy line is soon
// over. silentCost bounds what trials cost: after one that took a timeout, the plan makes none for so many.
const (
	silentPause = time.Second
	silentCost  = 20
)

// tolerance is what decides whether a request is given up.
type tolerance struct {
	retries int
	limit   time.Duration // of an answer
	answers uint64        // of the unit, so far
	quiet   int           // requests of any plan in a row that the unit did not answer
	period  time.Duration // of the plan's rounds
	others  bool          // there are other units on the line that answer
	broken  bool          // it was not silence: the connection broke, again
}

// silence takes it that the request that next gave was not answered. It is given up when it has had its tries and the
// unit has answered something else since: then its tags get bad samples. Else retry is what next gives now. The last
// try goes to another request, as that tells more; one that was already answered in the round is asked for its answer
// alone.
func (p *Plan) silence(why *drivers.NoAnswer, w tolerance, b *mapping.Batch) (alone bool, retry drivers.Retry) {
	r := &p.round
	bl := r.queue[r.at]
	r.calm = r.calm || w.broken
	if bl.witness {
		if !p.refusal.lasts { // else it is all that is asked: its silence must not pass for an answer
			r.at++
		}
		p.heard = block{}
		return false, drivers.RetrySame
	}
	if w.quiet == 0 && p.keepApart(&bl) {
		return true, drivers.RetrySame
	}
	m := p.misses.of(p.request(&bl))
	alive := m.count > 0 && m.answers != w.answers && w.quiet <= w.retries ||
		(bl.trial || w.broken) && w.quiet == 0 && w.answers > 0
	m.count++
	m.answers = w.answers
	tried := bl.trial || w.broken || m.count > w.retries
	switch {
	case alive && tried:
		p.giveUp(&bl, why, w, b)
		return true, drivers.RetrySame
	case m.count < w.retries && !tried:
		return false, drivers.RetrySame
	}
	return false, p.askOther(bl)
}

// isLastTry reports that the request that next gave is given up if it is not answered now.
func (p *Plan) isLastTry(retries int) bool {
	bl := &p.round.queue[p.round.at]
	return bl.trial || p.misses.count(p.request(bl)) >= retries
}

// giveUp leaves the tags of bl out until they are due: at once those that can be asked for in smaller requests.
func (p *Plan) giveUp(bl *block, why *drivers.NoAnswer, w tolerance, b *mapping.Batch) {
	r := &p.round
	r.at++
	f := fault{silent: why.Quality, said: why.Err.Error(), asked: p.request(bl), refused: true}
	if k := p.cuts.splitAt(bl); k > 0 {
		p.halve(bl, k, f, b)
		p.spaceTrials(w, true)
		return
	}
	if known := p.bad.faults[bl.items[0].index]; known == nil || known.pause == 0 {
		p.round.changed(change{asked: f.asked, err: why.Err.Error()})
	}
	p.bad.fail(bl.items, f, b)
	p.cuts.explain(bl)
	p.stale = true
	p.spaceTrials(w, p.bad.isSearching())
}

// askOther puts something else before bl: what waits in the round and was not missed, or what was answered last.
func (p *Plan) askOther(bl block) drivers.Retry {
	r := &p.round
	rest := r.queue[r.at+1:]
	i := slices.IndexFunc(rest, func(o block) bool { return !o.trial && p.misses.count(p.request(&o)) == 0 })
	switch {
	case i >= 0 && (p.image.has(&rest[i].items[0]) || splitAt(rest[i].items) == 0): // it goes first, and bl behind all that are not on trial
		other := rest[i]
		rest = slices.Delete(rest, i, i+1)
		end := slices.IndexFunc(rest, func(o block) bool { return o.trial })
		if end < 0 || bl.trial {
			end = len(rest)
		}
		rest = slices.Insert(rest, end, bl)
		r.queue[r.at] = other
		copy(r.queue[r.at+1:], rest)
		return drivers.RetryOther
	case i >= 0: // it may be as bad: a small part of it
		p.round.ask(newBlock(rest[i].items[:1]))
		return drivers.RetryOther
	case p.heard.count > 0 && p.request(&p.heard) != p.request(&bl):
		p.round.ask(newBlock(p.heard.items[:1]))
		return drivers.RetryOther
	case splitAt(bl.items) > 0:
		p.round.ask(newBlock(bl.items[p.misses.count(p.request(&bl))%len(bl.items):][:1]))
		return drivers.RetryOther
	}
	return drivers.RetryUnique
}

// probe has something small asked first of a unit that was silent: what was answered last, or anything else in turn.
func (p *Plan) probe() {
	n := p.round.number
	if q := p.round.queue; len(p.items) < 2 || len(q) > 0 && p.misses.count(p.request(&q[0])) == 0 && (p.image.has(&q[0].items[0]) || splitAt(q[0].items) == 0) {
		return // that is small, or has been answered
	}
	if p.heard.count > 0 && n%2 == 0 {
		p.round.ask(newBlock(p.heard.items[:1]))
		return
	}
	p.round.ask(newBlock(p.items[n%len(p.items):][:1]))
}

// vouch has what was answered last asked first where there is nothing to ask but what was silent: no answer must not pass
// for one.
func (p *Plan) vouch() {
	live := func(b block) bool { return !b.trial }
	if p.heard.count > 0 && !slices.ContainsFunc(p.round.queue, live) && p.bad.anySilent() {
		p.round.ask(newBlock(p.heard.items[:1]))
	}
}

// broke notes that the connection broke while the present request was asked, and reports that this is its fault: it has
// happened before, or it is one that is being tried.
func (p *Plan) broke() bool {
	bl := &p.round.queue[p.round.at]
	if bl.trial || bl.witness || p.cuts.reachedOver(bl) {
		return true
	}
	m := p.misses.of(p.request(bl))
	again := m.broke
	m.broke = true
	return again
}

// try adds the request to the round that has been silent for the longest of those that are due, or with must of all.
func (p *Plan) try(now time.Time, must bool) {
	due := p.bad.silent(now, must)
	pending := slices.ContainsFunc(p.round.queue[p.round.at:], func(b block) bool { return b.trial })
	if len(due) == 0 || pending || p.round.calm || !must && p.trial.After(now) {
		return
	}
	blocks := p.trials(due)
	first := slices.MinFunc(blocks, func(a, b block) int {
		x, y := p.bad.faults[a.items[0].index], p.bad.faults[b.items[0].index]
		return cmp.Or(cmp.Compare(p.misses.count(p.request(&a)), p.misses.count(p.request(&b))), x.due.Compare(y.due))
	})
	first.trial = true
	p.round.queue = append(p.round.queue, first)
}

// rotate has what was missed the most asked last: of a silent unit something else is asked each time.
func (p *Plan) rotate() {
	slices.SortStableFunc(p.round.queue, func(a, b block) int {
		return cmp.Compare(p.misses.count(p.request(&a)), p.misses.count(p.request(&b)))
	})
}
