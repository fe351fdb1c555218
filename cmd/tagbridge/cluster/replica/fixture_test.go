package replica

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

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

// begin runs do until the test, or end, ends it.
func begin(t testing.TB, do func(context.Context)) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		do(ctx)
	}()
	end = func() {
		cancel()
		<-done
	}
	t.Cleanup(end)
	return end
}

// await waits until what is so.
func await(t testing.TB, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); !is(); <-tick.C {
		if time.Since(began) > 3*time.Minute {
			t.Fatalf("it never came: %s", what)
		}
	}
}

// plant is a member's journal, with values that count.
type plant struct {
	t      testing.TB
	dir    string
	urls   []string
	log    *slog.Logger
	bridge string
	limits Limits
	aside  func() string

	j       *journal.Journal
	endJ    func()
	groups  []*mapping.Group
	n       int // samples appended
	store   *store.Store
	sender  *Sender
	endSend func()
}

func newPlant(t testing.TB, servers ...*natsd.Server) *plant {
	return plantOf(t, "line 3", servers...)
}

func plantOf(t testing.TB, bridge string, servers ...*natsd.Server) *plant {
	p := &plant{t: t, bridge: bridge, dir: t.TempDir(), log: slog.New(slog.NewTextHandler(t.Output(), nil)), groups: []*mapping.Group{countGroup("a", 3), countGroup("b", 20)}}
	for _, s := range servers {
		p.urls = append(p.urls, "nats://"+s.Address)
	}
	if len(servers) > 0 {
		p.store = p.connect()
	}
	return p
}

func (p *plant) connect() *store.Store {
	s, err := store.New(store.Options{Bridge: p.bridge, Node: "pc-a", URLs: p.urls, Log: p.log, Username: "tagbridge", Password: "change-me"})
	if err != nil {
		p.t.Fatal(err)
	}
	begin(p.t, s.Run)
	return s
}

// countGroup is a group of n series of integers.
func countGroup(device string, n int) *mapping.Group {
	g := mapping.Group{Bridge: "line 3", Device: device, Measurement: device}
	for i := range n {
		tag := fmt.Sprint("t", i)
		g.Series = append(g.Series, &mapping.Series{Tag: tag, Field: tag, SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Int64}})
	}
	return mapping.NewGroup(g)
}

// open opens the journal, and runs it; change changes its options.
func (p *plant) open(change func(*journal.Options)) {
	p.t.Helper()
	o := journal.Options{Dir: p.dir, Sync: 50 * time.Millisecond, Log: p.log}
	if change != nil {
		change(&o)
	}
	var err error
	if p.j, err = journal.Open(o); err != nil {
		p.t.Fatal(err)
	}
	p.j.Start("cloud", "start")
	p.endJ = begin(p.t, func(ctx context.Context) { _ = p.j.Run(ctx) })
	j := p.j
	p.t.Cleanup(func() { _ = j.Close() })
}

// copy begins to copy.
func (p *plant) copy() {
	p.sender = New(Options{Bridge: p.bridge, Node: "pc-a", Store: p.store, Log: p.j, Limits: p.limits, Aside: p.aside, Logger: p.log})
	p.sender.pace = pace{trim: 100 * time.Millisecond, silent: 2 * time.Second}
	p.endSend = begin(p.t, p.sender.Run)
}

// close ends copying and the journal, as a kill would: nothing is said.
func (p *plant) close() {
	p.endSend()
	p.endJ()
	if err := p.j.Close(); err != nil {
		p.t.Fatal(err)
	}
}

// read appends n batches.
func (p *plant) read(n int) {
	p.t.Helper()
	for i := range n {
		g := p.groups[i%len(p.groups)]
		var b mapping.Batch
		b.Reset(g)
		for i := range g.Series {
			b.Samples = append(b.Samples, mapping.Sample{Time: time.Now().UnixNano(), Index: uint16(i), Kind: mapping.Int64, Bits: uint64(p.n + i)})
		}
		if err := p.j.Append(&b); err != nil {
			p.t.Fatal(err)
		}
		p.n += len(g.Series)
	}
}

// ack has a sink have taken what is before at.
func (p *plant) ack(sink string, at sinks.Pos) {
	p.t.Helper()
	await(p.t, "samples are taken", func() bool { return p.j.End() >= at })
	if err := p.j.Ack(sink, at, sinks.Dealt{}); err != nil {
		p.t.Fatal(err)
	}
}

// copied waits until all that was read is copied.
func (p *plant) copied() {
	p.t.Helper()
	await(p.t, "all is copied", func() bool { s := p.sender.State(); return int(s.Copied) == p.n && s.Error == "" })
}

// content is what the stream has.
type content struct {
	messages []Message
	values   map[uint64][]int64 // of each journal, in order
	next     map[uint64]sinks.Pos
	lost     map[Why]uint64 // as messages say
	silent   uint64         // what is missing though none says so
	unknown  uint64         // samples of which the group is not known
}

// content reads the stream as an heir does, of each journal from the first position on that it finds.
func (p *plant) content(l *store.Link) content {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	c := content{values: map[uint64][]int64{}, next: map[uint64]sinks.Pos{}, lost: map[Why]uint64{}}
	s, err := l.JS.Stream(ctx, store.Records(p.bridge, "pc-a"))
	if err != nil {
		p.t.Fatal(err)
	}
	state := s.CachedInfo().State
	var d journal.Decoder
	var parts []byte
	for seq := state.FirstSeq; seq <= state.LastSeq && state.Msgs > 0; seq++ {
		raw, err := s.GetMsg(ctx, seq)
		if err == jetstream.ErrMsgNotFound {
			continue
		}
		if err != nil {
			p.t.Fatal(err)
		}
		m, err := Parse(raw.Data)
		if err != nil {
			p.t.Fatalf("message %d: %v", seq, err)
		}
		c.messages = append(c.messages, m)
		if parts = append(parts, m.Records...); m.Part+1 < m.Parts {
			continue
		}
		m.Records, parts = parts, nil
		c.take(p.t, &d, &m)
	}
	return c
}

func (c *content) take(t testing.TB, d *journal.Decoder, m *Message) {
	t.Helper()
	next, known := c.next[m.Journal]
	if known && m.From > next {
		if m.Prev > next {
			c.silent += uint64(m.Prev - next)
		}
		c.lost[m.Why] += uint64(m.From - max(m.Prev, next))
	}
	at := m.From
	if !known {
		next = m.From
	}
	err := d.Each(m.Records, func(r *journal.Copied) error {
		if r.Pos != at {
			t.Errorf("record at %d, expected at %d", r.Pos, at)
		}
		at = r.End()
		if r.Batch == nil {
			c.unknown += uint64(r.Samples)
			return nil
		}
		for i, b := range r.Batch.Samples {
			if r.Pos+sinks.Pos(i) >= next {
				c.values[m.Journal] = append(c.values[m.Journal], int64(b.Bits))
			}
		}
		return nil
	})
	if err != nil || at != m.To {
		t.Errorf("the records of %d to %d end at %d: %v", m.From, m.To, at, err)
	}
	c.next[m.Journal] = max(next, m.To)
}

// link is a connection of the test's own.
func (p *plant) link() *store.Link {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	l, err := p.store.Link(ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	return l
}

// whole checks that the stream has all of one journal from position from on, once.
func (p *plant) whole(from int) content {
	p.t.Helper()
	c := p.content(p.link())
	if len(c.values) != 1 || c.silent > 0 || c.unknown > 0 {
		p.t.Fatalf("%d journals, %d samples missing, %d not known", len(c.values), c.silent, c.unknown)
	}
	for _, seen := range c.values {
		want := make([]int64, 0, p.n)
		for v := from; v < p.n; v++ {
			want = append(want, int64(v))
		}
		if !slices.Equal(seen, want) {
			p.t.Fatalf("%d samples of %d to %d, the first of them %v", len(seen), from, p.n, seen[:min(3, len(seen))])
		}
	}
	return c
}
