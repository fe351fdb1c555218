package carrier

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"tagbridge/cmd/tagbridge/cluster/wire"
	"tagbridge/sinks/nats"
)

// Options are what a carrier is given.
type Options struct {
	Client *nats.Client
	Bridge string
	// Node and Run are the member's own: its beats have to come back.
	Node string
	Run  uint64
	// Index is that of the server, in events.
	Index    int
	Takeover time.Duration
	Servers  *Servers
	Events   chan<- Event
	Log      *slog.Logger
}

// Kind is what an event tells.
type Kind int

// The kinds. What was sent by the server comes as Beat from Connected on, whole and in order, until Disconnected. Missed says that a beat
// came that cannot be read, or Err why there is no connection.
const (
	Connected Kind = iota
	Disconnected
	Beat
	Missed
)

// Event is something that came by a server.
type Event struct {
	Server int
	Kind   Kind
	Frame  *wire.Frame // of a Beat
	Name   string      // of a server that is Connected: its own
	Err    error       // of Disconnected and Missed
}

// Carrier is the connection to one server.
type Carrier struct {
	o     Options
	box   chan *wire.Frame // the newest that is to be said
	whole atomic.Bool      // the next one is to have the lists
	conn  atomic.Pointer[nats.Conn]
}

// New makes a carrier, which does nothing before Run.
func New(o Options) *Carrier { return &Carrier{o: o, box: make(chan *wire.Frame, 1)} }

// The pauses between attempts to connect.
const (
	firstPause = 50 * time.Millisecond
	mostPause  = time.Second
)

// Run connects, and again, until ctx ends.
func (c *Carrier) Run(ctx context.Context) {
	pause := firstPause
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		began := time.Now()
		err := c.session(ctx)
		if ctx.Err() != nil {
			return
		}
		c.tell(ctx, Event{Kind: Disconnected, Err: err})
		if time.Since(began) > 5*mostPause {
			pause = firstPause
		}
		timer.Reset(pause/2 + rand.N(pause))
		pause = min(2*pause, mostPause*2/3)
	}
}

// Say has f said as soon as that is possible, if nothing newer is to be said by then. It does not wait, and f is not changed any more.
// One goroutine calls it.
func (c *Carrier) Say(f *wire.Frame) {
	select {
	case <-c.box:
	default:
	}
	c.box <- f
}

// Whole has the next beat say the lists.
func (c *Carrier) Whole() { c.whole.Store(true) }

// Conn is the connection for what else is to be done with that server; nil: there is none.
func (c *Carrier) Conn() *nats.Conn { return c.conn.Load() }

// tell waits until the event is taken.
func (c *Carrier) tell(ctx context.Context, e Event) {
	e.Server = c.o.Index
	select {
	case c.o.Events <- e:
	case <-ctx.Done():
	}
}
