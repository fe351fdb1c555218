package heir

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/replica"
	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/cmd/tagbridge/events"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// Options say of which cluster, and who this member is.
type Options struct {
	Bridge, Node string
	Store        *store.Store
	// Link is the connection by which JetStream can be used now; nil: there is none. It is Store's.
	Link func() *store.Link
	// Living are the members that are heard, and whether this one hears enough to know.
	Living func() (nodes []string, sure bool)
	// Now is a clock that goes on while the process is stopped.
	Now func() time.Duration
	// Rules are those of all members; zero: what Defaults has.
	Rules    Rules
	Stall    time.Duration // what waits for a sink that takes nothing for so long is left to others; 0: a minute
	Patience time.Duration // for so long sinks wait at the start until it is known what others delivered; 0: 10 s
	Longer   time.Duration // likewise, after a run that ended without a word; 0: a minute
	Log      *slog.Logger
}

// Defaults are the rules of members with that takeover.
func Defaults(takeover time.Duration) Rules {
	return Rules{Grace: takeover + 10*time.Second, Step: 3 * time.Second, Lease: 10 * time.Second, Guard: 3 * time.Second, Rest: 2 * time.Minute}
}

// Heir delivers what members have left, and has this one ask what others delivered for it. Its methods may be called by any goroutine.
type Heir struct {
	o    Options
	book *Book // of the goroutine of Run

	mu       sync.Mutex
	estates  map[string]*sinks.Estate         // by safe name of a sink
	sinks    map[string]string                // that are configured, by safe name
	waiting  map[string]*waiting              // sinks that wait for an answer, by name
	identity func() (journal.Identity, error) // of this member's journal; nil: not known yet
	patience time.Duration                    // of those that wait
	later    time.Duration                    // when Run looks at KV again, while nothing goes on
	claims   map[string]*claim
	state    atomic.Pointer[State]
	wake     chan struct{}
}

// New makes one that does nothing before Run.
func New(o Options) *Heir {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Rules == (Rules{}) {
		o.Rules = Defaults(2 * time.Second)
	}
	if o.Stall <= 0 {
		o.Stall = time.Minute
	}
	if o.Patience <= 0 {
		o.Patience = 10 * time.Second
	}
	if o.Longer <= 0 {
		o.Longer = time.Minute
	}
	if o.Link == nil {
		o.Link = o.Store.Current
	}
	return &Heir{
		o: o, book: NewBook(o.Rules), estates: map[string]*sinks.Estate{}, sinks: map[string]string{}, waiting: map[string]*waiting{},
		claims: map[string]*claim{}, patience: o.Patience, later: lookLater, wake: make(chan struct{}, 1),
	}
}

func (h *Heir) now() time.Duration { return h.o.Now() }

func (h *Heir) records(node string) string { return store.RecordsOf(h.o.Bridge, node) }

// Estate is what is left by others for the sink of that name: its forwarder is to be given it.
func (h *Heir) Estate(sink string) *sinks.Estate { return h.estateOf(store.Key(sink)) }

func (h *Heir) estateOf(safe string) *sinks.Estate {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.estates[safe]
	if e == nil {
		e = sinks.NewEstate()
		h.estates[safe] = e
	}
	return e
}

// Has says which sinks this member has.
func (h *Heir) Has(names []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sinks = make(map[string]string, len(names))
	for _, name := range names {
		h.sinks[store.Key(name)] = name
	}
}

func (h *Heir) bucket(ctx context.Context, l *store.Link) (jetstream.KeyValue, error) {
	return l.Bucket(ctx, replica.CursorsConfig(h.o.Bridge))
}

const (
	lookSoon  = time.Second      // at KV, while something is left or somebody is gone
	lookLater = 30 * time.Second // else
	tick      = 100 * time.Millisecond
)

// Run looks and delivers until ctx ends.
func (h *Heir) Run(ctx context.Context) {
	defer h.stop()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	var due time.Duration
	var before string
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-h.wake:
			due = 0
		}
		now := h.now()
		h.reap(now)
		h.giveUp(now)
		nodes, sure := h.o.Living()
		if who := strings.Join(nodes, " "); who != before {
			before, due = who, 0
		}
		l := h.o.Link()
		if l == nil || now < due {
			continue
		}
		busy, err := h.look(ctx, l, nodes, sure)
		h.show(err)
		due = h.now() + h.later
		if busy || err != nil {
			due = h.now() + min(lookSoon, h.o.Rules.Grace/4)
		}
	}
}

// stop ends all claims.
func (h *Heir) stop() {
	for _, c := range h.claims {
		c.cancel()
	}
	for _, c := range h.claims {
		<-c.done
	}
	h.reap(h.now())
}

// reap takes claims that have ended off the list, and says so.
func (h *Heir) reap(now time.Duration) {
	for key, c := range h.claims {
		select {
		case <-c.done:
		default:
			continue
		}
		delete(h.claims, key)
		p := c.place
		args := []any{"of", c.cursor.Node, "sink", c.cursor.Sink, "delivered", p.dealt.Delivered, "rejected", p.dealt.Rejected, "missing", missed(p.missing)}
		switch c.end {
		case endFinished:
			h.o.Log.Info("has delivered what a member left", append(args, "event", events.Cluster)...)
			h.lost(c)
		case endStalled:
			h.book.Stalled(key, now)
			h.o.Log.Warn("leaves to others what a member left: the sink takes nothing here", append(args, "event", events.Cluster)...)
		case endLost:
			h.o.Log.Warn("what a member left is delivered by another now", args...)
		default:
			h.o.Log.Info("delivers no more of what a member left", args...)
		}
		h.soon()
	}
}

// soon has Run look at KV at once.
func (h *Heir) soon() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// lost says what nobody can deliver of what a member left, unless it comes back with its disk: how many samples, and why.
func (h *Heir) lost(c *claim) {
	whys := map[string]uint64{}
	for _, m := range c.place.missing {
		whys[m.Why] += uint64(m.To - m.From)
	}
	if c.left > c.place.position {
		whys["not copied"] = uint64(c.left - c.place.position)
	}
	if len(whys) == 0 {
		return
	}
	n, list := uint64(0), []string(nil)
	for why, samples := range whys {
		n += samples
		list = append(list, fmt.Sprintf("%d %s", samples, why))
	}
	slices.Sort(list)
	h.o.Log.Error("samples of a member that is gone have no copy: they are lost, unless it comes back with its disk", "of", c.cursor.Node, "sink", c.cursor.Sink,
		"samples", n, "why", strings.Join(list, ", "), "event", events.Cluster)
}

func missed(list []replica.Missing) (n uint64) {
	for _, m := range list {
		n += uint64(m.To - m.From)
	}
	return n
}

// look looks at KV, and does what is to be done. It reports that it is to look again soon.
func (h *Heir) look(ctx context.Context, l *store.Link, nodes []string, sure bool) (soon bool, err error) {
	look, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	kv, err := h.bucket(look, l)
	if err != nil {
		return false, err
	}
	s := h.sight(nodes, sure)
	if err := s.read(look, kv); err != nil {
		return false, l.Why(err, kv.Bucket())
	}
	if err := h.own(look, l, kv, s); err != nil { // first: its sinks wait for it, and what is wrong with others' streams is nothing to them
		return true, err
	}
	if err := h.lasts(look, l, s); err != nil {
		return false, err
	}
	if err := h.orphans(look, l, kv, s); err != nil {
		h.o.Log.Debug("streams of members cannot be listed", "err", err)
	}
	v := h.book.Look(s, h.now())
	h.shown(v, s)
	for _, key := range v.Leave {
		h.claims[key].cancel()
	}
	for i := range v.Take {
		if err := h.begin(ctx, l, kv, s, &v.Take[i]); err != nil {
			return true, err
		}
	}
	return v.Soon || len(h.claims) > 0 || h.book.adopts(h.now()) || len(h.waits()) > 0, nil
}

// begin claims and delivers.
func (h *Heir) begin(ctx context.Context, l *store.Link, kv jetstream.KeyValue, s *Sight, e *Entry) error {
	c, err := h.take(ctx, l, kv, e, s.first(e))
	if c == nil {
		return err
	}
	if e.Damaged != "" {
		h.o.Log.Error("the place of a sink in what a member left cannot be read: all that there is is delivered", "of", e.Node, "sink", e.Sink, "err", e.Damaged)
	}
	h.o.Log.Info("delivers what a member has left", "of", c.cursor.Node, "sink", c.cursor.Sink, "event", events.Cluster)
	var inner context.Context
	inner, c.cancel = context.WithCancel(ctx)
	c.left = s.endOf(e)
	h.claims[c.key] = c
	go c.run(inner)
	return nil
}

// parseName reads what replica.Name wrote.
func parseName(name string) (uint64, error) {
	id, err := strconv.ParseUint(name, 16, 64)
	if err != nil || len(name) != 16 || id == 0 {
		return 0, fmt.Errorf("%q is no identity of a journal", name)
	}
	return id, nil
}
