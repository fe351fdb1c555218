package gaps

import (
	"math"

	"tagbridge/mapping"
)

// deviceLine is the tags of a device, and what was not read of them.
type deviceLine struct {
	name    string
	tags    []*tagLine
	by      map[string]*tagLine
	offline int64  // by the bridge's own samples: since then; 0: it is online
	away    []span // when it was offline before, by these
	spells  spells
}

// timeline follows all tags through the samples, in the order in which they were read.
type timeline struct {
	q      *Query
	since  int64 // of q
	until  int64 // of q
	causes *causes
	plans  []*plan
	next   int   // the first of plans that is not in force yet
	now    int64 // the time of the newest sample that the bridge has dated
	oldest int64 // when the journal begins; 0: nothing was seen of it
	newest int64 // its newest sample that the bridge has dated

	devices map[string]*deviceLine
	order   []*deviceLine
	groups  map[*mapping.Group]groupLine
	group   *mapping.Group // the last one
	groupLine

	off      int             // the first of causes.off that is not over yet
	offs     []pause         // by causes.off
	setBacks []setBack       // of the clock
	taken    map[place]int64 // spells of causes.tags that reach into the journal, by when they began
}

// groupLine is the tags of a group.
type groupLine struct {
	lines []*tagLine // of those that are asked for; nil of others
	timed bool       // the bridge gives its samples their times
}

func newTimeline(q *Query, c *causes, plans []*plan) *timeline {
	t := &timeline{q: q, causes: c, plans: plans, devices: map[string]*deviceLine{}, groups: map[*mapping.Group]groupLine{}, taken: map[place]int64{}}
	t.since, t.until = q.window()
	for _, s := range c.off {
		t.offs = append(t.offs, pause{span: s, first: math.MaxInt64})
	}
	if len(plans) > 0 { // what was in force before the oldest that is known was probably much the same
		t.enter(plans[0])
		t.next = 1
	}
	return t
}

// batch takes in the samples of b.
func (t *timeline) batch(b *mapping.Batch) error {
	if b.Group != t.group {
		t.turn(b.Group)
	}
	if b.Group.Own {
		for i := range b.Samples {
			t.own(b.Group, &b.Samples[i])
		}
		return nil
	}
	for i := range b.Samples {
		s := &b.Samples[i]
		if t.timed && s.Time != t.now {
			t.clock(s.Time)
		}
		l := t.lines[s.Index]
		if l == nil {
			continue
		}
		if s.Quality.IsBad() {
			l.readBad(t, s.Time, s.Quality)
		} else {
			l.read(t, s.Time)
		}
	}
	return nil
}

// own takes in a sample that the bridge made of itself.
func (t *timeline) own(g *mapping.Group, s *mapping.Sample) {
	t.clock(s.Time)
	if g.Series[s.Index].Field != onlineField {
		return
	}
	d := t.device(g.Device)
	switch online := s.Bits != 0; {
	case online && d.offline != 0:
		d.away, d.offline = append(d.away, span{from: d.offline, told: d.offline, to: max(s.Time, d.offline+1)}), 0
	case !online && d.offline == 0:
		d.offline = s.Time
	}
}

// onlineField is the field of the bridge's own samples that say whether a device is online.
const onlineField = "online"

// turn looks up the tags of a group.
func (t *timeline) turn(g *mapping.Group) {
	t.group = g
	known, ok := t.groups[g]
	if !ok {
		known.lines = make([]*tagLine, len(g.Series))
		for i, s := range g.Series {
			if !g.Own && t.q.takes(g.Device, s.Tag) {
				known.lines[i] = t.device(g.Device).tag(s.Tag)
			}
		}
		known.timed = t.times(g.Device)
		t.groups[g] = known
	}
	t.groupLine = known
}

// times reports that the bridge gives the samples of a device their times, as far as that is known.
func (t *timeline) times(device string) (times bool) {
	for _, p := range t.plans {
		dated, known := p.dated[device]
		if dated {
			return false
		}
		times = times || known
	}
	return times
}

func (t *timeline) device(name string) *deviceLine {
	d := t.devices[name]
	if d == nil {
		d = &deviceLine{name: name, by: map[string]*tagLine{}}
		t.devices[name] = d
		t.order = append(t.order, d)
	}
	return d
}

func (d *deviceLine) tag(name string) *tagLine {
	l := d.by[name]
	if l == nil {
		l = &tagLine{place: place{d.name, name}, dev: d, index: len(d.tags)}
		d.by[name] = l
		d.tags = append(d.tags, l)
	}
	return l
}

// enter has a plan be in force.
func (t *timeline) enter(p *plan) {
	for _, d := range t.order {
		for _, l := range d.tags {
			if _, stays := p.of(l.device, l.tag); !stays && l.planned {
				l.end(t, p.from)
			}
			l.planned = false
		}
	}
	for device, tags := range p.devices {
		d := t.device(device)
		for name, w := range tags {
			l := d.tag(name)
			if l.ended || l.from == 0 {
				l.from, l.ended = p.from, false
			}
			if l.wanted != w {
				l.loose, l.before = true, max(l.before, l.period)
			}
			l.planned, l.wanted = true, w
		}
	}
}

// finish ends all timelines at the time up to which all is known.
func (t *timeline) finish(until int64) {
	for t.next < len(t.plans) && t.plans[t.next].from <= until {
		t.enter(t.plans[t.next])
		t.next++
	}
	for _, d := range t.order {
		for _, l := range d.tags {
			if !l.ended {
				l.tail(t, until, true)
			}
		}
	}
	for ; t.off < len(t.offs); t.off++ {
		if p := &t.offs[t.off]; p.from < until {
			t.pass(p, min(p.to, until), p.to > until)
		}
	}
}

// window is since and until as nanoseconds.
func (q *Query) window() (since, until int64) {
	since, until = math.MinInt64, math.MaxInt64
	if !q.Since.IsZero() {
		since = q.Since.UnixNano()
	}
	if !q.Until.IsZero() {
		until = q.Until.UnixNano()
	}
	return since, until
}
