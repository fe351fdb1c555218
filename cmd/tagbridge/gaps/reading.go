package gaps

import (
	"cmp"
	"slices"
	"time"
)

// reading tells what was not read.
func (a *account) reading() {
	a.fromEvents()
	left := map[*deviceLine][]*spell{}
	for _, d := range a.line.order {
		var told []*spell
		for _, s := range d.spells.list {
			switch n := s.count(); {
			case n == 0 && s.cause == 0:
			case s.reason == PollsLeftOut:
				left[d] = append(left[d], a.without(s)...)
			default:
				told = append(told, a.without(a.begun(d, s))...)
			}
		}
		if len(a.holes) > 0 {
			told = joined(append(told, a.inHoles(d, told)...))
		}
		for _, s := range told {
			a.tell(d, s)
		}
	}
	a.leftOut(left)
	for i := range a.line.offs {
		a.off(&a.line.offs[i])
	}
	slices.SortStableFunc(a.r.Reading, func(x, y Reading) int {
		return cmp.Or(x.Since.Compare(y.Since), x.Until.Compare(y.Until), cmp.Compare(x.Device, y.Device))
	})
	a.r.NotRead = Seconds(together(a.r.Reading).Seconds())
	for _, d := range a.line.order {
		for _, l := range d.tags {
			if l.seen || l.planned || l.last != 0 {
				a.r.Tags++
			}
		}
	}
}

// tell adds a spell to the report.
func (a *account) tell(d *deviceLine, s *spell) {
	names, count := d.names(s)
	a.r.Reading = append(a.r.Reading, Reading{
		Since: nano(s.from), Until: nano(s.to), Goes: s.goes, Device: d.name, Tags: names, Count: count,
		Reason: s.reason, Why: s.why, Samples: s.samples, Times: s.times,
	})
}

// without is what is left of s where samples of the journal are not damaged or gone: what is in such a hole was read. An
// outage that began or ended in one did so when its event says.
func (a *account) without(s *spell) []*spell {
	list := []*spell{s}
	for _, m := range a.holes {
		cuts := []span{m}
		if s.cause != 0 {
			cuts = []span{{from: m.from, to: min(m.to, s.cause)}}
			if s.causeEnd > 0 {
				cuts = append(cuts, span{from: max(m.from, s.causeEnd), to: m.to})
			}
		}
		for _, c := range cuts {
			list = except(list, c)
		}
	}
	return list
}

// except is what of list is not in c.
func except(list []*spell, c span) (rest []*spell) {
	if c.from >= c.to {
		return list
	}
	for _, s := range list {
		rest = append(rest, s.except(c.from, c.to)...)
	}
	return rest
}

// begun is s with when the event has it that it began, of tags that were bad.
func (a *account) begun(d *deviceLine, s *spell) *spell {
	if s.reason != TagBad || len(a.holes) == 0 {
		return s
	}
	i := slices.IndexFunc(d.tags, func(l *tagLine) bool { return s.has(l.index) })
	if i < 0 {
		return s
	}
	if bad := over(a.causes.tags[d.tags[i].place], s.from, s.to); len(bad) > 0 {
		known := *s
		known.cause = bad[0].from
		return &known
	}
	return s
}

// off tells that the bridge was off, if anything was missed by it.
func (a *account) off(p *pause) {
	tags, missed := p.tags, p.samples
	begin, end := p.begin(), min(p.to, a.until)
	if p.first > end+outageSlack && p.first < forever {
		end = min(p.first, a.until)
	}
	begin, end = max(begin, a.line.since), min(end, a.line.until)
	known := a.line.oldest != 0 && a.line.oldest <= p.begin()
	after := a.line.newest >= p.to // there is something of the time after it, which shows what was missed
	if end <= begin || p.tags == 0 && known && after {
		return
	}
	if !known || p.tags == 0 {
		if tags, missed = a.wanted(begin, end); known && missed == 0 {
			return
		}
	}
	a.r.Reading = append(a.r.Reading, Reading{
		Since: nano(begin), Until: nano(end), Goes: p.goes && end == a.until, Count: tags, Reason: BridgeOff, Why: p.why,
		Samples: missed, Times: 1,
	})
}

// wanted is how many tags were to be read at that time, and how many polls of them there are until the end.
func (a *account) wanted(begin, end int64) (tags int, polls uint64) {
	var now *plan
	for _, p := range a.plans {
		if p.from <= begin || now == nil {
			now = p
		}
	}
	if now == nil {
		return 0, 0
	}
	for _, list := range now.devices {
		tags += len(list)
		for _, w := range list {
			if w.regular {
				polls += uint64((end - begin) / w.period)
			}
		}
	}
	return tags, polls
}

// leastAsleep is how long nothing at all must have been read to be told as one.
const leastAsleep = int64(10 * time.Second)

// leftOut tells of polls that were left out: those of all devices at once, while nothing of the bridge says why, as one.
func (a *account) leftOut(left map[*deviceLine][]*spell) {
	all := 0
	for _, d := range a.line.order {
		if slices.ContainsFunc(d.tags, func(l *tagLine) bool { return l.regular && l.seen }) {
			all++
		}
	}
	type shared struct {
		spell
		devices map[*deviceLine]bool
		tags    int
	}
	var together []*shared
	var rest []func()
	for _, d := range a.line.order {
		for _, s := range left[d] {
			if all < 2 || s.to-s.from < leastAsleep || s.times > 1 {
				a.tell(d, s)
				continue
			}
			i := slices.IndexFunc(together, func(t *shared) bool { return t.joins(s) })
			if i < 0 {
				together, i = append(together, &shared{spell: *s, devices: map[*deviceLine]bool{}}), len(together)
				together[i].samples = 0
			}
			t := together[i]
			t.join(s)
			t.devices[d] = true
			t.tags += s.count()
			rest = append(rest, func() {
				if len(t.devices) < all {
					a.tell(d, s)
				}
			})
		}
	}
	for _, f := range rest {
		f()
	}
	for _, t := range together {
		if len(t.devices) == all {
			a.r.Reading = append(a.r.Reading, Reading{
				Since: nano(t.from), Until: nano(t.to), Goes: t.goes, Count: t.tags, Reason: NothingRead,
				Why: a.nothing(t.from), Samples: t.samples, Times: 1,
			})
		}
	}
}

// nothing is why nothing at all was read.
func (a *account) nothing(from int64) string {
	const why = "the machine slept, or its clock was set forward"
	if a.causes.first == 0 || from < a.causes.first && !a.causes.begins {
		return "the bridge was off, " + why
	}
	return why
}

// together is how long intervals are, what overlaps counted once. They are by their beginning.
func together(list []Reading) time.Duration {
	var sum time.Duration
	var end time.Time
	for i := range list {
		from := list[i].Since
		if from.Before(end) {
			from = end
		}
		if list[i].Until.After(from) {
			sum += list[i].Until.Sub(from)
			end = list[i].Until
		}
	}
	return sum
}
