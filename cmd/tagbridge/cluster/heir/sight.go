package heir

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/replica"
	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/sinks"
)

// sight is what is known without KV.
func (h *Heir) sight(nodes []string, sure bool) *Sight {
	s := &Sight{Self: store.Key(h.o.Node), Able: sure, Living: map[string]bool{}, Sinks: map[string]bool{}, Mine: map[string]bool{}, Last: map[string]uint64{}}
	s.Living[s.Self] = true
	for _, node := range nodes {
		s.Living[store.Key(node)] = true
	}
	h.mu.Lock()
	identity := h.identity
	for safe := range h.sinks {
		s.Sinks[safe] = true
	}
	h.mu.Unlock()
	for key := range h.claims {
		s.Mine[key] = true
	}
	if identity != nil {
		is, _ := identity() // who cannot keep it says so
		s.Journal = replica.Name(is.ID)
		if is.Origin != 0 {
			s.origin, s.branched = replica.Name(is.Origin), is.First
		}
	}
	return s
}

// read reads all cursors and ends.
func (s *Sight) read(ctx context.Context, kv jetstream.KeyValue) error {
	w, err := kv.WatchAll(ctx, jetstream.IgnoreDeletes())
	if err != nil {
		return err
	}
	defer func() { _ = w.Stop() }()
	for {
		select {
		case e, ok := <-w.Updates():
			if !ok {
				return errors.New("the reading of cursors has ended")
			}
			if e == nil {
				return nil
			}
			s.add(e.Key(), e.Value(), e.Revision())
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// add takes a key. What is none of this release's is passed over.
func (s *Sight) add(key string, value []byte, revision uint64) {
	parts := strings.Split(key, ".")
	if len(parts) != 3 {
		return
	}
	journal, err := parseName(parts[1])
	if err != nil {
		return
	}
	if key == replica.EndKey(parts[0], journal) {
		end, _ := replica.ParseEnd(value) // that it moves is what counts
		s.Tails = append(s.Tails, Tail{Node: parts[0], Journal: parts[1], Revision: revision, End: end})
		return
	}
	e := Entry{Node: parts[0], Journal: parts[1], Sink: parts[2], Revision: revision}
	c, err := replica.ParseCursor(value)
	switch {
	case errors.Is(err, replica.ErrVersion):
		return // somebody of a later release has to deliver it
	case err == nil && c.Journal != parts[1]:
		e.Damaged = "it is the cursor of another journal"
	case err != nil:
		e.Damaged = err.Error()
	default:
		e.Cursor = c
	}
	s.Entries = append(s.Entries, e)
}

// first is where what is e's journal's own begins that nobody has under another identity, as the disk was restored from a backup.
func (s *Sight) first(e *Entry) (at sinks.Pos) {
	for i := range s.Tails {
		t := &s.Tails[i]
		if t.Node == e.Node && t.End.Origin == e.Journal {
			at = max(at, t.End.First)
		}
	}
	return at
}

// lasts finds how far the streams go of members that somebody may inherit from.
func (h *Heir) lasts(ctx context.Context, l *store.Link, s *Sight) error {
	known := map[string]bool{}
	for i := range s.Entries {
		known[s.Entries[i].Node] = true
	}
	for node := range known {
		name := h.records(node)
		stream, err := l.JS.Stream(ctx, name)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			continue
		}
		if err != nil {
			return l.Why(err, name)
		}
		s.Last[node] = stream.CachedInfo().State.LastSeq
	}
	return nil
}

// orphans makes cursors for streams of members that are gone and have none at all, as the bucket was emptied: at their beginning, for each sink
// of this member. Some comes twice then, and nothing is lost.
func (h *Heir) orphans(ctx context.Context, l *store.Link, kv jetstream.KeyValue, s *Sight) error {
	known := map[string]bool{}
	for i := range s.Entries {
		known[s.Entries[i].Node] = true
	}
	prefix := h.records("")
	names := l.JS.StreamNames(ctx)
	for name := range names.Name() {
		node, ours := strings.CutPrefix(name, prefix)
		if !ours || known[node] || s.Living[node] {
			continue
		}
		if h.now()-h.book.Orphan(node, h.now()) < h.o.Rules.Grace {
			continue
		}
		if err := h.adopt(ctx, l, kv, s, node); err != nil {
			return err
		}
	}
	return names.Err()
}

// adopt makes the cursors of one member.
func (h *Heir) adopt(ctx context.Context, l *store.Link, kv jetstream.KeyValue, s *Sight, node string) error {
	stream, err := l.JS.Stream(ctx, h.records(node))
	if err != nil {
		return err
	}
	state := stream.CachedInfo().State
	journals := map[uint64]replica.Message{}
	for _, seq := range []uint64{state.FirstSeq, state.LastSeq} {
		raw, err := stream.GetMsg(ctx, seq)
		if err != nil {
			continue // there is none
		}
		if m, err := replica.Parse(raw.Data); err == nil {
			journals[m.Journal] = m
		}
	}
	for id, m := range journals {
		for safe := range s.Sinks {
			h.mu.Lock()
			name := h.sinks[safe]
			h.mu.Unlock()
			c := replica.Cursor{Journal: replica.Name(id), Run: replica.Name(m.Run), Node: m.Node, Sink: name, At: time.Now()}
			if _, err := kv.Create(ctx, replica.CursorKey(node, id, safe), c.Bytes()); err != nil && !store.Conflict(err) {
				return err
			}
			h.o.Log.Error("there are no cursors of a member that is gone: all that there is of it is delivered, some twice", "of", m.Node, "sink", name)
		}
	}
	return nil
}

// spans are what others delivered of a journal before a position, by the cursor that they left.
func spans(c *replica.Cursor, before sinks.Pos) (list []sinks.Span) {
	at := sinks.Pos(0)
	for _, m := range append(append([]replica.Missing(nil), c.Missing...), replica.Missing{Span: sinks.Span{From: c.Position, To: c.Position}}) {
		if to := min(m.From, before); at < to {
			list = append(list, sinks.Span{From: at, To: to})
		}
		at = max(at, m.To)
	}
	return list
}

// answer tells the sinks of this member what others delivered of what its journal had when it was opened.
func (h *Heir) answer(s *Sight) {
	if s.Journal == "" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, waits := range h.waiting {
		safe := store.Key(name)
		var list []sinks.Span
		var dealt sinks.Dealt
		by, busy := "", false
		for i := range s.Entries {
			e := &s.Entries[i]
			if e.Node != s.Self || e.Sink != safe || e.Journal != s.Journal && e.Journal != s.origin {
				continue
			}
			busy = busy || e.Journal == s.Journal && e.Cursor.By != ""
			before := sinks.Pos(1<<63 - 1)
			if e.Journal != s.Journal {
				before = s.branched
			}
			list = append(list, spans(&e.Cursor, before)...)
			dealt.Add(sinks.Dealt{Delivered: e.Cursor.Delivered, Rejected: e.Cursor.Rejected})
			if by = e.Cursor.By; by == "" && dealt.Delivered+dealt.Rejected > 0 {
				by = "another member"
			}
		}
		if busy {
			continue // who delivers says soon how far it has come, or is written over
		}
		waits.Known(sorted(list), dealt)
		delete(h.waiting, name)
		if dealt.Delivered+dealt.Rejected > 0 {
			h.o.Log.Info("others have delivered for this member while it was away", "sink", name, "by", by, "delivered", dealt.Delivered, "rejected", dealt.Rejected)
		}
	}
}

// giveUp lets the sinks go on of which it is still not known what others delivered.
func (h *Heir) giveUp(now time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now-h.asked <= h.o.Patience {
		return
	}
	for name, waits := range h.waiting {
		waits.Known(nil, sinks.Dealt{})
		delete(h.waiting, name)
		h.o.Log.Warn("it cannot be found out what others delivered for this member: all that it has is delivered", "sink", name)
	}
}

// takeBack has a cursor of this member's own journal its own again. What is in it stays: the member writes where it is itself once that moves.
func (h *Heir) takeBack(ctx context.Context, l *store.Link, kv jetstream.KeyValue, e *Entry) error {
	c := e.Cursor
	by := c.By
	c.By, c.At = "", time.Now()
	_, err := kv.Update(ctx, e.Key(), c.Bytes(), e.Revision)
	switch {
	case store.Conflict(err):
		return nil // looked at again
	case err != nil:
		return l.Why(err, kv.Bucket())
	}
	h.o.Log.Info("delivers itself again", "sink", c.Sink, "until now by", by)
	return nil
}
