package journal

import (
	"context"
	"math"
	"sync"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// lookBytes is how much of the files one Next looks at when hardly anything matches.
const lookBytes = 8 << 20

// lagged is a sink's reading of files.
type lagged struct {
	mu sync.Mutex // held while reading; taken before the journal's lock
	d  *diskReader
}

// next is Next of j for a sink that the tail has left behind: it reads the segments, one record after the other.
func (l *lagged) next(ctx context.Context, j *Journal, c *cursor, p sinks.Pos, q sinks.Query, v *sinks.View) (sinks.Pos, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	j.files.reading.RLock()
	if l.d == nil {
		l.d = &diskReader{j: j, c: c, groups: make(map[uint64]*mapping.Group), at: math.MaxUint64}
	}
	d := l.d
	d.refresh()
	p = d.read(p, q, v)
	j.mu.Lock()
	over := j.given(c, p)
	c.onDisk = true
	if v.Len() > 0 {
		c.oldest = v.Batches[0].Samples[0].Time
	}
	j.mu.Unlock()
	j.files.reading.RUnlock() // not before it is noted what was given
	logRecovery(j.o.Log, c.name, over)
	if d.err == nil {
		d.patience = patience{}
		return p, nil
	}
	d.endure()
	if !d.warned {
		j.o.Log.Warn("journal cannot be read for a sink, trying again", "sink", c.name, "err", d.err)
	}
	d.err, d.warned = nil, true
	return p, pause(ctx, retryFirst)
}

// endure sees whether to wait longer for what cannot be read.
func (d *diskReader) endure() {
	if d.seg != nil && d.patience.over(d.seg) && headReadable(d.f) {
		d.s.giveUp = true
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// done ends a sink's reading of files, as it has caught up.
func (l *lagged) done() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.d != nil {
		l.d.close()
		l.d = nil
	}
}

// read fills v from p on, and returns where it stopped.
func (d *diskReader) read(p sinks.Pos, q sinks.Query, v *sinks.View) sinks.Pos {
	if p != d.at { // the sink begins, or begins again somewhere else
		d.close()
		d.from, d.behind, d.broken, d.why = 0, 0, false, LostUnwritten
		if d.before(p) { // a segment goes when all sinks are behind it, or as a loss that is counted then
			d.why = LostDamage
		}
	}
	p = d.fill(p, q, v)
	d.at = p
	return p
}

// before reports that p is before all that the files begin with.
func (d *diskReader) before(p sinks.Pos) bool {
	d.j.mu.Lock()
	defer d.j.mu.Unlock()
	list := d.j.files.segments
	return len(list) > 0 && p < list[0].first
}

func (d *diskReader) fill(p sinks.Pos, q sinks.Query, v *sinks.View) sinks.Pos {
	d.bytes = 0
	for d.bytes < lookBytes && v.Len() < q.Max {
		rec, ok := d.peek(p)
		if d.err != nil || ok && rec.pos >= d.visible {
			return p
		}
		to := min(d.tailFirst, d.visible) // what comes next begins here
		if ok {
			to = rec.pos
		}
		to = gone(d.losses, max(p, to))
		if ok && to == p {
			next := d.pass(rec, p, q, v)
			if d.err != nil {
				return p
			}
			if next > p {
				p, d.why = next, LostUnwritten
				continue
			}
			to, d.why = rec.end(), LostDamage // unless there was no room
		}
		if to == p || v.Len() > 0 { // the end, or something to be told of with the next view
			return p
		}
		v.Lost += d.skip(p, to)
		p = to
	}
	return p
}

// pass takes a record, without moving on from one that is not whole.
func (d *diskReader) pass(rec found, p sinks.Pos, q sinks.Query, v *sinks.View) sinks.Pos {
	id, err := groupID(rec.payload)
	if err != nil {
		return p
	}
	g := d.groups[id]
	if g == nil {
		if g = d.search(id); g == nil {
			return p
		}
	}
	next, err := d.take(entry{rec.header, rec.payload, g}, p, q, v)
	if err != nil {
		return p
	}
	return next
}

// skip counts what is gone between p and to.
func (d *diskReader) skip(p, to sinks.Pos) uint64 {
	d.j.mu.Lock()
	defer d.j.mu.Unlock()
	n := d.c.skip(p, to, d.why)
	d.losses = append(d.losses[:0], d.c.losses...)
	d.why = LostUnwritten
	return n
}
