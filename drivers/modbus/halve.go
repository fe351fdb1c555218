package modbus

import (
	"fmt"
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

// parts are the places of what a cut keeps apart: from the first register of one side to the last tag's first of the
// other.
type parts struct {
	first, left, at, last uint16
	answered              uint8 // sides, by bit
}

const bothSides = 1 | 2

// halve leaves the tags of b out, to be asked for at once in two requests, the second from item k on. f is why.
func (p *Plan) halve(bl *block, k int, f fault, b *mapping.Batch) {
	r := &p.round
	f.round, f.due = r.number, r.began
	for i := range bl.items {
		it := &bl.items[i]
		now := f
		p.setFault(it.index, &now)
		appendBad(b, it.index, f.quality())
	}
	p.answeredAgain(bl) // it is not asked as a whole any more
	last := bl.items[len(bl.items)-1].start
	c := cut{function: bl.function(), at: bl.items[k].start, pause: lastPause, due: r.began.Add(lastPause)}
	c.parts = parts{first: bl.items[0].start, left: bl.items[k-1].start, at: c.at, last: last}
	p.cuts = slices.DeleteFunc(p.cuts, func(old cut) bool { return old.function == c.function && old.at == c.at })
	p.cuts = append(p.cuts, c)
	p.renew()
}

// searchCredit is how many trials of a search may take a timeout each in rounds that follow one another, where other units
// wait: as many as it takes to find one tag among a few. Those after them cost a share of the time, as all trials do.
const searchCredit = 4

// pace sets when the next trial is made, after one that was not answered: in this round while that has the time, or the
// next, as long as it is being found out which tag it is and no other unit waits. Else trials cost a share of the time.
func (p *Plan) pace(w tolerance, searching bool) {
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

// isSearching reports that there are tags on trial that may be asked for together.
func (p *Plan) isSearching() bool {
	for _, f := range p.faults {
		if f.silent.IsBad() && f.pause == 0 {
			return true
		}
	}
	return false
}

// trials are the requests for due, tags that were not answered: for one that was found out, by itself.
func (p *Plan) trials(due []item) []block {
	var searched, alone []item
	for _, it := range due {
		if p.faults[it.index].pause == 0 {
			searched = append(searched, it)
		} else {
			alone = append(alone, it)
		}
	}
	single := p.limits
	single.Single = true
	return append(layout(searched, p.limits, fences{cuts: p.cuts}), layout(alone, single, fences{})...)
}

// provenBy notes that b, which was on trial, was answered. A cut whose sides both were is kept to unless the whole is now.
func (p *Plan) provenBy(b *block) {
	first, last := b.items[0].start, b.items[len(b.items)-1].start
	for i := range p.cuts {
		c := &p.cuts[i]
		s := &c.parts
		if c.function != b.function() || *s == (parts{}) || s.answered == bothSides {
			continue
		}
		switch {
		case first == s.first && last == s.left:
			s.answered |= 1
		case first == s.at && last == s.last:
			s.answered |= 2
		default:
			continue
		}
		c.size = max(c.size, b.count)
		if s.answered == bothSides { // the whole is asked for once more: it may have been the device's mood
			c.due = p.round.began
		}
	}
}

// remedy is the setting that has the device asked as c does.
func (p *Plan) remedy(c *cut) string {
	i := slices.IndexFunc(p.learned, c.is)
	switch {
	case p.learned[i].Hole > 0 && isBits(c.function):
		return fmt.Sprintf("max_gap: %d", (p.learned[i].Hole-1)/bitsPerRegister)
	case p.learned[i].Hole > 0:
		return fmt.Sprintf("max_gap: %d", p.learned[i].Hole-1)
	case isBits(c.function):
		return fmt.Sprintf("max_bits: %d", c.size)
	}
	return fmt.Sprintf("max_registers: %d", c.size)
}

// joinAround forgets the cuts that led to b, which explains them.
func (p *Plan) joinAround(b *block) {
	start := b.items[0].start
	p.cuts = slices.DeleteFunc(p.cuts, func(c cut) bool {
		s := c.parts
		return c.function == b.function() && s != (parts{}) && s.answered != bothSides && s.first <= start && start <= s.last
	})
	p.stale = true
}

// under reports that c is on trial, and that b reaches over it.
func (c *cut) under(b *block) bool {
	return c.down && c.function == b.function() && int(c.at) > b.start() && int(c.at) < b.start()+int(b.count)
}

// reachesOver reports that b puts a cut on trial.
func (p *Plan) reachesOver(b *block) bool {
	return slices.ContainsFunc(p.cuts, func(c cut) bool { return c.under(b) })
}

// keepApart takes it that b, which reaches over cuts on trial, was not answered: they are kept to, and its parts are
// asked for instead. It is false when b reaches over none.
func (p *Plan) keepApart(b *block) bool {
	if !p.reachesOver(b) {
		return false
	}
	r := &p.round
	for i := range p.cuts {
		c := &p.cuts[i]
		if !c.under(b) {
			continue
		}
		c.down = false
		c.pause = lastPause
		c.due = r.began.Add(lastPause)
		if c.parts == (parts{}) { // it was refused when this was learned
			c.parts = parts{first: b.items[0].start, at: c.at, answered: bothSides}
		}
		if slices.ContainsFunc(p.learned, c.is) {
			continue
		}
		if p.learn(*c); c.parts.answered == bothSides {
			p.changed(change{asked: p.request(b), remedy: p.remedy(c)})
		}
	}
	pieces := layout(b.items, p.limits, fences{cuts: p.cuts})
	r.queue = slices.Replace(r.queue, r.at, r.at+1, pieces...)
	p.stale = true
	return true
}
