package gaps

import (
	"cmp"
	"slices"
	"strings"
)

// What was read while the journal could not be written, and is lost, says nothing of its time. There the events do: which
// devices were offline, and which tags bad.

// inHoles are the outages of d's tags in the holes of the journal, as events say, but for what was told of them already.
func (a *account) inHoles(d *deviceLine, told []*spell) []*spell {
	slices.SortStableFunc(told, func(x, y *spell) int { return cmp.Compare(x.from, y.from) })
	var found spells
	for _, m := range a.holes {
		for _, o := range over(a.causes.devices[d.name], m.from, m.to) {
			for _, part := range a.untold(m, o, a.gone(d.name, o.from), told, func(s *spell) bool { return s.reason == DeviceOffline }) {
				n := a.fromCause(part, o, DeviceOffline)
				for _, l := range d.tags {
					if l.planned {
						n.put(l.index)
						n.samples += l.polls(part)
					}
				}
				found.list = append(found.list, &n)
			}
		}
		for _, l := range d.tags {
			for _, o := range over(a.causes.tags[l.place], m.from, m.to) {
				if o.times > 1 {
					continue
				}
				for _, part := range a.untold(m, o, a.goneTag(l.place, o.from), told, func(s *spell) bool { return s.has(l.index) }) {
					n := a.fromCause(part, o, TagBad)
					n.samples = l.polls(part)
					found.add(l, n)
				}
			}
		}
	}
	return found.list
}

// polls is how many polls of l there are in s.
func (l *tagLine) polls(s span) uint64 {
	if !l.regular {
		return 0
	}
	return uint64((s.to - s.from) / l.period)
}

// fromCause is the part of a cause as a spell.
func (a *account) fromCause(part, o span, reason Reason) spell {
	n := spell{from: part.from, to: part.to, goes: o.goes && part.to == a.until, reason: reason, why: o.why,
		cause: o.from, causeEnd: o.to, times: max(o.times, 1)}
	return n.clipped(a.line)
}

// untold is what of o lies in hole m, up to end, while the bridge was on, and is in none of those told that has accepts. They
// are by their beginning.
func (a *account) untold(m, o span, end int64, told []*spell, has func(*spell) bool) (parts []span) {
	from, to := max(m.from, o.from, a.line.since), min(m.to, o.to, end, a.until)
	if from >= to {
		return nil
	}
	for _, part := range a.awake(from, to) {
		at := part.from
		for _, s := range told {
			if s.to <= at || s.from >= part.to || !has(s) {
				continue
			}
			if s.from-at > slack {
				parts = append(parts, span{from: at, to: s.from})
			}
			at = max(at, s.to)
		}
		if part.to-at > slack {
			parts = append(parts, span{from: at, to: part.to})
		}
	}
	return parts
}

// joined tells as one those of list that follow each other without a break and are the same.
func joined(list []*spell) []*spell {
	slices.SortStableFunc(list, func(a, b *spell) int { return cmp.Compare(a.from, b.from) })
	var kept []*spell
	for _, s := range list {
		i := slices.IndexFunc(kept, func(k *spell) bool { return k.goesOnIn(s) })
		if i < 0 {
			kept = append(kept, s)
			continue
		}
		k := kept[i]
		k.to, k.goes, k.samples = max(k.to, s.to), s.goes, k.samples+s.samples
		k.quality = max(k.quality, s.quality)
		if len(s.why) > len(k.why) {
			k.why = s.why
		}
	}
	return kept
}

// goesOnIn reports that n is what s is, and begins where that ends.
func (s *spell) goesOnIn(n *spell) bool {
	same := s.reason == n.reason && s.times == 1 && n.times == 1 && abs(n.from-s.to) <= slack && sameTags(s.tags, n.tags) &&
		(s.quality == n.quality || s.quality == 0 || n.quality == 0)
	return same && (s.cause == n.cause && s.cause != 0 || strings.HasPrefix(s.why, n.why) || strings.HasPrefix(n.why, s.why))
}

// oneByOne are holes by their beginning, those that touch as one.
func oneByOne(holes []span) []span {
	slices.SortFunc(holes, byBeginning)
	var list []span
	for _, h := range holes {
		if n := len(list); n > 0 && h.from <= list[n-1].to {
			list[n-1].to = max(list[n-1].to, h.to)
			continue
		}
		list = append(list, h)
	}
	return list
}

// sameTags reports that both are of the same tags.
func sameTags(a, b []uint64) bool {
	for len(a) > len(b) {
		b = append(b[:len(b):len(b)], 0)
	}
	for len(b) > len(a) {
		a = append(a[:len(a):len(a)], 0)
	}
	return slices.Equal(a, b)
}
