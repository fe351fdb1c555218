package gaps

import "slices"

// fromEvents adds the outages of the time before the journal begins, and has those that reach into what it has begin where
// they did.
func (a *account) fromEvents() {
	t := a.line
	limit := t.oldest
	if limit == 0 {
		limit = a.until
	}
	for device, list := range a.causes.devices {
		if !a.q.takesSome(device) {
			continue
		}
		for _, s := range list {
			a.outageBefore(device, s, DeviceOffline, limit)
		}
	}
	for p, list := range a.causes.tags {
		if !a.q.takes(p.device, p.tag) {
			continue
		}
		for _, s := range list {
			if !a.withheld(p, s.from) {
				a.badBefore(p, s, limit)
			}
		}
	}
}

// outageBefore tells of an outage that began before limit, or of a device that the journal has nothing of.
func (a *account) outageBefore(device string, s span, reason Reason, limit int64) {
	d := a.line.device(device)
	for _, part := range a.awake(s.from, min(s.to, a.gone(device, s.from))) {
		if part.to <= a.line.since || part.from >= a.line.until || part.from >= limit && a.seen(d) {
			continue
		}
		n := spell{from: part.from, to: part.to, goes: s.goes && part.to == a.until, reason: reason, why: s.why, cause: s.from, times: max(s.times, 1)}
		n = n.clipped(a.line)
		i := slices.IndexFunc(d.spells.list, func(o *spell) bool { return o.cause == n.cause && o.from <= n.to+outageSlack && n.from <= o.to })
		if i >= 0 {
			d.spells.list[i].from = min(d.spells.list[i].from, n.from)
			continue
		}
		for _, l := range d.tags {
			if l.planned {
				n.put(l.index)
				if l.regular {
					n.samples += uint64((n.to - n.from) / l.period)
				}
			}
		}
		d.spells.list = append(d.spells.list, &n)
	}
}

// gone is when a device was taken out of the configuration after that time; if it was not, the end of the report.
func (a *account) gone(device string, after int64) int64 {
	for _, p := range a.plans {
		if _, stays := p.devices[device]; p.from > after && p.cfg != nil && !stays {
			return min(p.from, a.until)
		}
	}
	return a.until
}

// goneTag is gone for a tag.
func (a *account) goneTag(t place, after int64) int64 {
	for _, p := range a.plans {
		if _, stays := p.of(t.device, t.tag); p.from > after && p.cfg != nil && !stays {
			return min(p.from, a.until)
		}
	}
	return a.until
}

// withheld reports that a tag was sent to no sink at that time, as far as that is known.
func (a *account) withheld(t place, at int64) bool {
	var now *plan
	for _, p := range a.plans {
		if now == nil || p.from <= at {
			now = p
		}
	}
	return now != nil && now.withheld[t]
}

// seen reports that the journal has samples of d.
func (a *account) seen(d *deviceLine) bool {
	return slices.ContainsFunc(d.tags, func(l *tagLine) bool { return l.seen || l.last != 0 })
}

// badBefore tells of a tag that was bad before limit.
func (a *account) badBefore(p place, s span, limit int64) {
	if from, taken := a.line.taken[p]; s.from >= limit || taken && from == s.from {
		return
	}
	for _, part := range a.awake(s.from, min(s.to, limit, a.goneTag(p, s.from))) {
		n := spell{from: part.from, to: part.to, reason: TagBad, why: s.why, times: max(s.times, 1)}
		if n.to <= a.line.since || n.from >= a.line.until {
			continue
		}
		n = n.clipped(a.line)
		d := a.line.device(p.device)
		l := d.tag(p.tag)
		n.put(l.index)
		if l.regular {
			n.samples = uint64((n.to - n.from) / l.period)
		}
		d.spells.list = append(d.spells.list, &n)
	}
}

// awake is what of the time between from and to the bridge was on.
func (a *account) awake(from, to int64) (parts []span) {
	for i := range a.line.offs {
		p := &a.line.offs[i]
		if p.to <= from || p.begin() >= to {
			continue
		}
		if p.begin() > from {
			parts = append(parts, span{from: from, to: p.begin()})
		}
		from = min(p.to, to)
	}
	if from < to {
		parts = append(parts, span{from: from, to: to})
	}
	return parts
}
