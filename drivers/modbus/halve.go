package modbus

import (
	"slices"
	"time"

	"tagbridge/mapping"
)

// What is given up because it was not answered, and can be asked for in smaller requests, is halved: its tags are on
// trial, and a cut keeps the halves apart. One whose halves are both answered is kept to for long: the device takes
// shorter requests only, or there is a hole. The others lead to the one tag that is not answered, and are forgotten then.

// brokenPause is how long after a request broke the connection the next one is tried that may: a little longer than the lane
// takes for it to be one fault after another, so that there are at most three connections in ten seconds.
const brokenPause = 6500 * time.Millisecond

// halve leaves the tags of b out, to be asked for at once in two requests, the second from item k on. f is why.
func (p *Plan) halve(bl *block, k int, f fault, b *mapping.Batch) {
	r := &p.round
	p.bad.suspect(bl.items, f, b)
	p.misses.forget(p.request(bl)) // it is not asked as a whole any more
	p.cuts.halve(bl.items, k, r.began)
	p.renew()
}

// searchCredit is how many trials of a search may take a timeout each in rounds that follow one another, where other units
// wait: as many as it takes to find one tag among a few. Those after them cost a share of the time, as all trials do.
const searchCredit = 4

// spaceTrials sets when the next trial is made, after one that was not answered: in this round while that has the time, or the
// next, as long as it is being found out which tag it is and no other unit waits. Else trials cost a share of the time.
func (p *Plan) spaceTrials(w tolerance, searching bool) {
	r := &p.round
	r.lost++
	cost := silentCost * w.limit
	switch {
	case w.broken: // the link says when
		p.trial = r.began
	case !searching:
		p.trial = r.began.Add(cost)
	case w.others:
		if most := r.began.Add(-searchCredit * cost); p.trial.Before(most) {
			p.trial = most
		}
		p.trial = p.trial.Add(cost)
	default:
		p.trial = r.began
		if time.Duration(r.lost+1)*w.limit <= w.period {
			p.renew()
			p.try(r.began, false)
		}
	}
}

// trials are the requests for due, tags that were not answered: for one that was found out, by itself.
func (p *Plan) trials(due []item) []block {
	var searched, alone []item
	for _, it := range due {
		if p.bad.faults[it.index].pause == 0 {
			searched = append(searched, it)
		} else {
			alone = append(alone, it)
		}
	}
	single := p.limits
	single.Single = true
	return append(layout(searched, p.limits, fences{cuts: p.cuts.list}), layout(alone, single, fences{})...)
}

// keepApart takes it that b, which reaches over cuts on trial, was not answered: they are kept to, and its parts are
// asked for instead. It is false when b reaches over none.
func (p *Plan) keepApart(b *block) bool {
	if !p.cuts.reachedOver(b) {
		return false
	}
	r := &p.round
	for _, c := range p.cuts.restore(b, r.began) {
		if c.parts.answered == bothSides {
			p.round.changed(change{asked: p.request(b), remedy: p.cuts.remedy(&c)})
		}
	}
	pieces := layout(b.items, p.limits, fences{cuts: p.cuts.list})
	r.queue = slices.Replace(r.queue, r.at, r.at+1, pieces...)
	p.stale = true
	return true
}
