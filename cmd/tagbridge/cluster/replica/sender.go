package replica

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// Log is what is copied: a journal.
type Log interface {
	Tap(p sinks.Pos) *journal.Tap
	Identity() (journal.Identity, error)
	Branch() (journal.Identity, error)
	Opened() sinks.Pos
	End() sinks.Pos
	Places(yield func(sink string, p sinks.Pos))
}

// Options of a Sender.
type Options struct {
	Bridge, Node string
	Store        *store.Store
	Log          Log
	Limits       Limits
	// Aside is why nothing is to be copied now, such as that another member has this node's name; "": it is. nil: it always is.
	Aside  func() string
	Logger *slog.Logger // nil: nothing is logged
}

// Sender copies a journal to the stream of its member, and keeps where its sinks are.
type Sender struct {
	o      Options
	log    *slog.Logger
	stream jetstream.StreamConfig
	run    uint64
	began  time.Time
	board  board

	section  uint32      // of this process; only the copying goroutine uses it
	wrote    atomic.Bool // a message of this process is in the stream
	identity atomic.Pointer[journal.Identity]
	finish   chan struct{} // closed when what is there by then is the last
	ended    chan struct{} // closed when what was there at the end is copied, and the places of sinks are kept
	once     sync.Once
	last     sync.Once // ended is closed once
	silent   silence   // of the copying goroutine
	pace     pace
}

// New makes a sender, which does nothing before Run. One is made for each time that a journal is opened.
func New(o Options) *Sender {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Aside == nil {
		o.Aside = func() string { return "" }
	}
	return &Sender{
		o: o, log: o.Logger, stream: StreamConfig(o.Bridge, o.Node, o.Limits), run: rand.Uint64() | 1, began: time.Now(),
		pace: pace{trim: 10 * time.Second, silent: 20 * time.Second}, finish: make(chan struct{}), ended: make(chan struct{}),
	}
}

// silence is how this process leaves the stream to a later one of its node.
type silence struct {
	seq   uint64 // the last one of the stream then
	since time.Time
}

// pace is how often is done what takes its time.
type pace struct {
	trim   time.Duration // how often it is looked whether something need not stay in the stream
	silent time.Duration // after how long without anything new a later process is gone
}

// leaves reports that a later process still writes to the stream, whose last message has that sequence.
func (s *Sender) leaves(seq uint64) bool {
	if s.silent.seq != seq {
		s.silent = silence{seq, time.Now()}
	}
	return time.Since(s.silent.since) < s.pace.silent
}

// The pauses after something has failed.
const (
	firstPause = 100 * time.Millisecond
	mostPause  = 5 * time.Second
)

// Run copies until ctx ends. It waits for nobody but NATS, and nobody waits for it.
func (s *Sender) Run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { s.keepCursors(ctx) })
	all.Go(func() { s.keepMarks(ctx) })
	s.copyAll(ctx)
	all.Wait()
}

// Finish says that nothing is appended to the journal any more and that its sinks have stopped, and waits until what it has by now is copied and
// the places of its sinks are kept, or until ctx ends. Run still has to be ended.
func (s *Sender) Finish(ctx context.Context) {
	s.once.Do(func() { close(s.finish) })
	select {
	case <-s.ended:
	case <-ctx.Done():
	}
}

// copyAll copies by one connection after the other.
func (s *Sender) copyAll(ctx context.Context) {
	pause := firstPause
	for {
		before, _ := s.board.position()
		err := s.copySession(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			s.fail(err)
		}
		if now, _ := s.board.position(); now > before {
			pause = firstPause
		}
		if !sleep(ctx, pause/2+rand.N(pause)) {
			return
		}
		pause = min(2*pause, mostPause)
	}
}

// fail shows why the copy does not get on, and logs it when that is news.
func (s *Sender) fail(err error) {
	if s.board.fail(err.Error(), time.Now()) {
		s.log.Warn("what is read is not copied to the cluster", "err", err)
	}
}

// well shows that the copy gets on.
func (s *Sender) well() {
	if s.board.fail("", time.Now()) {
		s.log.Info("what is read is copied to the cluster", "stream", s.stream.Name)
	}
}

// lowest is the position before which no sink needs anything.
func (s *Sender) lowest() sinks.Pos {
	low, any := sinks.Pos(0), false
	s.o.Log.Places(func(_ string, p sinks.Pos) {
		if !any || p < low {
			low, any = p, true
		}
	})
	if !any {
		return s.o.Log.End()
	}
	return low
}

// link waits for a connection, and shows why there is none.
func (s *Sender) link(ctx context.Context) (*store.Link, error) {
	const patience = 3 * time.Second
	for {
		if why := s.o.Aside(); why != "" {
			return nil, errors.New(why)
		}
		within, cancel := context.WithTimeout(ctx, patience)
		l, err := s.o.Store.Link(within)
		cancel()
		if err == nil || ctx.Err() != nil {
			return l, err
		}
		var f *store.Fault
		if errors.As(err, &f) {
			s.fail(f)
		} else {
			s.fail(errors.New("no NATS server is reached"))
		}
	}
}

// markEvery is how well it is known when something was taken that is not copied.
const markEvery = 250 * time.Millisecond

func (s *Sender) keepMarks(ctx context.Context) {
	tick := time.NewTicker(markEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			s.board.mark(s.o.Log.End(), now)
		}
	}
}

// sleep waits; false: ctx has ended.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
