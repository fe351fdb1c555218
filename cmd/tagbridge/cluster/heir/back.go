package heir

import (
	"context"
	"maps"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/replica"
	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/cmd/tagbridge/events"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// waiting is a sink of this member that gets nothing of what its journal had at the start until it is known what others delivered of it.
type waiting struct {
	*sinks.Elsewhere
	rest  sinks.Span    // what may have been delivered by others
	since time.Duration // when it was asked
	said  bool          // that it takes long
}

// remains is how many samples of the rest are in none of the spans, which are ascending: they were not copied, or nobody delivered them.
func (w *waiting) remains(spans []sinks.Span) uint64 {
	n := uint64(w.rest.To - w.rest.From)
	for _, s := range spans {
		if from, to := max(s.From, w.rest.From), min(s.To, w.rest.To); from < to {
			n -= uint64(to - from)
		}
	}
	return n
}

// Opened says which journal is this member's, and whether the run before ended without a word: then others may well have delivered for it. It
// is called before anything is asked.
func (h *Heir) Opened(identity func() (journal.Identity, error), died bool) {
	h.mu.Lock()
	h.identity, h.patience = identity, h.o.Patience
	if died {
		h.patience = max(h.o.Patience, h.o.Longer)
	}
	h.mu.Unlock()
	h.soon()
}

// Ask is log for the forwarder of a sink, which gets what is in rest only once it is known what others delivered of it, or that this cannot
// be found out. The rest ends where the journal did when it was opened.
func (h *Heir) Ask(sink string, log sinks.Log, rest sinks.Span) sinks.Log {
	e := sinks.NewElsewhere(log, sink, rest.To)
	h.mu.Lock()
	h.waiting[sink] = &waiting{Elsewhere: e, rest: rest, since: h.now()}
	h.mu.Unlock()
	h.soon()
	return e
}

// waits are the sinks that wait for an answer.
func (h *Heir) waits() map[string]*waiting {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.waiting)
}

func (h *Heir) answered(sink string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.waiting, sink)
}

// own sees to the cursors of this member's own journal: those with somebody else's name are taken back after a while, and sinks that wait are told what
// others delivered.
func (h *Heir) own(ctx context.Context, l *store.Link, kv jetstream.KeyValue, s *Sight) error {
	if s.Journal == "" {
		return nil
	}
	for i := range s.Entries {
		e := &s.Entries[i]
		if e.Node != s.Self || e.Journal != s.Journal || e.Cursor.By == "" || !h.book.Back(e, h.now()) {
			continue
		}
		by := e.Cursor.By
		if ok, err := h.takeBack(ctx, l, kv, e); err != nil {
			return err
		} else if ok {
			h.o.Log.Info("delivers itself again", "sink", e.Cursor.Sink, "until now by", by)
		}
	}
	for name, w := range h.waits() {
		if err := h.answer(ctx, l, kv, s, name, w); err != nil {
			return err
		}
	}
	return nil
}

// takeBack has a cursor of this member's own journal its own, and brings e up to date; false: somebody else was faster, and it is looked at again.
// What is in it stays: the member writes where it is itself once that moves. It is also done with a cursor that has nobody's name, as somebody
// may be about to take it who has not heard yet that this member is there: its claim fails then, and it waits for Grace anew.
func (h *Heir) takeBack(ctx context.Context, l *store.Link, kv jetstream.KeyValue, e *Entry) (bool, error) {
	c := e.Cursor
	c.By, c.Done, c.At = "", false, time.Now()
	revision, err := kv.Update(ctx, e.Key(), c.Bytes(), e.Revision)
	switch {
	case store.Conflict(err):
		return false, nil
	case err != nil:
		return false, l.Why(err, kv.Bucket())
	}
	e.Cursor, e.Revision = c, revision
	return true, nil
}

// answer tells a sink of this member what others delivered of what its journal had when it was opened, unless somebody is still at it.
func (h *Heir) answer(ctx context.Context, l *store.Link, kv jetstream.KeyValue, s *Sight, name string, w *waiting) error {
	var list []sinks.Span
	var dealt sinks.Dealt
	for i := range s.Entries {
		e := &s.Entries[i]
		if e.Node != s.Self || e.Sink != store.Key(name) || e.Journal != s.Journal && e.Journal != s.origin {
			continue
		}
		before := sinks.Pos(1<<63 - 1)
		switch {
		case e.Journal != s.Journal:
			before = s.branched
			if e.Cursor.By != "" && e.Cursor.Position < before {
				return nil
			}
		case e.Cursor.By != "":
			return nil // who delivers says soon how far it has come, or is written over
		case e.Damaged == "":
			if ok, err := h.takeBack(ctx, l, kv, e); !ok {
				return err
			}
		}
		list = append(list, spans(&e.Cursor, before)...)
		dealt.Add(sinks.Dealt{Delivered: e.Cursor.Delivered, Rejected: e.Cursor.Rejected})
	}
	h.answered(name)
	list = sorted(list)
	w.Known(list, dealt)
	if dealt.Delivered+dealt.Rejected > 0 {
		h.o.Log.Info("others have delivered for this member while it was away", "sink", name, "delivered", dealt.Delivered, "rejected", dealt.Rejected,
			"remaining", w.remains(list), "event", events.Cluster)
	}
	return nil
}

// giveUp lets the sinks go on of which it is still not known what others delivered: rather twice than not at all.
func (h *Heir) giveUp(now time.Duration) {
	h.mu.Lock()
	patience := h.patience
	h.mu.Unlock()
	for name, w := range h.waits() {
		waits := now - w.since
		why := h.State().Error
		if h.o.Link() == nil {
			why = "no JetStream is reached"
		}
		if waits > patience {
			h.answered(name)
			w.Known(nil, sinks.Dealt{})
			h.o.Log.Error("it cannot be found out what others delivered for this member: all that it has is delivered, some of it twice if they did", "sink", name,
				"samples", uint64(w.rest.To-w.rest.From), "waited", patience, "err", why, "event", events.Cluster)
			continue
		}
		if waits > h.o.Patience && !w.said {
			w.said = true
			h.o.Log.Warn("a sink waits until it is known what others delivered for this member, which ended without a word", "sink", name,
				"samples", uint64(w.rest.To-w.rest.From), "patience", patience, "err", why)
		}
	}
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
