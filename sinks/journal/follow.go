package journal

import (
	"context"
	"math"

	"tagbridge/sinks"
)

// followMax is how many samples a follower gets at a time, where it does not say.
const followMax = 5000

// follower is a reader of the tail without a cursor.
type follower struct {
	j      *Journal
	o      sinks.Following
	pos    sinks.Pos // it has looked at everything before
	missed uint64    // not told yet
	closed bool
}

// Close implements sinks.Follower.
func (f *follower) Close() error {
	f.j.mu.Lock()
	defer f.j.mu.Unlock()
	if !f.closed {
		f.closed = true
		f.j.followers--
	}
	return nil
}

// Position implements sinks.Follower.
func (f *follower) Position() sinks.Pos { return f.pos }

// Next implements sinks.Follower.
func (f *follower) Next(ctx context.Context, v *sinks.View) error {
	v.Reset()
	q := sinks.Query{Match: f.o.Match, Max: f.o.Max}
	for v.Len() == 0 && f.missed == 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.j.wait(ctx, f.pos, f.patience()); err != nil {
			return err
		}
		if err := f.read(q, v); err != nil {
			return err
		}
	}
	v.Lost, f.missed = f.missed, 0
	return nil
}

// patience is what to wait for.
func (f *follower) patience() sinks.Query {
	if f.o.Flush <= 0 {
		return sinks.Query{Max: 1, Flush: math.MaxInt64}
	}
	return sinks.Query{Max: f.o.Max, Flush: f.o.Flush}
}

// read takes what there is. The chunks are held as the writer holds them, which keeps them from being used again and not
// from being given up: nobody waits for a follower, and what it reads just then is dropped after it.
func (f *follower) read(q sinks.Query, v *sinks.View) error {
	r := readers.Get().(*reader)
	defer readers.Put(r)
	if err := f.hold(r); err != nil {
		return err
	}
	next, err := r.read(f.pos, q, v)
	f.pos = next
	f.j.mu.Lock()
	defer f.j.mu.Unlock()
	for i := range r.spans {
		r.spans[i].c.held--
	}
	clear(r.spans)
	return err
}

// hold moves over what is gone, or too old, and holds what comes then.
func (f *follower) hold(r *reader) error {
	j := f.j
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return ErrClosed
	}
	from := max(f.pos, min(j.tail.first(), j.visible))
	if most := sinks.Pos(f.o.Most); most > 0 && j.visible > from+most {
		from = j.visible - most
	}
	f.missed += uint64(from - f.pos)
	f.pos = from
	r.spans = j.tail.spans(r.spans[:0], from, j.visible, pinChunks)
	for i := range r.spans {
		r.spans[i].c.held++
	}
	return nil
}
