package gaps

import (
	"strings"

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
			l.since = t.lastStart(l, at)
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

// lastStart is when l, which is bad at that time and was read before, can have become so: the bridge that finds it bad after
// its start knows nothing of the time before.
func (t *timeline) lastStart(l *tagLine, at int64) int64 {
	from := l.last
	for i := range t.offs {
		if p := &t.offs[i]; p.to > from && p.to <= at && p.begin() >= l.last {
			from = p.to
		}
	}
	if from > l.last {
		t.gap(l, l.last, from, 0, false)
	}
	return from
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
