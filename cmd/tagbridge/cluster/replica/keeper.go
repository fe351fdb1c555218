package replica

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

const (
	// keepEvery is how often the places of sinks are written that have changed: what a sink gets twice is what it got since.
	keepEvery = 500 * time.Millisecond
	// endEvery is how often the end of the journal is written at least.
	endEvery = 10 * time.Second
)

// keeping is the places of sinks in KV, while one connection lasts.
type keeping struct {
	s    *Sender
	l    *store.Link
	kv   jetstream.KeyValue
	is   *journal.Identity
	node string
	kept map[string]kept // by sink
	end  End             // as it was written last
	next time.Time       // when it is to be written at least
}

// kept is a place as KV has it.
type kept struct {
	revision uint64
	position sinks.Pos
	by       string // who delivers for this member: it is not to be written
}

// keepCursors keeps them until ctx ends.
func (s *Sender) keepCursors(ctx context.Context) {
	for {
		err := s.keepSession(ctx)
		if ctx.Err() != nil {
			return
		}
		s.board.mu.Lock()
		news := err != nil && s.board.cursors != err.Error()
		if err != nil {
			s.board.cursors = err.Error()
		}
		s.board.mu.Unlock()
		if news {
			s.log.Warn("the places of sinks are not kept in the cluster", "err", err)
		}
		if !sleep(ctx, time.Second) {
			return
		}
	}
}

func (s *Sender) keepSession(ctx context.Context) error {
	l, err := s.link(ctx)
	if err != nil {
		return err
	}
	k := &keeping{s: s, l: l, node: store.Key(s.o.Node)}
	within, cancel := context.WithTimeout(ctx, askTime)
	k.kv, err = l.Bucket(within, CursorsConfig(s.o.Bridge))
	cancel()
	if err != nil {
		return err
	}
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	finish := s.finish
	for {
		if err := k.round(ctx); err != nil {
			return l.Why(err, store.Cursors(s.o.Bridge))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.Gone():
			return errors.New("the connection has ended")
		case <-tick.C:
		case <-finish:
			finish = nil
			tick.Reset(keepEvery / 25)
		}
	}
}

// stopping reports that nothing comes any more.
func (s *Sender) stopping() bool {
	select {
	case <-s.finish:
		return true
	default:
		return false
	}
}

// round writes what has changed.
func (k *keeping) round(ctx context.Context) error {
	if why := k.s.o.Aside(); why != "" {
		return errors.New(why)
	}
	is := k.s.identity.Load()
	if is == nil {
		return nil // the stream comes first, which says what the journal is
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	if k.is == nil || *k.is != *is {
		k.is, k.kept, k.end = is, map[string]kept{}, End{}
		k.forgetStale(ctx)
	}
	stopping := k.s.stopping()
	places := map[string]sinks.Pos{}
	k.s.o.Log.Places(func(sink string, p sinks.Pos) { places[sink] = p })
	for sink, p := range places {
		if err := k.put(ctx, sink, p); err != nil {
			return err
		}
	}
	for sink := range k.kept {
		if _, ok := places[sink]; !ok {
			if err := k.remove(ctx, sink); err != nil {
				return err
			}
		}
	}
	if err := k.putEnd(ctx, stopping); err != nil {
		return err
	}
	k.s.board.mu.Lock()
	k.s.board.cursors = ""
	k.s.board.mu.Unlock()
	return nil
}

func (k *keeping) key(sink string) string {
	return CursorKey(k.node, k.is.ID, store.Key(sink))
}

// put writes where a sink is, unless KV has that, or another member delivers for this one.
func (k *keeping) put(ctx context.Context, sink string, p sinks.Pos) error {
	at, known := k.kept[sink]
	if known && at.by == "" && at.position >= p && at.position <= k.s.o.Log.End() {
		return nil // what others delivered for this member is passed over soon, but for what they had no copy of
	}
	key := k.key(sink)
	if !known || at.by != "" {
		e, err := k.kv.Get(ctx, key)
		switch {
		case isNoKey(err):
			at = kept{}
		case err != nil:
			return err
		default:
			at = kept{revision: e.Revision()}
			if c, err := ParseCursor(e.Value()); err == nil {
				at.by, at.position = c.By, c.Position
			} else if errors.Is(err, ErrVersion) {
				return err
			}
		}
		if at.by != "" || at.revision > 0 && at.position >= p && at.position <= k.s.o.Log.End() {
			k.kept[sink] = at
			return nil
		}
	}
	c := Cursor{Journal: Name(k.is.ID), Run: Name(k.s.run), Node: k.s.o.Node, Sink: sink, Position: p, At: time.Now().UTC()}
	var revision uint64
	var err error
	if at.revision == 0 {
		revision, err = k.kv.Create(ctx, key, c.Bytes())
	} else {
		revision, err = k.kv.Update(ctx, key, c.Bytes(), at.revision)
	}
	if store.Conflict(err) { // somebody else was faster: it is looked at next time
		delete(k.kept, sink)
		return nil
	}
	if err != nil {
		return err
	}
	k.kept[sink] = kept{revision: revision, position: p}
	return nil
}

// remove removes the place of a sink that is not in the configuration any more.
func (k *keeping) remove(ctx context.Context, sink string) error {
	at := k.kept[sink]
	if at.by == "" {
		err := k.kv.Delete(ctx, k.key(sink), jetstream.LastRevision(at.revision))
		if err != nil && !store.Conflict(err) && !isNoKey(err) {
			return err
		}
	}
	delete(k.kept, sink)
	return nil
}

// putEnd writes where the journal ends, and once all is said, that it does.
func (k *keeping) putEnd(ctx context.Context, stopping bool) error {
	copied, known := k.s.board.position()
	end := k.s.o.Log.End()
	e := End{Journal: Name(k.is.ID), Run: Name(k.s.run), Node: k.s.o.Node, Position: end, Copied: copied, First: k.s.o.Log.Opened()}
	if k.is.Origin != 0 {
		e.Origin, e.First = Name(k.is.Origin), k.is.First
	}
	e.Stopped = stopping && (known && copied >= end || k.s.lowest() >= end)
	now := time.Now()
	if e == k.end && now.Before(k.next) {
		return nil
	}
	k.end, k.next = e, now.Add(endEvery)
	e.At = now.UTC()
	if _, err := k.kv.Put(ctx, EndKey(k.node, k.is.ID), e.Bytes()); err != nil {
		k.end = End{}
		return err
	}
	if e.Stopped {
		k.s.last.Do(func() { close(k.s.ended) })
	}
	return nil
}

// forgetStale removes the places of sinks that were taken out of the configuration while nobody looked. That it cannot changes nothing.
func (k *keeping) forgetStale(ctx context.Context) {
	list, err := k.kv.ListKeysFiltered(ctx, CursorKey(k.node, k.is.ID, "*"))
	if err != nil {
		return
	}
	defer func() { _ = list.Stop() }()
	there := map[string]bool{endToken: true}
	k.s.o.Log.Places(func(sink string, _ sinks.Pos) { there[store.Key(sink)] = true })
	for key := range list.Keys() {
		at := strings.LastIndexByte(key, '.')
		if there[key[at+1:]] {
			continue
		}
		e, err := k.kv.Get(ctx, key)
		if err != nil {
			continue
		}
		if c, err := ParseCursor(e.Value()); err == nil && c.By == "" {
			if err := k.kv.Delete(ctx, key, jetstream.LastRevision(e.Revision())); err == nil {
				k.s.log.Info("the place of a sink that is not in the configuration is removed from the cluster", "sink", c.Sink)
			}
		}
	}
}

// isNoKey reports that there is no such key.
func isNoKey(err error) bool {
	return errors.Is(err, jetstream.ErrKeyNotFound) || errors.Is(err, jetstream.ErrKeyDeleted)
}
