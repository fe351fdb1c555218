package gaps

import (
	"slices"
	"time"

	"tagbridge/mapping"
)

// gap notes that l was not read between a and b, bad with quality q where that is not 0, and why: it is cut where the bridge
// was off. It returns the spell that nothing explains, if it is a single poll of one.
func (t *timeline) gap(l *tagLine, a, b int64, q mapping.Quality, goes bool) *spell {
	total := int64(0)
	if l.regular {
		if total = max(0, (b-a+l.period/2)/l.period-1); total == 0 && q == 0 {
			return nil
		}
	}
	share := func(x, y int64) uint64 { return uint64((total*(y-x) + (b-a)/2) / max(b-a, 1)) }
	from := a
	offs := false
	soon := l.period
	if q != 0 {
		soon = min(soon, int64(time.Second))
	}
	for i := range t.offs {
		p := &t.offs[i]
		if p.to <= from || p.begin() >= b {
			continue
		}
		begin, end := max(p.begin(), from), min(p.to, b)
		switch {
		case offs && q == 0 && begin-from >= soon+slack:
			t.startPiece(l, from, begin, 0, false, share(from, begin))
		case begin-from >= 2*l.period || q != 0 && begin-from > slack:
			t.piece(l, from, begin, q, false, share(from, begin))
		default:
			begin = from
		}
		offs = true
		p.miss(t, l, begin, end, share(begin, end))
		from = end
	}
	if from >= b || offs && b-from < soon+slack { // it was read as soon as it could be
		return nil
	}
	if offs {
		t.startPiece(l, from, b, q, goes, share(from, b))
		return nil
	}
	if s := t.piece(l, from, b, q, goes, share(from, b)); total == 1 {
		return s
	}
	return nil
}

// startPiece is piece for what follows a start.
func (t *timeline) startPiece(l *tagLine, a, b int64, q mapping.Quality, goes bool, samples uint64) {
	if s := t.piece(l, a, b, q, goes, samples); s != nil && s.reason == PollsLeftOut {
		s.why = afterStart
	}
}

// afterStart is why nothing was read from a start to the first answer of a slow device.
const afterStart = "from the start to the first answer"

// miss notes that l missed so many samples as the bridge was off from begin to end.
func (p *pause) miss(t *timeline, l *tagLine, begin, end int64, samples uint64) {
	if end <= t.since || begin >= t.until || end-begin < l.period && l.regular {
		return
	}
	p.tags++
	p.samples += scaled(samples, begin, end, t.since, t.until)
	p.first = min(p.first, end)
}

// pass has the tags of which no sample says it have missed something while the bridge was off.
func (t *timeline) pass(p *pause, to int64, goes bool) {
	for _, d := range t.order {
		for _, l := range d.tags {
			if (l.seen || l.planned && l.from > 0 && l.from <= p.from) && !l.ended && !l.regular && l.bad == 0 && to-p.begin() >= l.period {
				p.miss(t, l, p.begin(), to, 0)
			}
		}
	}
}

// piece notes an interval in which the bridge was on, and why l was not read in it.
func (t *timeline) piece(l *tagLine, a, b int64, q mapping.Quality, goes bool, samples uint64) *spell {
	if b <= t.since || a >= t.until || b <= a {
		return nil
	}
	n := spell{from: a, to: b, goes: goes, reason: PollsLeftOut, samples: scaled(samples, a, b, t.since, t.until)}
	outage, was := t.offline(l, a, b)
	switch {
	case was:
		return t.outage(l, n, q, outage)
	case q != 0:
		n.reason, n.quality, n.why = TagBad, q, l.badText(q)
	case t.reloaded(l, a, b):
		n.reason = Reload
	}
	return l.dev.spells.add(l, n.clipped(t))
}

// badText is what is told of a bad quality.
func (l *tagLine) badText(q mapping.Quality) string {
	if l.why != "" {
		return l.why
	}
	return q.String()
}

// reloaded reports that l was not read between a and b as there was a reload, and for no longer than that accounts for.
func (t *timeline) reloaded(l *tagLine, a, b int64) bool {
	near := min(l.period, int64(10*time.Second))
	return slices.ContainsFunc(t.causes.reloads, func(r span) bool {
		return r.from < b && r.to+near > a && b-a < r.to-r.from+2*l.period+2*near
	})
}

// outage notes an interval of which the device was offline for some time; what lies before and after it has its own reason.
func (t *timeline) outage(l *tagLine, n spell, q mapping.Quality, o span) *spell {
	rest := func(a, b int64) {
		least := 2*l.period + slack
		if o.from == o.told || a >= o.to { // nothing says when it last answered, or when this tag was asked again
			least += l.outageSlack() - slack
		}
		if b-a < least {
			return
		}
		part := n
		part.from, part.to, part.samples = a, b, 0
		if l.regular {
			part.samples = uint64((b - a) / l.period)
		}
		if q != 0 {
			part.reason, part.quality, part.why = TagBad, q, l.badText(q)
		}
		if b <= o.from {
			n.from, part.goes = b, false
		} else {
			n.to, n.goes = a, false
		}
		n.samples -= min(n.samples, part.samples)
		if part.to > t.since && part.from < t.until {
			l.dev.spells.add(l, part.clipped(t))
		}
	}
	rest(n.from, o.from)
	if !o.goes {
		rest(o.to, n.to)
	}
	n.reason, n.why, n.cause, n.causeEnd = DeviceOffline, o.why, o.from, o.to
	if n.to <= t.since || n.from >= t.until {
		return nil
	}
	return l.dev.spells.add(l, n.clipped(t))
}

// outageSlack is how long a device is asked again before it is offline, and how long it takes to be read after it is back.
const outageSlack = int64(noted)

// outageSlack is how long it takes at most until the device of l counts as silent, and until l is read when it is back.
func (l *tagLine) outageSlack() int64 {
	if l.answer == 0 {
		return outageSlack
	}
	return min(3*l.answer+int64(time.Second), outageSlack)
}

// offline is what of the outages of l's device lies between a and b, as one; false: it was online.
func (t *timeline) offline(l *tagLine, a, b int64) (o span, was bool) {
	take := func(s span) {
		if !was {
			o, was = s, true
			return
		}
		if o.why == "" {
			o.why = s.why
		}
		if s.from < o.from {
			o.from, o.told = s.from, s.told
		}
		o.to, o.goes = max(o.to, s.to), o.goes || s.goes
	}
	for _, s := range over(t.causes.devices[l.device], a, b) {
		take(s)
	}
	if was {
		return o, true
	}
	for _, s := range over(l.dev.away, a, b) {
		take(t.told(l.device, s))
	}
	if l.dev.offline != 0 && l.dev.offline < b {
		take(t.told(l.device, span{from: l.dev.offline, told: l.dev.offline, to: forever, goes: true}))
	}
	return o, was
}

// told is the outage of the events that s, of the bridge's own samples, is; s itself when they have none such.
func (t *timeline) told(device string, s span) span {
	for _, o := range t.causes.devices[device] {
		if abs(o.told-s.from) < int64(sameOutage) {
			s.from, s.told, s.why = o.from, o.told, o.why
		}
	}
	return s
}

// sameOutage is how far apart an event and a sample of the same are at most.
const sameOutage = 5 * time.Second

// clipped is s within the time that is asked for.
func (s spell) clipped(t *timeline) spell {
	s.goes = s.goes && s.to <= t.until
	s.from, s.to = max(s.from, t.since), min(s.to, t.until)
	return s
}

// scaled is how many of n samples between a and b are between since and until.
func scaled(n uint64, a, b, since, until int64) uint64 {
	part := min(b, until) - max(a, since)
	if part >= b-a || b <= a {
		return n
	}
	return uint64(float64(n) * float64(max(part, 0)) / float64(b-a))
}

// names are the tags of d that s has, nil: all.
func (d *deviceLine) names(s *spell) (names []string, count int) {
	now := 0
	for _, l := range d.tags {
		if s.has(l.index) {
			names = append(names, l.tag)
		}
		if l.planned {
			now++
		}
	}
	count = len(names)
	if count > 1 && (count == now || count == len(d.tags)) {
		return nil, count
	}
	slices.Sort(names)
	return names, count
}
