package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// Dump calls yield with every batch of samples from position p on, in order, until it returns an error, which Dump
// returns. b is valid during the call. skipped is how many samples there are that cannot be made out.
func (in *Inspection) Dump(ctx context.Context, p sinks.Pos, yield func(p sinks.Pos, b *mapping.Batch) error) (skipped uint64, err error) {
	groups := definitions{in: in, known: make(map[uint64]*mapping.Group)}
	for i, s := range in.segments {
		to := sinks.Pos(1<<64 - 1)
		if i+1 < len(in.segments) {
			to = in.segments[i+1].first
		}
		var failed error
		_, err := in.scan(s, func(rec found) bool {
			if rec.defines() {
				groups.define(rec)
			}
			if rec.typ != typeSamples || rec.end() <= p || rec.pos >= to {
				return true
			}
			at := max(rec.pos, p)
			b, err := groups.samples(rec)
			if err != nil {
				failed = err
				return false
			}
			if b == nil {
				skipped += uint64(rec.end() - at)
				return true
			}
			part := *b
			part.Samples = b.Samples[at-rec.pos:]
			if failed = yield(at, &part); failed == nil {
				failed = ctx.Err()
			}
			return failed == nil
		})
		if failed != nil {
			return skipped, failed
		}
		if err != nil {
			return skipped, err
		}
	}
	return skipped, nil
}

// definitions are the groups that segments define.
type definitions struct {
	in    *Inspection
	known map[uint64]*mapping.Group
	whole bool // those of all segments are known
	batch mapping.Batch
	// inUse is a group that somebody has already, which is then taken instead of what a segment says; nil: there is none.
	inUse func(id uint64) *mapping.Group
	// passes reports whether the groups of a device need not be known; nil: all are to be.
	passes func(id uint64, device string) bool
}

// define notes a definition that can be read.
func (d *definitions) define(rec found) {
	id, err := groupID(rec.payload)
	if err != nil || d.known[id] != nil {
		return
	}
	if d.inUse != nil {
		if g := d.inUse(id); g != nil {
			d.known[id] = g
			return
		}
	}
	if d.passes != nil {
		if device, err := groupDevice(rec.payload); err != nil || d.passes(id, device) {
			return
		}
	}
	if g, err := parseGroup(rec.typ, rec.payload); err == nil {
		d.known[g.ID] = g
	}
}

// samples reads those of rec; nil when they cannot be made out: their group is defined nowhere, or they are garbled.
func (d *definitions) samples(rec found) (*mapping.Batch, error) {
	id, err := groupID(rec.payload)
	if err != nil {
		return nil, nil
	}
	g, err := d.group(id)
	if err != nil || g == nil || parseSamples(rec.payload, rec.samples, g, &d.batch) != nil {
		return nil, err
	}
	return &d.batch, nil
}

// group is the one with that identity; nil: it is defined nowhere.
func (d *definitions) group(id uint64) (*mapping.Group, error) {
	if d.known[id] == nil && !d.whole {
		d.whole = true
		for _, s := range d.in.segments {
			err := d.in.each(s, func(rec found) bool {
				if rec.defines() {
					d.define(rec)
				}
				return true
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return d.known[id], nil
}

// Damage is something in a segment that is not as it was written.
type Damage struct {
	File  string
	Bytes int64  // that could not be read as records
	Lost  uint64 // samples missing in the segment or between it and the next; those never written are among them
	// Unknown is how many samples cannot be made out though they are intact: their group is defined nowhere.
	Unknown uint64
}

// Verify reads everything and returns what is damaged.
func (in *Inspection) Verify(ctx context.Context) ([]Damage, error) {
	var all []Damage
	groups := definitions{in: in, known: make(map[uint64]*mapping.Group)}
	for i := range in.segments {
		d, err := in.verify(ctx, i, &groups)
		for try := 0; try < 3 && err == nil && i+1 == len(in.segments) && d.Bytes > 0; try++ {
			if err = in.settle(ctx, in.segments[i]); err == nil {
				d, err = in.verify(ctx, i, &groups)
			}
		}
		if err != nil {
			return all, err
		}
		if d.Bytes > 0 || d.Lost > 0 || d.Unknown > 0 {
			all = append(all, d)
		}
	}
	return all, nil
}

// settle gives whoever may be writing to s time to finish.
func (in *Inspection) settle(ctx context.Context, s *segment) error {
	if err := pause(ctx, 5*writeEvery+50*time.Millisecond); err != nil {
		return err
	}
	size, err := sizeOf(in.d, s.name())
	s.size = size
	return err
}

// verify reads segment i.
func (in *Inspection) verify(ctx context.Context, i int, groups *definitions) (Damage, error) {
	s := in.segments[i]
	d := Damage{File: s.name()}
	at := s.first
	var failed error
	scan, err := in.scan(s, func(rec found) bool {
		switch rec.typ {
		case typeGroup, typeShared:
			groups.define(rec)
		case typeSamples:
			if rec.pos > at {
				d.Lost += uint64(rec.pos - at)
			}
			at = max(at, rec.end())
			var b *mapping.Batch
			if b, failed = groups.samples(rec); b == nil {
				d.Unknown += uint64(rec.samples)
			}
		case typeSegment:
			_, failed = parseHead(rec.payload)
		}
		if failed == nil {
			failed = ctx.Err()
		}
		return failed == nil
	})
	if failed != nil {
		return d, fmt.Errorf("%s: %w", s.name(), failed)
	}
	if err != nil {
		return d, err
	}
	end := max(at, scan.end) // behind the last one whose header is intact
	if i+1 < len(in.segments) {
		end = max(at, in.segments[i+1].first)
	}
	d.Lost += uint64(end - at)
	d.Bytes = scan.skipped
	return d, nil
}

// BadIndexes are the indexes that do not say what is in their segments. They make looking back slower, and hide nothing.
func (in *Inspection) BadIndexes(ctx context.Context) ([]string, error) {
	var bad []string
	groups := definitions{in: in, known: make(map[uint64]*mapping.Group)}
	for _, s := range in.segments {
		if !slices.Contains(in.names, s.indexName()) {
			continue
		}
		right, err := in.indexRight(ctx, s, &groups)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it went meanwhile
		}
		if err != nil {
			return bad, err
		}
		if !right {
			bad = append(bad, s.indexName())
		}
	}
	return bad, nil
}

// indexRight reads s and compares it with its index.
func (in *Inspection) indexRight(ctx context.Context, s *segment, groups *definitions) (bool, error) {
	f, err := in.d.Open(s.name())
	if err != nil {
		return false, err
	}
	defer f.Close()
	x, _, err := readIndex(in.d, s, identifySegment(f, s, s.size))
	if err != nil {
		return errors.Is(err, errNoIndex), nil
	}
	now, err := buildIndex(ctx, f, s, s.size, indexing{groups: groups})
	return err == nil && bytes.Equal(x.append(nil), now.append(nil)), err
}
