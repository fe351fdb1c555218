package journal

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// Inspection looks at the folder of a journal, also while a bridge uses it. It changes nothing there.
type Inspection struct {
	d        *osFolder
	names    []string
	segments []*segment
}

// Inspect opens the folder of a journal for looking.
func Inspect(dir string) (*Inspection, error) {
	d, err := lookFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("inspect journal: %w", err)
	}
	in := &Inspection{d: d}
	if in.names, err = d.Names(); err != nil {
		d.Close()
		return nil, fmt.Errorf("inspect journal %s: %w", dir, err)
	}
	slices.Sort(in.names)
	for _, name := range in.names {
		if s, ok := parseName(name); ok {
			s.size = sizeOf(d, name)
			in.segments = append(in.segments, s)
		}
	}
	sortSegments(in.segments)
	return in, nil
}

// Close lets go of the folder.
func (in *Inspection) Close() error { return in.d.Close() }

// Summary is what a folder holds.
type Summary struct {
	Segments    int
	Bytes       int64     // of the segments
	First, End  sinks.Pos // of the samples
	Oldest      time.Time // when the first segment was made
	Corrupt     []string  // files kept aside
	CorruptSize int64
	Sinks       []Place
}

// Place is where a sink is, as its file says.
type Place struct {
	Sink    string
	Pos     sinks.Pos
	Behind  uint64    // samples between it and the end
	Written time.Time // the file
	Err     error     // why the file cannot be read; the rest is then zero
}

// Summary reads the cursors and the last segment.
func (in *Inspection) Summary() (Summary, error) {
	var sum Summary
	sum.Segments = len(in.segments)
	for i, s := range in.segments {
		sum.Bytes += s.size
		if i == 0 {
			sum.First = s.first
			err := in.each(s, func(rec found) bool {
				if h, err := parseHead(rec.payload); err == nil && rec.typ == typeSegment {
					sum.Oldest = h.created
				}
				return false
			})
			if err != nil {
				return sum, err
			}
		}
	}
	if n := len(in.segments); n > 0 {
		sum.End = in.segments[n-1].first
		err := in.each(in.segments[n-1], func(rec found) bool {
			sum.End = max(sum.End, rec.end())
			return true
		})
		if err != nil {
			return sum, err
		}
	}
	for _, name := range in.names {
		if strings.HasSuffix(name, corruptSuffix) {
			sum.Corrupt = append(sum.Corrupt, name)
			sum.CorruptSize += sizeOf(in.d, name)
		}
		stem, ok := strings.CutSuffix(name, cursorSuffix)
		if sink, err := url.PathUnescape(stem); ok && err == nil {
			p := in.place(name)
			p.Sink = sink
			sum.End = max(sum.End, p.Pos)
			sum.Sinks = append(sum.Sinks, p)
		}
	}
	for i := range sum.Sinks {
		sum.Sinks[i].Behind = uint64(sum.End - sum.Sinks[i].Pos)
	}
	return sum, nil
}

func (in *Inspection) place(name string) Place {
	f, err := in.d.Open(name)
	if err != nil {
		return Place{Err: err}
	}
	defer f.Close()
	b := make([]byte, slotCount*slotStride)
	n, _ := f.ReadAt(b, 0)
	m, _, _, err := parseSlots(b[:n])
	return Place{Pos: m.pos, Written: m.when, Err: err}
}

// each calls do with the intact records of s until it returns false.
func (in *Inspection) each(s *segment, do func(found) bool) error {
	_, err := in.scan(s, do)
	return err
}

func (in *Inspection) scan(s *segment, do func(found) bool) (*scanner, error) {
	f, err := in.d.Open(s.name())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	scan := &scanner{w: window{f: f, limit: s.size}}
	for rec, ok := scan.next(); ok && do(rec); rec, ok = scan.next() {
	}
	return scan, nil
}

// Dump calls yield with every batch of samples from position p on, in order, until it returns an error, which Dump
// returns. b is valid during the call.
func (in *Inspection) Dump(ctx context.Context, p sinks.Pos, yield func(p sinks.Pos, b *mapping.Batch) error) error {
	groups := make(map[uint64]*mapping.Group)
	var b mapping.Batch
	for i, s := range in.segments {
		to := sinks.Pos(1<<64 - 1)
		if i+1 < len(in.segments) {
			to = in.segments[i+1].first
		}
		var failed error
		err := in.each(s, func(rec found) bool {
			if rec.typ == typeGroup {
				if g, err := parseGroup(rec.payload); err == nil {
					groups[g.ID] = g
				}
				return true
			}
			id, err := groupID(rec.payload)
			g := groups[id]
			if rec.typ != typeSamples || err != nil || g == nil || rec.end() <= p || rec.pos >= to {
				return true
			}
			if parseSamples(rec.payload, rec.samples, g, &b) != nil {
				return true
			}
			at := max(rec.pos, p)
			part := b
			part.Samples = b.Samples[at-rec.pos:]
			if failed = yield(at, &part); failed == nil {
				failed = ctx.Err()
			}
			return failed == nil
		})
		if failed != nil {
			return failed
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Damage is something in a segment that is not as it was written.
type Damage struct {
	File  string
	Bytes int64  // that could not be read as records
	Lost  uint64 // samples missing in the segment or between it and the next; those never written are among them
	Last  bool   // the newest segment, of which the end may just be being written
}

// Verify reads everything and returns what is damaged.
func (in *Inspection) Verify(ctx context.Context) ([]Damage, error) {
	var all []Damage
	for i, s := range in.segments {
		last := i+1 == len(in.segments)
		at, lost := s.first, uint64(0)
		scan, err := in.scan(s, func(rec found) bool {
			if rec.typ == typeSamples {
				if rec.pos > at {
					lost += uint64(rec.pos - at)
				}
				at = max(at, rec.end())
			}
			return ctx.Err() == nil
		})
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return all, err
		}
		if !last && in.segments[i+1].first > at {
			lost += uint64(in.segments[i+1].first - at)
		}
		if lost > 0 || scan.skipped > 0 {
			all = append(all, Damage{File: s.name(), Bytes: scan.skipped, Lost: lost, Last: last})
		}
	}
	return all, nil
}
