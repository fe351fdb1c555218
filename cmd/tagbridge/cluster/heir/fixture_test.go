package heir

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/replica"
	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
	"tagbridge/testrig/natsd"
)

func TestMain(m *testing.M) {
	natsd.Child()
	os.Exit(m.Run())
}

const bridgeName = "line 3"

// group is one of n tags whose values count up.
func group(device string, n int) *mapping.Group {
	g := mapping.Group{Bridge: bridgeName, Device: device, Measurement: device}
	for i := range n {
		name := "t" + string(rune('a'+i))
		g.Series = append(g.Series, &mapping.Series{Tag: name, Field: name, SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Int}})
	}
	return mapping.NewGroup(g)
}

// count appends n samples to j, whose values are where they stand.
func count(t testing.TB, j *journal.Journal, g *mapping.Group, n int) {
	t.Helper()
	from := int(j.End())
	end := sinks.Pos(from + n)
	for n > 0 {
		b := mapping.Batch{Group: g}
		for i := range min(n, len(g.Series)) {
			at := from + i
			b.Samples = append(b.Samples, mapping.Sample{Time: int64(1e18) + int64(at), Bits: uint64(at), Index: uint16(i), Kind: mapping.Int})
		}
		if err := j.Append(&b); err != nil {
			t.Fatal(err)
		}
		n, from = n-len(b.Samples), from+len(b.Samples)
	}
	await(t, "what was appended is taken", func() bool { return j.End() == end })
}

// open opens a journal in a folder, which one sink of that name keeps, and runs it until the test ends.
func open(t testing.TB, dir string, names ...string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(journal.Options{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		j.Start(name, "start")
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = j.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		_ = j.Close()
	})
	return j
}

// messages makes the messages of what j has from a position on, a section each of that many.
func messages(t testing.TB, j *journal.Journal, node string, from sinks.Pos, section int) (list []replica.Message) {
	t.Helper()
	is, err := j.Identity()
	if err != nil {
		t.Fatal(err)
	}
	tap := j.Tap(from)
	defer tap.Close()
	n, begun := 0, -1
	var defined []byte
	for prev := from; tap.Position() < j.End(); {
		if n%section == 0 && n != begun {
			begun = n
			tap.Afresh()
		}
		s, err := tap.Next(t.Context(), journal.TapQuery{Bytes: 1})
		if err != nil {
			t.Fatal(err)
		}
		if s.From == s.To {
			defined = append(defined, s.Records...)
			continue
		}
		list = append(list, replica.Message{
			Bridge: bridgeName, Node: node, Journal: is.ID, Run: 7, Began: time.Unix(1, 0), Origin: is.Origin, First: is.First,
			Section: uint32(n/section) + 1, Prev: prev, From: s.From, To: s.To, Sent: time.Unix(2, 0), Parts: 1, Records: append(defined, s.Records...),
		})
		prev, defined = s.To, nil
		n++
	}
	return list
}

// await waits until what is so.
func await(t testing.TB, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(2 * time.Minute); !is(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("not so after two minutes: %s", what)
		}
	}
}

var quick = Rules{Grace: 400 * time.Millisecond, Step: 300 * time.Millisecond, Lease: 1500 * time.Millisecond, Guard: 500 * time.Millisecond, Rest: time.Second}

// plant is NATS and those who are heard.
type plant struct {
	t      testing.TB
	server *natsd.Server
	store  *store.Store // of the test itself
	mu     sync.Mutex
	living []string
	log    bytes.Buffer // of members
}

// Write has members log.
func (p *plant) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(b)
}

// said reports that a member has logged a line that has all of these.
func (p *plant) said(parts ...string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for line := range strings.Lines(p.log.String()) {
		if !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(line, part) }) {
			return true
		}
	}
	return false
}

func newPlant(t testing.TB) *plant {
	p := &plant{t: t, server: natsd.New(t, "")}
	p.store = p.connect("test", nil)
	return p
}

func (p *plant) lives(nodes ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.living = nodes
}

func (p *plant) heard() ([]string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.living, true
}

func (p *plant) connect(node string, log *slog.Logger) *store.Store {
	p.t.Helper()
	s, err := store.New(store.Options{Bridge: bridgeName, Node: node, URLs: []string{"nats://" + p.server.Address}, Log: log})
	if err != nil {
		p.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	p.t.Cleanup(func() {
		cancel()
		<-done
	})
	return s
}

func (p *plant) js() (*store.Link, jetstream.KeyValue) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 2*time.Minute)
	defer cancel()
	l, err := p.store.Link(ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	kv, err := l.Bucket(ctx, replica.CursorsConfig(bridgeName))
	if err != nil {
		p.t.Fatal(err)
	}
	return l, kv
}

// leave has NATS hold what a member left: messages, its end, and a cursor of each sink.
func (p *plant) leave(node string, list []replica.Message, end sinks.Pos, at sinks.Pos, names ...string) {
	p.t.Helper()
	l, kv := p.js()
	name := store.Records(bridgeName, node)
	if _, err := l.Stream(p.t.Context(), jetstream.StreamConfig{Name: name, Subjects: []string{name}, MaxBytes: 64 << 20}); err != nil {
		p.t.Fatal(err)
	}
	for i := range list {
		b, err := list[i].Append(nil)
		if err == nil {
			_, err = l.JS.Publish(p.t.Context(), name, b)
		}
		if err != nil {
			p.t.Fatal(err)
		}
	}
	id := list[0].Journal
	for _, sink := range names {
		c := replica.Cursor{Journal: replica.Name(id), Run: replica.Name(7), Node: node, Sink: sink, Position: at, At: time.Now()}
		p.put(kv, replica.CursorKey(store.Key(node), id, store.Key(sink)), c.Bytes())
	}
	e := replica.End{Journal: replica.Name(id), Run: replica.Name(7), Node: node, Position: end, Copied: list[len(list)-1].To, At: time.Now()}
	p.put(kv, replica.EndKey(store.Key(node), id), e.Bytes())
}

func (p *plant) put(kv jetstream.KeyValue, key string, value []byte) {
	p.t.Helper()
	if _, err := kv.Put(p.t.Context(), key, value); err != nil {
		p.t.Fatal(err)
	}
}

// cursor is what KV has.
func (p *plant) cursor(node string, id uint64, sink string) replica.Cursor {
	p.t.Helper()
	_, kv := p.js()
	e, err := kv.Get(p.t.Context(), replica.CursorKey(store.Key(node), id, store.Key(sink)))
	if err != nil {
		return replica.Cursor{}
	}
	c, err := replica.ParseCursor(e.Value())
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

// member is one that inherits.
type member struct {
	heir   *Heir
	sink   *recorder
	cancel context.CancelFunc
	done   chan struct{}
	cut    atomic.Bool // it reaches no JetStream
}

// join has a member with a sink of that name inherit until the test ends.
func (p *plant) join(node, sink string) *member {
	p.t.Helper()
	r := &recorder{}
	m := p.joinWith(node, sink, r)
	m.sink = r
	return m
}

// joinWith is join with a sink of another kind.
func (p *plant) joinWith(node, sink string, to sinks.Sink) *member {
	p.t.Helper()
	log := slog.New(slog.NewTextHandler(io.MultiWriter(p.t.Output(), p), nil)).With("node", node)
	began := time.Now()
	m := &member{done: make(chan struct{})}
	s := p.connect(node, log)
	m.heir = New(Options{
		Link: func() *store.Link {
			if m.cut.Load() {
				return nil
			}
			return s.Current()
		},
		Bridge: bridgeName, Node: node, Store: s, Living: p.heard, Now: func() time.Duration { return time.Since(began) },
		Rules: quick, Stall: 2 * time.Second, Log: log,
	})
	m.heir.Has([]string{sink})
	own := open(p.t, "", sink)
	m.heir.Opened(own.Identity, false)
	none := func(func(*mapping.Batch)) {}
	f := sinks.NewForwarder(sinks.ForwarderOptions{
		Name: sink, Log: own, Sink: to, Estate: m.heir.Estate(sink), Batch: 50, Flush: 10 * time.Millisecond, Logger: log, Present: none, Every: none,
	})
	ctx, cancel := context.WithCancel(context.Background())
	m.cancel = cancel
	var all sync.WaitGroup
	all.Go(func() { m.heir.Run(ctx) })
	all.Go(func() { _ = f.Run(ctx) })
	go func() {
		defer close(m.done)
		all.Wait()
	}()
	p.t.Cleanup(m.stop)
	return m
}

func (m *member) stop() {
	m.cancel()
	<-m.done
}

// recorder is a sink that keeps the values that it gets.
type recorder struct {
	mu     sync.Mutex
	got    []int
	answer func(v *sinks.View) (int, error) // nil: takes all
}

func (r *recorder) Send(_ context.Context, v *sinks.View) (int, error) {
	r.mu.Lock()
	answer := r.answer
	r.mu.Unlock()
	if answer != nil {
		if n, err := answer(v); err != nil {
			return n, err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range v.Batches {
		for _, s := range v.Batches[i].Samples {
			r.got = append(r.got, int(s.Bits))
		}
	}
	return v.Len(), nil
}

func (r *recorder) Close() error { return nil }

func (r *recorder) values() []int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

func (r *recorder) set(answer func(v *sinks.View) (int, error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// numbers is those from from to to, to not included.
func numbers(from, to int) (list []int) {
	for i := from; i < to; i++ {
		list = append(list, i)
	}
	return list
}
