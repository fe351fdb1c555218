package gaps

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/sinks/journal"
)

func (a *account) readEvents() (err error) {
	folder := events.Folder(a.src.DataDir)
	under, _ := events.Under(folder) // what cannot be read says the reader
	r := events.NewReader(folder)
	a.causes, err = readCauses(r, under)
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
	a.holes = oneByOne(a.holes)
}

// unwritten notes that what was read in f, while the journal could not be written, was lost with what the bridge had in memory
// when it ended; one that ends may still write all of it.
func (a *account) unwritten(f span) {
	from := f.from
	for i := range a.line.offs {
		if p := &a.line.offs[i]; p.begin() > from && p.to <= f.to {
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
