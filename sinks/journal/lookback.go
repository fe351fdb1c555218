package journal

import (
	"context"
	"errors"
	"io"
	"math"
)

// LookBack finds where the samples are that q asks for, also those that no file has yet, up to what sinks can see. The caller
// closes what it returns; nothing waits for that.
func (j *Journal) LookBack(ctx context.Context, q Past) (*History, error) {
	in := &Inspection{}
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		return nil, ErrClosed
	}
	from := j.tail.first()
	if f := j.files; f != nil {
		in.d, in.inUse = f.folder, f.inUse(j)
		for _, s := range f.segments {
			in.segments = append(in.segments, &segment{number: s.number, first: s.first, size: s.size})
		}
		from = max(f.written, from)
	}
	spans := j.tail.spans(nil, from, j.visible, math.MaxInt)
	for i := range spans {
		spans[i].c.held++
	}
	j.mu.Unlock()
	newest := recordsOf(spans)
	j.mu.Lock()
	for i := range spans {
		spans[i].c.held--
	}
	j.mu.Unlock()

	h := newHistory(in, q)
	if len(spans) > 0 {
		s := &segment{number: inMemory, first: spans[0].header(0).pos, size: int64(len(newest))}
		in.segments, in.tail = append(in.segments, s), newest
		for _, span := range spans {
			for _, r := range span.recs {
				h.chooser.groups.known[r.group.ID] = r.group
			}
		}
	}
	if err := h.look(ctx); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// inMemory is the number of a segment that is none: what no file has yet.
const inMemory = math.MaxUint64

// recordsOf is a copy of the records of spans.
func recordsOf(spans []span) (b memory) {
	for _, s := range spans {
		last := len(s.recs) - 1
		b = append(b, s.buf[s.recs[0].off:s.recs[last].off+len(s.record(last))]...)
	}
	return b
}

// memory is a file that is none.
type memory []byte

func (m memory) ReadAt(b []byte, off int64) (int, error) {
	if off >= int64(len(m)) {
		return 0, io.EOF
	}
	n := copy(b, m[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (m memory) Size() (int64, error)               { return int64(len(m)), nil }
func (m memory) WriteAt([]byte, int64) (int, error) { return 0, errors.ErrUnsupported }
func (m memory) Truncate(int64) error               { return errors.ErrUnsupported }
func (m memory) Sync() error                        { return nil }
func (m memory) Close() error                       { return nil }

var _ file = memory(nil)

// open is the file of segment s.
func (in *Inspection) open(s *segment) (file, error) {
	if in.tail != nil && s == in.segments[len(in.segments)-1] {
		return in.tail, nil
	}
	return in.d.Open(s.name())
}
