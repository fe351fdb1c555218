package heir

import (
	"context"
	"errors"
	"slices"
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

// endOf is where e's journal ended when its member was there last, as far as is known; 0: it is not.
func (s *Sight) endOf(e *Entry) sinks.Pos {
	i := slices.IndexFunc(s.Tails, func(t Tail) bool { return t.Node == e.Node && t.Journal == e.Journal })
	if i < 0 {
		return 0
	}
	return s.Tails[i].End.Position
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
