package heir

import (
	"sync"
	"sync/atomic"
	"time"

	"tagbridge/cmd/tagbridge/cluster/replica"
	"tagbridge/sinks"
)

// mostQueued is how many samples wait for the forwarder; one message more may come.
const mostQueued = 32 << 10

// bequest hands what is read of a stream to the forwarder of a sink, and knows how far that has come. It implements sinks.Bequest.
type bequest struct {
	now   func() time.Duration
	until atomic.Int64 // it is this member's, by that clock

	mu      sync.Mutex
	queue   []piece
	queued  int
	room    chan struct{} // there may be room in the queue
	under   []piece       // what the forwarder was given and is not through with
	place   place         // what is through
	changed bool          // since the last look
}

// place is how far a cursor has come.
type place struct {
	position sinks.Pos
	seq      uint64
	dealt    sinks.Dealt
	missing  []replica.Missing
}

func newBequest(c *replica.Cursor, at sinks.Pos, now func() time.Duration) *bequest {
	return &bequest{now: now, room: make(chan struct{}, 1), place: place{
		position: at, seq: c.Seq, missing: c.Missing,
		dealt: sinks.Dealt{Delivered: c.Delivered, Rejected: c.Rejected},
	}}
}

// Mine implements sinks.Bequest.
func (b *bequest) Mine() bool { return int64(b.now()) < b.until.Load() }

// extend has it be this member's until then.
func (b *bequest) extend(until time.Duration) { b.until.Store(int64(until)) }

// Take implements sinks.Bequest.
func (b *bequest) Take(m *sinks.Match, most int, v *sinks.View) sinks.Pos {
	v.Reset()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.under) > 0 { // it was not through with it: all again
		b.queue = append(b.under, b.queue...)
		for _, p := range b.under {
			b.queued += p.samples
		}
		b.under = nil
	}
	end := b.place.position
	n := 0
	for ; n < len(b.queue) && v.Len() < most; n++ {
		p := &b.queue[n]
		for i := range p.parts {
			if x := p.parts[i].after(b.place.position); len(x.batch.Samples) > 0 {
				v.AppendFrom(x.pos, &x.batch, m)
			}
		}
		end = p.to
		b.queued -= p.samples
	}
	b.under = append([]piece(nil), b.queue[:n]...)
	b.queue = append([]piece(nil), b.queue[n:]...)
	select {
	case b.room <- struct{}{}:
	default:
	}
	return end
}

// after is what of p is at at or after it.
func (p part) after(at sinks.Pos) part {
	if at <= p.pos {
		return p
	}
	n := min(int(at-p.pos), len(p.batch.Samples))
	p.batch.Samples = p.batch.Samples[n:]
	p.pos += sinks.Pos(n)
	return p
}

// Through implements sinks.Bequest.
func (b *bequest) Through(p sinks.Pos, dealt sinks.Dealt) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.place.dealt.Add(dealt)
	b.place.position = max(b.place.position, p)
	b.changed = true
	for len(b.under) > 0 && b.under[0].to <= p {
		b.place.seq = max(b.place.seq, b.under[0].seq)
		for _, m := range b.under[0].missing {
			b.place.missing = appendMissing(append([]replica.Missing(nil), b.place.missing...), m)
		}
		b.under = b.under[1:]
	}
}

// put adds what was read. It does not wait: see full.
func (b *bequest) put(p piece) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(b.queue); n > 0 && p.samples == 0 && len(p.missing) == 0 && b.queue[n-1].to == p.to {
		b.queue[n-1].seq = p.seq // nothing for anybody: millions of such messages take no room
		return
	}
	b.queue = append(b.queue, p)
	b.queued += p.samples
}

// full reports that there is enough to be delivered.
func (b *bequest) full() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.queued >= mostQueued || len(b.queue) > mostQueued/8
}

// through is how far it has come, and whether everything that was put was dealt with; changed is since the last call.
func (b *bequest) through() (p place, all, changed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	changed, b.changed = b.changed, false
	return b.place, len(b.queue) == 0 && len(b.under) == 0, changed
}

// idle reports that the forwarder has nothing of it.
func (b *bequest) idle() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.under) == 0
}
