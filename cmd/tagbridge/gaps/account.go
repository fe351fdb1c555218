package gaps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping/config"
	"tagbridge/sinks/journal"
)

// Source is what the account is made from.
type Source struct {
	DataDir string
	// Applied are the configurations that were in force, as far as they are known.
	Applied []Applied
	// Config is what to go by where no applied one is known; it may be nil.
	Config *config.Config
	// Fault is why it is not known what was applied; "": it is.
	Fault string
	// LookBack looks into the journal in place of its files: it knows what is not in them yet. It may be nil.
	LookBack func(context.Context, journal.Past) (*journal.History, error)
	// Running reports that the bridge of DataDir runs now, and Alive when it last was known to.
	Running bool
	Alive   time.Time
	Now     time.Time
}

// Account tells what of what q asks for is missing. It reads all that the journal holds, once, without keeping any of it:
// memory is by the number of tags and of gaps. What cannot be read is in Report.Unknown; an error is one of ctx, or says
// that there is nothing at all.
func Account(ctx context.Context, src Source, q Query) (*Report, error) {
	a := &account{src: src, q: q, r: &Report{
		Reading: []Reading{}, Sinks: []Sink{}, Unclaimed: []string{}, Unknown: []string{}, Notes: []string{},
	}}
	if err := a.readEvents(); err != nil {
		return nil, err
	}
	if src.Fault != "" {
		a.unread("which configurations were applied cannot be read: %s", src.Fault)
	}
	a.plans = plansOf(src.Applied, a.causes, &a.q)
	if len(a.plans) == 0 && src.Config != nil {
		a.plans = []*plan{planOf(0, src.Config, &a.q)}
	}
	a.src.Running = src.Running && a.causes.stopped == 0 // which is the newest
	a.line = newTimeline(&a.q, a.causes, a.plans)
	if err := a.readJournal(ctx); err != nil {
		return nil, err
	}
	if a.causes.first == 0 && a.line.oldest == 0 && len(a.places) == 0 {
		return nil, fmt.Errorf("%s has no events and no journal: no bridge has run with it", src.DataDir)
	}
	a.span()
	a.line.finish(a.until)
	a.reading()
	a.unclaimed()
	a.delivery()
	a.remarks()
	a.r.judge()
	return a.r, nil
}

// account is an account in the making.
type account struct {
	src     Source
	q       Query
	r       *Report
	causes  *causes
	plans   []*plan
	line    *timeline
	missing []journal.Missing
	holes   []span // times of which the journal has not everything that was read
	places  []journal.Place
	losses  map[string][]journal.Loss
	reach   time.Time            // how far back the journal reaches
	waits   map[string]time.Time // since when the oldest that a sink waits for was read
	until   int64

	noJournal bool // it cannot be read
}

// unknown notes what cannot be told.
func (a *account) unknown(format string, args ...any) {
	a.r.Unknown = append(a.r.Unknown, fmt.Sprintf(format, args...))
}

// unread notes what cannot be told as it could not be read.
func (a *account) unread(format string, args ...any) {
	a.r.Incomplete = true
	a.unknown(format, args...)
}

func (a *account) readEvents() (err error) {
	r := events.NewReader(events.Folder(a.src.DataDir))
	a.causes, err = readCauses(r)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		a.unknown("there are no events: when the bridge was off is known only by the samples")
	case err != nil:
		a.unread("events cannot be read, so that why something was not read may not be known: %v", err)
	}
	if r.Damaged > 0 {
		a.unread("%d lines of the events are damaged", r.Damaged)
	}
	if a.causes.first != 0 {
		a.r.Events = nano(a.causes.first)
	}
	return nil
}

// readJournal follows all that the journal has, and finds where the sinks are.
func (a *account) readJournal(ctx context.Context) error {
	in, err := journal.Inspect(filepath.Join(a.src.DataDir, "journal"))
	if err != nil {
		a.noJournal = true
		if !errors.Is(err, fs.ErrNotExist) || a.causes.first != 0 {
			a.unread("the journal cannot be read, so that nothing is known of what was delivered: %v", err)
		}
		return ctx.Err()
	}
	defer in.Close()
	if err := a.lookBack(ctx, in); ctx.Err() != nil {
		return ctx.Err()
	} else if err != nil {
		a.unread("the journal cannot be read to its end: %v", err)
	}
	sum, err := in.Summary()
	if err != nil {
		a.noJournal = true
		a.unread("the places of the sinks cannot be read: %v", err)
	}
	a.places, a.losses, a.waits = sum.Sinks, map[string][]journal.Loss{}, map[string]time.Time{}
	for i := range a.places {
		p := &a.places[i]
		if p.Err != nil {
			continue
		}
		if a.losses[p.Sink], err = in.Losses(p.Sink); err != nil {
			a.unread("what sink %s has lost cannot be read: %v", p.Sink, err)
		}
		if p.Behind > 0 {
			if a.waits[p.Sink], err = in.ReadAt(p.Pos); err != nil {
				a.unread("since when samples wait for sink %s cannot be read: %v", p.Sink, err)
			}
		}
	}
	return nil
}

// lookBack follows the samples.
func (a *account) lookBack(ctx context.Context, in *journal.Inspection) error {
	look := in.LookBack
	if a.src.LookBack != nil {
		look = a.src.LookBack
	}
	h, err := look(ctx, journal.Past{Since: a.lookSince()})
	if err != nil {
		return err
	}
	defer h.Close()
	err = h.AsRead(ctx, a.line.batch)
	a.missing, a.reach = h.Missing(), h.From()
	return err
}

// Before the time that is asked for, so much is looked at besides: a bad tag is there again by then, and a slow one was read.
const (
	leastLook = 20 * time.Minute
	mostLook  = 48 * time.Hour
)

// lookSince is from when on samples are looked at; zero: all are, as sources date some as they like.
func (a *account) lookSince() time.Time {
	if a.q.Since.IsZero() || len(a.plans) == 0 {
		return time.Time{}
	}
	slowest := int64(0)
	for _, p := range a.plans {
		for device, tags := range p.devices {
			if p.dated[device] {
				return time.Time{}
			}
			for _, w := range tags {
				slowest = max(slowest, w.period, w.beat)
			}
		}
	}
	return a.q.Since.Add(-min(max(leastLook, time.Duration(3*slowest)), mostLook))
}

func nano(t int64) time.Time { return time.Unix(0, t).UTC() }

// beatEvery is how often a bridge that runs has at least one sample, of its own, with something to spare.
const beatEvery = 90 * time.Second

// span finds which time is accounted for.
func (a *account) span() {
	known := max(a.causes.last, a.line.newest)
	if a.causes.stopped != 0 {
		known = max(known, a.src.Now.UnixNano())
	}
	if a.src.Running && a.src.Alive.UnixNano()-known < int64(beatEvery) { // else what is read does not get to the files
		known = max(known, a.src.Alive.UnixNano())
	}
	begin := first(a.causes.first, a.line.oldest)
	since, until := a.q.window()
	a.until = max(min(until, known), begin)
	a.r.Since, a.r.Until = nano(min(max(since, begin), a.until)), nano(a.until)
	if a.line.oldest != 0 {
		a.r.Samples = a.reach.UTC()
	}
	for _, m := range a.missing {
		if m.Reason != journal.MissingOlder && m.Samples > 0 {
			from := int64(0)
			if !m.Since.IsZero() {
				from = m.Since.UnixNano()
			}
			a.holes = append(a.holes, span{from: from, to: m.Until.UnixNano()})
		}
	}
	for _, f := range a.causes.failing {
		a.unwritten(f)
	}
}

// unwritten notes that what was read in f, while the journal could not be written, was lost with what the bridge had in memory
// when it ended.
func (a *account) unwritten(f span) {
	from := f.from
	for i := range a.line.offs {
		if p := &a.line.offs[i]; p.begin() > from && p.begin() <= f.to {
			a.holes = append(a.holes, span{from: from, to: p.begin()})
			from = p.to
		}
	}
	if f.goes && from < a.until && !a.src.Running {
		a.holes = append(a.holes, span{from: from, to: a.until})
	}
}

// first is the earlier of two times; 0 is none.
func first(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// reading tells what was not read.
func (a *account) reading() {
	a.fromEvents()
	left := map[*deviceLine][]*spell{}
	for _, d := range a.line.order {
		for _, s := range d.spells.list {
			switch n := s.count(); {
			case n == 0 && s.cause == 0:
			case s.reason == PollsLeftOut:
				left[d] = append(left[d], a.without(s)...)
			default:
				for _, s := range a.without(a.begun(d, s)) {
					a.tell(d, s)
				}
			}
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
	if end <= begin || p.tags == 0 && known {
		return
	}
	if !known {
		tags, missed = a.wanted(begin, end)
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

// unclaimed finds the tags that no sink takes.
func (a *account) unclaimed() {
	cfg := a.config()
	if cfg == nil {
		return
	}
	for i := range cfg.Devices {
		d := &cfg.Devices[i]
		for _, t := range d.Tags {
			if a.q.takes(d.Name, t.Name) && !slices.ContainsFunc(cfg.Sinks, func(s config.Sink) bool { return s.Match.Match(d.Name, t.Name) }) {
				a.r.Unclaimed = append(a.r.Unclaimed, d.Name+"/"+t.Name)
			}
		}
	}
}

// config is the newest configuration that can be read; nil: there is none.
func (a *account) config() *config.Config {
	for i := len(a.plans) - 1; i >= 0; i-- {
		if a.plans[i].cfg != nil {
			return a.plans[i].cfg
		}
	}
	return a.src.Config
}
