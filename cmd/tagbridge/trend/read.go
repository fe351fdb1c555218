package trend

import (
	"context"
	"slices"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/gaps"
	"tagbridge/mapping"
	"tagbridge/sinks/journal"
)

// Past is what the journal has of the tags that are asked for; a *journal.History is one.
type Past interface {
	Each(ctx context.Context, yield func(b *mapping.Batch, i int) error) error
	Missing() []journal.Missing
	From() time.Time
}

// Read makes a line of each tag of q from what past has of them; it is now.
func Read(ctx context.Context, past Past, q Query, now time.Time) ([]*Line, error) {
	since, until := q.Since, q.Until
	if until.IsZero() || until.After(now) {
		until = now
	}
	if from := past.From(); since.IsZero() || since.Before(from) {
		since = from
	}
	if since.IsZero() || since.After(until) {
		since = until
	}
	r := reading{q: q, slots: make(map[*mapping.Group][]int)}
	for _, name := range q.Tags {
		device, tag, _ := strings.Cut(name, "/")
		l := &gathering{Line: Line{Tag: name, Since: since, Until: until}, most: q.points()}
		l.since = since.UnixNano()
		l.step = max(1, (until.UnixNano()-l.since)/int64(l.most)+1)
		if q.Period != nil {
			l.period = int64(q.Period(device, tag))
		}
		r.lines = append(r.lines, l)
	}
	if err := past.Each(ctx, r.take); err != nil {
		return nil, err
	}
	missing := past.Missing()
	var lines []*Line
	for _, l := range r.lines {
		l.finish(until, missing)
		lines = append(lines, &l.Line)
	}
	return lines, nil
}

// reading is where Read has come to.
type reading struct {
	q     Query
	lines []*gathering
	slots map[*mapping.Group][]int // of each series the line, or -1
}

func (r *reading) take(b *mapping.Batch, i int) error {
	slots, ok := r.slots[b.Group]
	if !ok {
		slots = make([]int, len(b.Group.Series))
		for k, s := range b.Group.Series {
			slots[k] = r.q.slot(b.Group.Device, s.Tag)
		}
		r.slots[b.Group] = slots
	}
	s := &b.Samples[i]
	if at := slots[s.Index]; at >= 0 {
		l, series := r.lines[at], b.Group.Series[s.Index]
		l.Unit, l.Enum = series.Unit, series.Enum // the newest
		l.take(valueOf(b, s))
	}
	return nil
}

// gathering is a Line in the making.
type gathering struct {
	Line
	most    int
	since   int64
	step    int64 // of stretches
	period  int64
	raw     []point // the samples, as long as there are few enough
	count   int
	last    int64 // the time of the one before
	bad     bool  // it had no value, since
	badFrom int64
	badWhy  string
}

// take takes a sample in. They come in the order of their times.
func (l *gathering) take(v value) {
	at := v.sample.Time
	l.follow(at, v.sample.Quality)
	l.last = at
	l.count++
	if l.count <= l.most {
		p := point{time: at}
		p.add(v)
		l.raw = append(l.raw, p)
	} else {
		l.raw = nil
	}
	n := min(max(at-l.since, 0)/l.step, int64(l.most)-1)
	begins := l.since + n*l.step
	if k := len(l.points); k == 0 || l.points[k-1].time < begins {
		l.points = append(l.points, point{time: begins})
	}
	l.points[len(l.points)-1].add(v)
}

// follow notes what lies between the sample before and one of that time.
func (l *gathering) follow(at int64, q mapping.Quality) {
	if l.count > 0 && !l.bad && l.period > 0 && at-l.last > 2*l.period+int64(time.Second)/2 {
		l.gap(l.last, at, string(gaps.NothingRead))
	}
	why := ""
	if q.IsBad() {
		why = string(gaps.TagBad) + ": " + q.String()
	}
	if l.bad && why != l.badWhy {
		l.gap(l.badFrom, at, l.badWhy)
	}
	if why != "" && (!l.bad || why != l.badWhy) {
		l.badFrom = at
	}
	l.bad, l.badWhy = why != "", why
}

// gapsMost is how many gaps are told of a tag; more are told as one with the last.
const gapsMost = 1000

func (l *gathering) gap(since, until int64, reason string) {
	from, to := time.Unix(0, since).UTC(), time.Unix(0, until).UTC()
	if n := len(l.Gaps); n >= gapsMost {
		l.Gaps[n-1].Until, l.Gaps[n-1].Reason = &to, "several gaps, see /api/v1/gaps"
		return
	}
	l.Gaps = append(l.Gaps, Gap{&from, &to, reason})
}

// finish ends l at until.
func (l *gathering) finish(until time.Time, missing []journal.Missing) {
	end := until.UnixNano()
	switch {
	case l.bad && end > l.badFrom:
		l.gap(l.badFrom, end, l.badWhy)
	case l.count > 0 && !l.bad && l.period > 0 && end-l.last > 2*l.period+2*int64(time.Second):
		l.gap(l.last, end, string(gaps.NothingRead))
	}
	for i := range missing {
		m := &missing[i]
		g := Gap{Until: &m.Until, Reason: m.Reason}
		if !m.Since.IsZero() {
			g.Since = &m.Since
		}
		l.Gaps = append(l.Gaps, g)
	}
	slices.SortStableFunc(l.Gaps, func(a, b Gap) int { return a.begin().Compare(b.begin()) })
	if l.count <= l.most {
		l.points = l.raw
		return
	}
	l.Step = time.Duration(l.step)
}

// begin is when g begins; the zero time is before all others.
func (g *Gap) begin() time.Time {
	if g.Since == nil {
		return time.Time{}
	}
	return *g.Since
}
