package journal

import (
	"context"
	"fmt"
	"sync"

	"tagbridge/sinks"
)

// pinChunks is how many chunks of the tail one Next looks at: enough for the largest batches, and soon done.
const pinChunks = 16

// reader holds what one Next works with.
type reader struct {
	decoder
	spans []span
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
	next, c, err := j.begin(r, p, q, v)
	if err != nil {
		return p, err
	}
	if c != nil {
		return c.lagged.next(ctx, j, c, p, q, v)
	}
	next, err = r.read(next, q, v)
	j.finish(r, next, q)
	return next, err
}

// begin moves p over what is gone and pins what comes then. When that is in files it returns the sink's cursor.
func (j *Journal) begin(r *reader, p sinks.Pos, q sinks.Query, v *sinks.View) (sinks.Pos, *cursor, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return p, nil, ErrClosed
	}
	c, ok := j.cursors[q.Sink]
	if !ok {
		return p, nil, fmt.Errorf("read for sink %q: it was not started", q.Sink)
	}
	if c.source != q.Match {
		c.source, c.match = q.Match, q.Match.Clone()
	}
	if first := j.tail.first(); p < first {
		if j.files != nil {
			return p, c, nil
		}
		v.Lost = c.skip(p, first, LostMemory)
		p = first
	}
	r.spans = j.tail.spans(r.spans[:0], p, j.visible, pinChunks)
	pin(r.spans)
	return p, nil, nil
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
	over := j.given(c, p)
	caughtUp := c.onDisk && p == j.visible
	if caughtUp {
		c.onDisk = false
	}
	j.mu.Unlock()
	logRecovery(j.o.Log, q.Sink, over)
	if caughtUp {
		c.lagged.done()
	}
}

// given notes that c has been given everything before p, and returns the episode of losses that ends with that.
func (j *Journal) given(c *cursor, p sinks.Pos) episode {
	c.read = p
	return c.recover(p >= j.visible)
}

// read decodes what is pinned from p on into v, until that is full, and returns where it stopped.
func (r *reader) read(p sinks.Pos, q sinks.Query, v *sinks.View) (sinks.Pos, error) {
	for k := range r.spans {
		s := &r.spans[k]
		for i := range s.recs {
			next, err := r.take(s.entry(i), p, q, v)
			if err != nil || next == p {
				return next, err
			}
			p = next
		}
	}
	return p, nil
}

// Follow makes a follower that begins at p, or at the end when that is before p; see sinks.Follower. Only what is in
// memory can be followed: what of p to there is gone counts as missed. While there is a follower, the newest quarter of the
// tail stays in memory when the sinks have it: a sink can be quicker than who looks on.
func (j *Journal) Follow(p sinks.Pos, o sinks.Following) sinks.Follower {
	if o.Max <= 0 {
		o.Max = followMax
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.followers++
	return &follower{j: j, o: o, pos: min(p, j.visible)}
}
