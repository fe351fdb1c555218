package journal

import (
	"context"
	"sync"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// pinChunks is how many chunks of the tail one Next looks at: enough for the largest batches, and soon done.
const pinChunks = 16

// reader holds what one Next works with.
type reader struct {
	spans []span
	batch mapping.Batch
}

var readers = sync.Pool{New: func() any { return new(reader) }}

// Next implements sinks.Log.
func (j *Journal) Next(ctx context.Context, p sinks.Pos, q sinks.Query, v *sinks.View) (sinks.Pos, error) {
	v.Reset()
	q.Max = max(q.Max, 1)
	if err := j.wait(ctx, p, q); err != nil {
		return p, err
	}
	r := readers.Get().(*reader)
	defer readers.Put(r)
	p, err := j.begin(r, p, q, v)
	if err != nil {
		return p, err
	}
	p, err = r.read(p, q, v)
	j.finish(r, p, q)
	return p, err
}

// begin moves p over what is gone and pins what comes then.
func (j *Journal) begin(r *reader, p sinks.Pos, q sinks.Query, v *sinks.View) (sinks.Pos, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return p, ErrClosed
	}
	c := j.cursors[q.Sink]
	if c != nil && c.source != q.Match {
		c.source, c.match = q.Match, q.Match.Clone()
	}
	if first := j.tail.first(); p < first {
		if v.Lost = uint64(first - p); c != nil {
			v.Lost = c.skip(p, first)
		}
		p = first
	}
	r.spans = j.tail.pin(r.spans[:0], p, j.visible, pinChunks)
	return p, nil
}

// finish unpins and notes what the sink has been given.
func (j *Journal) finish(r *reader, p sinks.Pos, q sinks.Query) {
	j.mu.Lock()
	unpin(r.spans)
	c := j.cursors[q.Sink]
	if c == nil {
		j.mu.Unlock()
		return
	}
	c.read = p
	over := c.recover()
	j.mu.Unlock()
	if over.samples > 0 {
		logRecovery(j.o.Log, q.Sink, over)
	}
}

// read decodes what is pinned from p on into v, until that is full, and returns where it stopped.
func (r *reader) read(p sinks.Pos, q sinks.Query, v *sinks.View) (sinks.Pos, error) {
	for k := range r.spans {
		s := &r.spans[k]
		for i := range s.recs {
			record := s.record(i)
			h := peek(record)
			skip, most := int(p-h.pos), q.Max-v.Len()
			if most <= 0 || v.Len() > 0 && h.samples-skip > most {
				return p, nil
			}
			group := s.recs[i].group
			if q.Match.Group(group).None() {
				p = h.end()
				continue
			}
			if err := parseSamples(record[headerSize:], h.samples, group, &r.batch); err != nil {
				return p, err
			}
			b := r.batch
			b.Samples = b.Samples[skip:min(h.samples, skip+most)]
			v.Append(&b, q.Match)
			p += sinks.Pos(len(b.Samples))
		}
	}
	return p, nil
}
