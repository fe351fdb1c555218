package heir

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/replica"
	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/sinks"
)

const (
	writeEvery = 500 * time.Millisecond // a cursor that has moved
	lookEvery  = 100 * time.Millisecond // at what there is to write
	opTime     = 2 * time.Second        // for one operation with KV
	idleTime   = 2 * time.Second        // for what is under way, once nothing more is to be delivered
)

// claim is what this member delivers of one that is gone: of one journal, for one sink.
type claim struct {
	h        *Heir
	key      string
	node     string // safe name
	cursor   replica.Cursor
	revision uint64
	bequest  *bequest
	walker   walker
	estate   *sinks.Estate
	caught   atomic.Bool // all that the stream has was read
	left     sinks.Pos   // where the journal ended, as far as is known; 0: it is not
	cancel   context.CancelFunc
	done     chan struct{}

	// What follows is read when done is closed.
	end   ending
	place place
}

// ending is why a claim has ended.
type ending uint8

const (
	endStopped  ending = iota // it was told to
	endFinished               // there is nothing more
	endLost                   // somebody else has it now, or it was not written for too long
	endStalled                // the sink takes nothing
)

// take claims what e stands for, at the position from which it is to be delivered; nil: somebody else was faster.
func (h *Heir) take(ctx context.Context, l *store.Link, kv jetstream.KeyValue, e *Entry, at sinks.Pos) (*claim, error) {
	c := &claim{h: h, key: e.Key(), node: e.Node, cursor: e.Cursor, estate: h.estateOf(e.Sink), done: make(chan struct{})}
	if c.cursor.Journal == "" { // it could not be read
		c.cursor = replica.Cursor{Journal: e.Journal, Node: e.Node, Sink: e.Sink}
	}
	var err error
	if c.walker.journal, err = parseName(e.Journal); err != nil {
		return nil, err
	}
	began := h.now()
	c.cursor.By, c.cursor.At = h.o.Node, time.Now()
	ctx, cancel := context.WithTimeout(ctx, opTime)
	defer cancel()
	if c.revision, err = kv.Update(ctx, c.key, c.cursor.Bytes(), e.Revision); err != nil {
		if store.Conflict(err) {
			return nil, nil
		}
		return nil, l.Why(err, kv.Bucket())
	}
	at = max(at, c.cursor.Position)
	c.walker.at = at
	c.bequest = newBequest(&c.cursor, at, h.now)
	c.bequest.extend(began + h.o.Rules.Lease - h.o.Rules.Guard)
	return c, nil
}

// run delivers until there is nothing more, ctx ends, or somebody else does.
func (c *claim) run(ctx context.Context) {
	defer close(c.done)
	c.estate.Add(c.bequest)
	inner, cancel := context.WithCancel(ctx)
	var reading sync.WaitGroup
	reading.Go(func() { c.fetch(inner) })
	c.end = c.keep(ctx)
	cancel()
	c.estate.Remove(c.bequest)
	if c.end != endLost {
		c.await()
	}
	c.bequest.extend(0)
	reading.Wait()
	c.place, _, _ = c.bequest.through()
	if c.end != endLost {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), opTime)
		defer cancel()
		_ = c.write(ctx, "") // else it is taken once the lease is over
	}
}

// await waits for what is under way, a little.
func (c *claim) await() {
	tick := time.NewTicker(lookEvery / 4)
	defer tick.Stop()
	for end := c.h.now() + idleTime; !c.bequest.idle() && c.h.now() < end; {
		<-tick.C
	}
}

// keep writes the cursor as it moves, and again and again, until this is to end.
func (c *claim) keep(ctx context.Context) ending {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	written, moved := c.h.now(), c.h.now()
	dirty := false
	for {
		select {
		case <-ctx.Done():
			return endStopped
		case <-tick.C:
		}
		all := false
		_, empty, changed := c.bequest.through()
		now := c.h.now()
		if changed {
			dirty, moved = true, now
		}
		if all = empty && c.caught.Load(); all {
			return endFinished
		}
		if !c.bequest.Mine() {
			return endLost
		}
		if empty {
			moved = now // nothing waits for the sink
		}
		if now-moved > c.h.o.Stall {
			return endStalled
		}
		if dirty && now-written >= writeEvery || now-written >= c.h.o.Rules.renew() {
			written = now
			err := c.write(ctx, c.h.o.Node)
			if errors.Is(err, errOverwritten) {
				return endLost
			}
			if err == nil {
				dirty = false
			}
		}
	}
}

// errOverwritten is somebody else's name in the cursor, or a cursor that moved.
var errOverwritten = errors.New("the cursor is somebody else's now")

// write writes the cursor as it is, with that name in it. What KV does not have any more is made anew.
func (c *claim) write(ctx context.Context, by string) error {
	l := c.h.o.Link()
	if l == nil {
		return errors.New("there is no JetStream at present")
	}
	ctx, cancel := context.WithTimeout(ctx, opTime)
	defer cancel()
	kv, err := c.h.bucket(ctx, l)
	if err != nil {
		return err
	}
	p, _, _ := c.bequest.through()
	next := c.cursor
	next.By, next.Done, next.At = by, c.end == endFinished, time.Now()
	next.Position, next.Seq, next.Delivered, next.Rejected, next.Missing = p.position, p.seq, p.dealt.Delivered, p.dealt.Rejected, p.missing
	began := c.h.now()
	revision, err := kv.Update(ctx, c.key, next.Bytes(), c.revision)
	if store.Conflict(err) {
		revision, err = c.again(ctx, kv, next)
	}
	if err != nil {
		return err
	}
	c.cursor, c.revision = next, revision
	c.bequest.extend(began + c.h.o.Rules.Lease - c.h.o.Rules.Guard)
	c.estate.Wake() // it may have been nobody's for a while
	return nil
}

// again writes a cursor whose revision was not the expected one: the bucket was emptied, or an earlier write came through though nobody
// heard of it.
func (c *claim) again(ctx context.Context, kv jetstream.KeyValue, next replica.Cursor) (uint64, error) {
	e, err := kv.Get(ctx, c.key)
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound):
		return kv.Create(ctx, c.key, next.Bytes())
	case err != nil:
		return 0, err
	}
	there, err := replica.ParseCursor(e.Value())
	if err != nil || there.By != c.h.o.Node || there.Position > next.Position {
		return 0, errOverwritten
	}
	return kv.Update(ctx, c.key, next.Bytes(), e.Revision())
}
