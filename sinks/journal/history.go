package journal

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// Past is what is asked of a journal's past.
type Past struct {
	Match        *sinks.Match // nil: all tags
	Since, Until time.Time    // from the one, up to before the other; zero: no bound
}

// Missing is a stretch of a journal's past that it does not have. What it held of which tags, nobody knows.
type Missing struct {
	Since, Until time.Time // the last before it and the first after it
	Samples      uint64    // of all tags; 0: that is not known
	Reason       string
}

// Reasons of what is missing.
const (
	MissingOlder     = "before the oldest that the journal has"
	MissingDamaged   = "damaged"
	MissingUnwritten = "not written before the process or the power went"
	MissingMemory    = "more came than the memory holds while nothing could be written"
)

// History calls yield with the samples that q asks for, in the order in which they were read, until it returns an error, which
// History returns with what is missing. b is valid during the call.
func (in *Inspection) History(ctx context.Context, q Past, yield func(b *mapping.Batch, i int) error) ([]Missing, error) {
	h, err := in.LookBack(ctx, q)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	err = h.EachAsRead(ctx, yield)
	return h.Missing(), err
}

// History is what a journal has of a part of its past. It is for one goroutine at a time.
type History struct {
	in           *Inspection
	since, until int64
	chooser      chooser
	pieces       []*piece
	files        []file
	missing      []Missing
	from         time.Time

	buf    []byte   // for reading a piece
	loaded []*piece // in memory
	bytes  int      // of them
	most   int      // of these
	spare  held     // to be used again
	wanted idSet    // the groups that are, or may be
	others idSet    // and those that are not
}

// LookBack finds where the samples are that q asks for, by the indexes of segments, and by reading those that have none. All
// segments that there are now are looked at, whatever the clock did while they were written; of a bridge that runs, what it
// writes after Inspect is not among them.
func (in *Inspection) LookBack(ctx context.Context, q Past) (*History, error) {
	h := newHistory(in, q)
	if err := h.look(ctx); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// newHistory is one that has not looked yet.
func newHistory(in *Inspection, q Past) *History {
	h := &History{in: in, since: math.MinInt64, until: math.MaxInt64, most: heldMost}
	h.chooser = chooser{match: q.Match, takes: make(map[uint64]bool),
		groups: definitions{in: in, known: make(map[uint64]*mapping.Group), inUse: in.inUse, passes: h.chooser.passes}}
	if !q.Since.IsZero() {
		h.since = q.Since.UnixNano()
	}
	if !q.Until.IsZero() {
		h.until = q.Until.UnixNano()
	}
	return h
}

// look plans what is to be read.
func (h *History) look(ctx context.Context) error {
	p := planning{h: h}
	for i := range h.in.segments {
		if err := p.segment(ctx, i); err != nil {
			return err
		}
	}
	p.end()
	for id, takes := range h.chooser.takes {
		if !takes {
			h.others.add(id)
		}
	}
	return nil
}

// Missing is what is missing of what was asked for, as far as it is known: all of it once Each has ended.
func (h *History) Missing() []Missing { return h.missing }

// From is when the oldest sample was read that the journal has; zero: it has none.
func (h *History) From() time.Time { return h.from }

// Close ends the reading.
func (h *History) Close() error {
	var failed []error
	for _, f := range h.files {
		failed = append(failed, f.Close())
	}
	h.files, h.pieces = nil, nil
	return errors.Join(failed...)
}

// lacks notes something missing, if it is within what is asked for.
func (h *History) lacks(since, until int64, samples uint64, reason string) {
	since, until = min(since, until), max(since, until) // the clock may have been set back
	if until < h.since || until == h.since && since < until || since >= h.until {
		return
	}
	m := Missing{Until: time.Unix(0, until), Samples: samples, Reason: reason}
	if since != math.MinInt64 {
		m.Since = time.Unix(0, since)
	}
	h.missing = append(h.missing, m)
}

// planning is how far LookBack has come.
type planning struct {
	h     *History
	begun bool
	at    sinks.Pos // everything before it is accounted for
	seen  sinks.Pos // after the last header that was intact
	last  int64     // the time of the last record before it
	gone  bool      // a segment before this one went while others were looked at
}

// segment plans the reading of segment i.
func (p *planning) segment(ctx context.Context, i int) error {
	h := p.h
	s, to := h.in.segments[i], sinks.Pos(math.MaxUint64)
	if i+1 < len(h.in.segments) {
		to = h.in.segments[i+1].first
	}
	f, err := h.in.open(s)
	if errors.Is(err, fs.ErrNotExist) { // it went as the oldest
		p.gone = true
		return nil
	}
	if err != nil {
		return err
	}
	x, err := h.chooser.index(ctx, f, s)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	p.holes(s, x, to)
	if h.plan(f, s, x, to) {
		h.files = append(h.files, f)
		return nil
	}
	return f.Close()
}

// holes notes what is missing before and in a segment.
func (p *planning) holes(s *segment, x *index, to sinks.Pos) {
	h := p.h
	if len(x.blocks) == 0 {
		return
	}
	reason := MissingDamaged
	switch {
	case !p.begun:
		h.from = time.Unix(0, x.begins)
		if s.first > 0 {
			h.lacks(math.MinInt64, x.begins, 0, MissingOlder)
		}
		p.at, p.last = s.first, math.MinInt64
	case p.gone:
		reason = MissingOlder
	case s.number == inMemory:
		reason = MissingMemory
	case x.prev <= p.at && x.of.head != 0:
		reason = MissingUnwritten
	}
	if p.begun && s.first > p.at {
		h.lacks(p.last, x.begins, uint64(s.first-p.at), reason)
	}
	for _, hole := range x.holes {
		if hole.from >= to {
			break
		}
		since := hole.since
		if since == math.MinInt64 {
			since = p.last
		}
		h.lacks(since, hole.until, uint64(min(hole.to, to)-hole.from), MissingDamaged)
	}
	p.begun, p.gone = true, false
	p.at, p.seen, p.last = min(x.end, to), min(x.seen, to), x.last
}

// end notes that the newest is damaged.
func (p *planning) end() {
	if p.begun && p.seen > p.at {
		p.h.lacks(p.last, max(p.last, time.Now().UnixNano()), uint64(p.seen-p.at), MissingDamaged)
	}
}

// plan notes what of a segment is to be read, and reports whether that is anything.
func (h *History) plan(f file, s *segment, x *index, to sinks.Pos) bool {
	wanted := h.chooser.wanted(f, x)
	any := false
	at := x.first
	for i := range x.blocks {
		b := &x.blocks[i]
		if wanted != nil && b.overlaps(h.since, h.until) && setHas(b.groups, wanted) {
			h.pieces = append(h.pieces, &piece{f: f, off: at, end: at + b.size, to: to, samples: b.samples, min: b.min, max: b.max,
				next: max(b.min, h.since), seq: len(h.pieces)})
			any = true
		}
		at += b.size
	}
	for i := range wanted {
		if any && wanted[i] {
			h.wanted.add(x.groups[i].id)
		}
	}
	return any
}

// Knows reports that the journal has something of a tag of what was asked for, whenever it was read.
func (h *History) Knows(device, tag string) bool {
	known := false
	h.names(func(g *mapping.Group, s *mapping.Series) bool {
		known = g.Device == device && s.Tag == tag
		return !known
	})
	return known
}

// Names calls do with the names, DEVICE/TAG, of tags that the journal has something of, whenever it was read, until do returns
// false: with those of all devices of which something may be asked for, some maybe more than once.
func (h *History) Names(do func(name string) bool) {
	h.names(func(g *mapping.Group, s *mapping.Series) bool { return do(g.Device + "/" + s.Tag) })
}

func (h *History) names(do func(g *mapping.Group, s *mapping.Series) bool) {
	for _, g := range h.chooser.groups.known {
		for _, s := range g.Series {
			if !do(g, s) {
				return
			}
		}
	}
}
