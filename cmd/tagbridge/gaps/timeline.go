package gaps

import (
	"math"
	"strings"
	"time"

	"tagbridge/mapping"
)

// tagLine is where the timeline of one tag has come to.
type tagLine struct {
	place
	dev   *deviceLine
	index int // among those of its device
	wanted
	planned bool  // it is in the plan in force
	from    int64 // it should be read from then on; 0: that is not known
	loose   bool  // the next sample begins the polls anew,
	before  int64 // which had this period

	seen  bool
	last  int64 // when its last sample with a value was read
	due   int64 // of a regular tag: when that poll was due, at the latest
	bad   mapping.Quality
	since int64  // while bad: when it began
	why   string // and what the event said, where no sample says it
	ended bool   // it is not read any more
	// left is the last gap, if nothing explains it: a poll that comes early after it shows that one was only late.
	left *spell
}

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

// setBack is a step of the clock: it was at from, and then at to.
type setBack struct{ from, to int64 }

const (
	slack      = int64(100 * time.Millisecond) // of what is timed to be equal
	mostBacks  = 100
	leastBack  = int64(2 * time.Second) // a smaller step of the clock is corrected all the time
	tailSlack  = int64(5 * time.Second) // what was read is in the files by then
	pushedTail = int64(time.Minute)     // a server has answered to a subscription by then
)

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
		d.away, d.offline = append(d.away, span{from: d.offline, to: max(s.Time, d.offline+1)}), 0
	case !online && d.offline == 0:
		d.offline = s.Time
	}
}

// onlineField is the field of the bridge's own samples that say whether a device is online.
const onlineField = "online"

// clock follows the bridge's clock, which was at that time.
func (t *timeline) clock(at int64) {
	if t.oldest == 0 {
		t.oldest = at
		defer t.takeOver(at)
	}
	if at <= t.now {
		if t.now-at > leastBack {
			t.back(at)
		}
		return
	}
	t.now = at
	t.newest = max(t.newest, at)
	for t.next < len(t.plans) && t.plans[t.next].from <= at {
		t.enter(t.plans[t.next])
		t.next++
	}
	for t.off < len(t.offs) && at >= t.offs[t.off].to {
		t.pass(&t.offs[t.off], t.offs[t.off].to, false)
		t.off++
	}
	if t.off < len(t.offs) && at > t.offs[t.off].from {
		t.offs[t.off].alive = at
	}
}

// takeOver has tags be bad that were when the journal begins, as the events say: their samples can be long before that.
func (t *timeline) takeOver(at int64) {
	for _, d := range t.order {
		for _, l := range d.tags {
			bad := over(t.causes.tags[l.place], at, at+1)
			if len(bad) == 0 || !l.planned || l.seen || bad[0].times > 1 {
				continue
			}
			l.seen, l.bad, l.since, l.why = true, someBad, max(bad[0].from, l.from), bad[0].why
			t.taken[l.place] = bad[0].from
		}
	}
}

// someBad is the quality of a tag that is bad as events say.
const someBad mapping.Quality = 1 << 31

// back notes that the clock was set back: what is bad is so until then and from then on.
func (t *timeline) back(at int64) {
	if len(t.setBacks) < mostBacks {
		t.setBacks = append(t.setBacks, setBack{t.now, at})
	}
	for _, d := range t.order {
		for _, l := range d.tags {
			if l.bad != 0 && l.since <= t.now {
				t.gap(l, l.since, t.now, l.bad, false)
				l.since = at
			}
		}
		if d.offline != 0 {
			d.away = append(d.away, span{from: d.offline, to: max(t.now, d.offline+1)})
			d.offline = at
		}
	}
	t.now = at
}

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

// end notes that a tag is not read any more from then on.
func (l *tagLine) end(t *timeline, at int64) {
	if !l.ended {
		l.tail(t, at, false)
	}
	l.seen, l.bad, l.why, l.ended, l.from, l.left = false, 0, "", true, 0, nil
}

// read takes in a sample with a value.
func (l *tagLine) read(t *timeline, at int64) {
	switch {
	case !l.seen:
		l.begin(t, at)
	case l.bad != 0:
		l.back(t, at)
	case l.regular:
		l.poll(t, at)
	case l.beat > 0 && at-l.last > l.beat+l.beat>>6+2*l.period+slack:
		t.gap(l, l.last, at, 0, false)
	}
	l.last = at
	if l.loose {
		l.due, l.loose, l.before = at, false, 0
	}
}

// begin takes in the first sample.
func (l *tagLine) begin(t *timeline, at int64) {
	from := max(l.from, t.oldest)
	if l.planned && l.from > 0 && l.regular && at-from >= 2*l.period+slack {
		t.gap(l, from, at, 0, false)
	}
	l.seen, l.ended, l.due, l.left = true, false, at, nil
}

// back takes in the first sample with a value after bad ones.
func (l *tagLine) back(t *timeline, at int64) {
	end := at
	if end < l.since { // the source dates it as it was before
		end = max(t.now, l.since)
	}
	t.gap(l, l.since, end, l.bad, false)
	l.bad, l.why, l.due, l.left = 0, "", at, nil
}

// poll takes in a sample of a tag that each poll makes one of. A round begins less than a period after it was due, or else
// stands for the last that was due: so many are left out as whole periods lie between when this and the last were due.
func (l *tagLine) poll(t *timeline, at int64) {
	past := at - l.due
	switch {
	case past < l.period:
		if past >= 0 {
			l.left.takeBack(l)
		}
		l.due, l.left = at, nil
	case past < 2*l.period || l.loose && past < 2*max(l.period, l.before)+slack:
		l.due += l.period
		l.due += (at - l.due) >> 4
		l.left = nil
	default:
		l.left = t.gap(l, l.last, at, 0, false)
		l.due = at - (past%l.period)>>1
	}
}

// readBad takes in a sample without a value.
func (l *tagLine) readBad(t *timeline, at int64, q mapping.Quality) {
	q = q.Base()
	if q == mapping.BadOutOfService && !t.stays(l, at) {
		l.end(t, at)
		return
	}
	switch {
	case !l.seen:
		l.beginBad(t, at)
	case l.bad == 0:
		l.since = at
		if l.regular && at > l.last {
			l.since = l.last
		}
	case l.bad == q:
		return
	case l.bad == someBad && strings.HasPrefix(l.why, q.String()): // it is still the same
		l.bad = q
		return
	default:
		t.gap(l, l.since, max(at, l.since), l.bad, false)
		l.since = max(at, l.since)
	}
	l.bad, l.why, l.left = q, "", nil
}

// beginBad takes in the first sample, which is bad. Where the journal begins in the middle of it, that is when a tag that
// each poll makes a sample of has had none before.
func (l *tagLine) beginBad(t *timeline, at int64) {
	l.seen, l.ended, l.since = true, false, at
	from := max(l.from, t.oldest)
	if l.planned && l.from > 0 && (l.from >= t.oldest || l.regular && at-from >= 2*l.period+slack) {
		l.since = min(from, at)
	}
}

// stays reports that l is read for longer than until that time: the server of its device says that it is out of service, and
// not the bridge as it is not read any more. A reload is noted a little after it has ended tags.
func (t *timeline) stays(l *tagLine, at int64) bool {
	stays := l.planned
	for _, p := range t.plans[t.next:] {
		if p.from > at+int64(noted) {
			break
		}
		_, stays = p.of(l.device, l.tag)
	}
	return stays
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

// tail tells what is missing at the end of a timeline.
func (l *tagLine) tail(t *timeline, at int64, goes bool) {
	known := l.planned || len(t.plans) == 0 // else it may have gone without a word
	switch {
	case l.seen && l.bad != 0:
		if at > l.since {
			t.gap(l, l.since, at, l.bad, goes)
		}
	case !known:
	case l.seen && l.regular && at-l.last >= 2*l.period+t.tailSlack(at):
		t.gap(l, l.last, at, 0, goes)
	case !l.seen && l.planned && l.from > 0:
		wait := 2*l.period + tailSlack
		if l.pushed {
			wait = pushedTail
		}
		if from := max(l.from, t.oldest); t.oldest > 0 && at-from >= wait {
			t.gap(l, from, at, 0, goes)
		}
	}
}

// tailSlack is how long what was read at that time may take to be seen.
func (t *timeline) tailSlack(at int64) int64 {
	if n := len(t.offs); n > 0 && t.offs[n-1].goes && t.offs[n-1].from < at {
		return 0
	}
	return tailSlack
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
