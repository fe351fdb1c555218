package journal

import (
	"context"
	"errors"
	"fmt"
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
)

// History calls yield with the samples that q asks for, in the order in which they were read, until it returns an error,
// which History returns. b is valid during the call. All samples that the files have are looked at, whatever the clock did
// while they were written: records of other groups are passed over without being decoded, no segment is. Of a bridge that
// runs, what came after Inspect is not among them.
func (in *Inspection) History(ctx context.Context, q Past, yield func(b *mapping.Batch, i int) error) ([]Missing, error) {
	h := &history{
		in: in, q: q, yield: yield, since: math.MinInt64, until: math.MaxInt64,
		groups: definitions{in: in, known: make(map[uint64]*mapping.Group)}, takes: make(map[uint64]bool),
	}
	if !q.Since.IsZero() {
		h.since = q.Since.UnixNano()
	}
	if !q.Until.IsZero() {
		h.until = q.Until.UnixNano()
	}
	for i := range in.segments {
		if err := h.segment(ctx, i); err != nil {
			return h.missing, err
		}
	}
	if h.begun && h.end > h.at { // the newest is damaged
		h.lacks(h.last, max(h.last, time.Now().UnixNano()), uint64(h.end-h.at), MissingDamaged)
	}
	return h.missing, nil
}

// history is where History has come to.
type history struct {
	in           *Inspection
	q            Past
	yield        func(*mapping.Batch, int) error
	since, until int64
	groups       definitions
	takes        map[uint64]bool // whether it takes any of a group, by those that are known

	begun   bool
	at      sinks.Pos // everything before it was looked at
	end     sinks.Pos // after the last header that was intact
	last    int64     // the common time of the record before it
	reason  string    // why what is missing here is
	missing []Missing
}

// segment reads segment i.
func (h *history) segment(ctx context.Context, i int) error {
	s, to := h.in.segments[i], sinks.Pos(math.MaxUint64)
	if i+1 < len(h.in.segments) {
		to = h.in.segments[i+1].first
	}
	f, err := h.in.d.Open(s.name())
	if errors.Is(err, fs.ErrNotExist) { // it went as the oldest
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if !h.begun {
		h.at = s.first
	}
	h.reason = MissingDamaged
	scan := scanner{w: window{f: f, limit: s.size}, giveUp: true}
	scan.wants = func(rec header, head []byte) bool { return h.wants(rec, head, to) }
	for {
		rec, ok := scan.next()
		if !ok {
			h.end = min(scan.end, to)
			return scan.err
		}
		if err := h.record(rec, to); err != nil {
			return fmt.Errorf("%s: %w", s.name(), err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// wants implements scanner.wants. Of a group that is not known the payload is wanted, to see whether it is intact.
func (h *history) wants(rec header, head []byte, to sinks.Pos) bool {
	if rec.typ == typeSegment || len(head) < 8 {
		return true
	}
	id, _ := groupID(head[:min(len(head), sampleHead)])
	switch {
	case rec.defines():
		return true
	case rec.typ != typeSamples || rec.pos >= to || len(head) < sampleHead:
		return rec.typ == typeSamples && rec.pos < to
	}
	takes, known := h.takes[id]
	if !known || takes {
		return true
	}
	h.reach(rec, commonTime(head))
	h.at = rec.end()
	return false
}

// reach notes what is missing before rec, which is of that time.
func (h *history) reach(rec header, now int64) {
	switch {
	case !h.begun:
		h.begun = true
		if rec.pos > 0 {
			h.lacks(math.MinInt64, now, 0, MissingOlder)
		}
	case rec.pos > h.at:
		h.lacks(h.last, now, uint64(rec.pos-h.at), h.reason)
	}
	h.last, h.reason = now, MissingDamaged
}

// lacks notes something missing, if it is within what is asked for.
func (h *history) lacks(since, until int64, samples uint64, reason string) {
	since, until = min(since, until), max(since, until) // the clock may have been set back
	if until < h.since || since >= h.until {
		return
	}
	m := Missing{Until: time.Unix(0, until), Samples: samples, Reason: reason}
	if since != math.MinInt64 {
		m.Since = time.Unix(0, since)
	}
	h.missing = append(h.missing, m)
}

// record takes in an intact record.
func (h *history) record(rec found, to sinks.Pos) error {
	switch {
	case rec.typ == typeSegment:
		if head, err := parseHead(rec.payload); err == nil && head.prev <= h.at {
			h.reason = MissingUnwritten
		}
	case rec.defines():
		h.groups.define(rec)
	case rec.typ == typeSamples && rec.pos < to && len(rec.payload) >= sampleHead:
		return h.samples(rec)
	}
	return nil
}

// samples yields what is asked for of a record.
func (h *history) samples(rec found) error {
	b, err := h.groups.samples(rec)
	if err != nil || b == nil { // what cannot be made out is seen as missing by the next
		return err
	}
	h.reach(rec.header, commonTime(rec.payload))
	h.at = rec.end()
	choice := h.q.Match.Group(b.Group)
	h.takes[b.Group.ID] = !choice.None()
	if choice.None() {
		return nil
	}
	for i := range b.Samples {
		if s := &b.Samples[i]; s.Time >= h.since && s.Time < h.until && choice.Has(s.Index) {
			if err := h.yield(b, i); err != nil {
				return err
			}
		}
	}
	return nil
}
