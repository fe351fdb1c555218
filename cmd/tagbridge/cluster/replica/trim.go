package replica

import (
	"context"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/store"
)

// orphanTime is how long messages of a journal stay that has no cursor at all.
const orphanTime = 24 * time.Hour

// keepTrimmed lets go of what all sinks have, until ctx ends. What it cannot let go of the stream's own limits take.
func (c *copying) keepTrimmed(ctx context.Context) {
	tick := time.NewTicker(c.s.pace.trim)
	defer tick.Stop()
	told := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := c.trim(ctx); err != nil && ctx.Err() == nil && !told {
			told = true
			c.s.log.Warn("copies that are not needed any more are not removed", "err", c.l.Why(err, c.s.stream.Name))
		}
	}
}

// trim lets go of whole sections that no sink needs.
func (c *copying) trim(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	lowest := c.s.lowest()
	c.mu.Lock()
	at := -1
	for i, s := range c.starts {
		if s.pos <= lowest && s.seq <= c.landed {
			at = i
		}
	}
	if at < 0 {
		c.mu.Unlock()
		return nil
	}
	to, first := c.starts[at], c.first
	c.mu.Unlock()
	if to.seq <= first {
		return nil
	}
	if c.older {
		return c.trimOlder(ctx, first, to.seq)
	}
	if err := c.stream.Purge(ctx, jetstream.WithPurgeSequence(to.seq)); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.starts, c.base, c.first = c.starts[at:], max(c.base, to.pos), to.seq
	return nil
}

// trimOlder lets go of what is of another journal, if nobody needs that any more, up to the next journal, or to what is ours.
func (c *copying) trimOlder(ctx context.Context, first, to uint64) error {
	info, err := c.stream.Info(ctx)
	if err != nil {
		return err
	}
	first = max(first, info.State.FirstSeq)
	oldest, err := c.message(ctx, first, info.State.Msgs)
	if err != nil {
		return err
	}
	if first >= to || oldest != nil && oldest.Journal == c.is.ID {
		c.older = false
		return nil
	}
	if oldest != nil {
		if done, err := c.s.delivered(ctx, c.l, oldest); err != nil || !done {
			return err
		}
	}
	low, high := first, to // of low it is so that it may go, of high it is not
	for oldest != nil && high-low > 1 {
		middle := low + (high-low)/2
		m, err := c.message(ctx, middle, info.State.Msgs)
		if err != nil {
			return err
		}
		if m == nil || m.Journal == oldest.Journal {
			low = middle
		} else {
			high = middle
		}
	}
	if oldest == nil {
		high = first + 1
	}
	if err := c.stream.Purge(ctx, jetstream.WithPurgeSequence(high)); err != nil {
		return err
	}
	c.mu.Lock()
	c.first = high
	c.mu.Unlock()
	return nil
}

// delivered reports that of the journal of m nothing is left to be delivered.
func (s *Sender) delivered(ctx context.Context, l *store.Link, m *Message) (bool, error) {
	kv, err := l.Bucket(ctx, CursorsConfig(s.o.Bridge))
	if err != nil {
		return false, err
	}
	node := store.Key(s.o.Node)
	e, err := kv.Get(ctx, EndKey(node, m.Journal))
	if err != nil && !isNoKey(err) {
		return false, err
	}
	copied := m.To
	if err == nil {
		if end, err := ParseEnd(e.Value()); err == nil {
			copied = end.Copied
		}
	}
	list, err := kv.ListKeysFiltered(ctx, node+"."+Name(m.Journal)+".*")
	if err != nil {
		return false, err
	}
	defer func() { _ = list.Stop() }()
	n := 0
	for key := range list.Keys() {
		if strings.HasSuffix(key, "."+endToken) {
			continue
		}
		n++
		v, err := kv.Get(ctx, key)
		if isNoKey(err) {
			continue
		}
		if err != nil {
			return false, err
		}
		if at, err := ParseCursor(v.Value()); err != nil || at.Position < copied {
			return false, nil
		}
	}
	return n > 0 || time.Since(m.Sent) > orphanTime, ctx.Err()
}
