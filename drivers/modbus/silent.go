package modbus

import (
	"cmp"
	"slices"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// A device may be silent to one request and answer all others. Such a request is told from a dead unit by asking
// something else: when that is answered, the request alone is given up, its tags are bad, and it is asked again by
// itself, with growing pauses. See Plan.silence.

// silentPause is how long a request that was given up is left alone at first: what was bad luck on a noisy line is soon
// over. silentCost bounds what trials cost: after one that took a timeout, the plan makes none for so many.
const (
	silentPause = time.Second
	silentCost  = 20
)

// miss is a request that was not answered the last time.
type miss struct {
	request
	count   int
	answers uint64 // of the unit, until then
}

// tolerance is what decides whether a request is given up.
type tolerance struct {
	retries int
	limit   time.Duration // of an answer
	answers uint64        // of the unit, so far
	quiet   int           // requests of any plan in a row that the unit did not answer
}

// silence takes it that the request that next gave was not answered. It is given up when it has had its tries and the
// unit has answered something else since: then its tags get bad samples. Else retry is what next gives now. The last
// try goes to another request, as that tells more; one that was already answered in the round is asked for its answer
// alone.
func (p *Plan) silence(why *drivers.NoAnswer, w tolerance, b *mapping.Batch) (alone bool, retry drivers.Retry) {
	r := &p.round
	bl := r.queue[r.at]
	if bl.witness {
		r.at++
		return false, drivers.RetrySame
	}
	m := p.missed(p.request(&bl))
	alive := m.count > 0 && m.answers != w.answers && w.quiet <= w.retries
	m.count++
	m.answers = w.answers
	switch tried := bl.trial || m.count > w.retries; {
	case alive && tried:
		p.giveUp(&bl, why, w, b)
		return true, drivers.RetrySame
	case m.count < w.retries && !bl.trial:
		return false, drivers.RetrySame
	}
	return false, p.askOther(bl)
}

// missed is what is kept of q, which was not answered.
func (p *Plan) missed(q request) *miss {
	i := slices.IndexFunc(p.misses, func(m miss) bool { return m.request == q })
	if i < 0 {
		i = len(p.misses)
		p.misses = append(p.misses, miss{request: q})
	}
	return &p.misses[i]
}

// missCount is how often b was not answered, since it last was.
func (p *Plan) missCount(b *block) int {
	q := p.request(b)
	for i := range p.misses {
		if p.misses[i].request == q {
			return p.misses[i].count
		}
	}
	return 0
}

// giveUp leaves the tags of bl out until they are due.
func (p *Plan) giveUp(bl *block, why *drivers.NoAnswer, w tolerance, b *mapping.Batch) {
	r := &p.round
	f := fault{silent: why.Quality, asked: p.request(bl), refused: true}
	if !bl.trial {
		p.changed(change{asked: f.asked, err: why.Err.Error()})
	}
	p.fail(bl.items, f, b)
	if bl.trial {
		p.trial = r.began.Add(silentCost * w.limit)
	}
	r.at++
}

// askOther puts something else before bl: what waits in the round and was not missed, or what was answered last.
func (p *Plan) askOther(bl block) drivers.Retry {
	r := &p.round
	rest := r.queue[r.at+1:]
	i := slices.IndexFunc(rest, func(o block) bool { return !o.trial && p.missCount(&o) == 0 })
	switch {
	case i >= 0: // it goes first, and bl behind all that are not on trial
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
	case p.heard.count > 0 && p.request(&p.heard) != p.request(&bl):
		w := p.heard
		w.witness, w.cut, w.again = true, nil, false
		r.queue = slices.Insert(r.queue, r.at, w)
		return drivers.RetryOther
	}
	return drivers.RetryUnique
}

// answeredAgain forgets that bl was missed.
func (p *Plan) answeredAgain(bl *block) {
	q := p.request(bl)
	p.misses = slices.DeleteFunc(p.misses, func(m miss) bool { return m.request == q })
}

// try adds the request to the round that has been silent for the longest of those that are due, or with must of all.
func (p *Plan) try(now time.Time, must bool) {
	var due []item
	for _, it := range p.out {
		if f := p.faults[it.index]; f != nil && f.silent.IsBad() && (must || !f.due.After(now)) {
			due = append(due, it)
		}
	}
	if len(due) == 0 || !must && p.trial.After(now) {
		return
	}
	blocks := layout(due, p.limits, fences{cuts: p.cuts})
	first := slices.MinFunc(blocks, func(a, b block) int {
		x, y := p.faults[a.items[0].index], p.faults[b.items[0].index]
		return cmp.Or(cmp.Compare(p.missCount(&a), p.missCount(&b)), x.due.Compare(y.due))
	})
	first.trial = true
	p.round.queue = append(p.round.queue, first)
}

// rotate has what was missed the most asked last: of a silent unit something else is asked each time.
func (p *Plan) rotate() {
	slices.SortStableFunc(p.round.queue, func(a, b block) int {
		return cmp.Compare(p.missCount(&a), p.missCount(&b))
	})
}
