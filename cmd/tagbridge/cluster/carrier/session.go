package carrier

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	library "github.com/nats-io/nats.go"

	"tagbridge/cmd/tagbridge/cluster/wire"
	"tagbridge/sinks/nats"
)

// session is one connection.
type session struct {
	*Carrier
	conn    *nats.Conn
	subject string
	end     context.CancelCauseFunc
	back    atomic.Int64  // when an own beat came back last, since began
	said    atomic.Uint32 // since then
	began   time.Time
}

// queue is how many beats may wait to be taken. When there are more, some are lost, and the connection is ended.
const queue = 512

// errLost is a connection on which something was lost.
var errLost = errors.New("this PC is too busy to take what it is sent")

// errSilent is a server that does not pass on what it is given.
var errSilent = errors.New("what this member says does not come back: is the line cut?")

// session is one connection from its beginning to its end.
func (c *Carrier) session(ctx context.Context) (err error) {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	s := &session{Carrier: c, end: end, began: time.Now()}
	s.conn, err = c.o.Client.Connect(ctx, library.SyncQueueLen(queue),
		library.ErrorHandler(func(_ *library.Conn, _ *library.Subscription, err error) { end(c.o.Client.Why(err)) }),
		library.ClosedHandler(func(nc *library.Conn) { end(c.o.Client.Why(nc.LastError())) }))
	if err != nil {
		return err
	}
	defer s.conn.Close()
	name := s.conn.ConnectedServerId()
	if err := c.o.Servers.claim(name, c.o.Client.Address()); err != nil {
		return err
	}
	defer c.o.Servers.release(name, c.o.Client.Address())
	s.subject = subject(c.o.Bridge, name)
	sub, err := s.listen(ctx)
	if err != nil {
		return s.why(ctx, err)
	}
	c.tell(ctx, Event{Kind: Connected, Name: s.conn.ConnectedServerName()})
	c.conn.Store(s.conn)
	defer c.conn.Store(nil)
	var wait sync.WaitGroup
	defer wait.Wait()
	defer end(nil)
	wait.Go(func() { s.say(ctx) })
	return s.why(ctx, s.hear(ctx, sub))
}

// why is err, or rather what has ended the connection.
func (s *session) why(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return s.o.Client.Why(err)
}

// listen subscribes, and waits until the server has said that it did so.
func (s *session) listen(ctx context.Context) (*library.Subscription, error) {
	sub, err := s.conn.SubscribeSync(s.subject)
	if err != nil {
		return nil, err
	}
	if err := sub.SetPendingLimits(queue, queue*wire.MaxBytes); err != nil {
		return nil, err
	}
	flush, cancel := context.WithTimeout(ctx, max(s.o.Takeover, time.Second))
	defer cancel()
	return sub, s.conn.FlushWithContext(flush)
}

// hear takes what comes.
func (s *session) hear(ctx context.Context, sub *library.Subscription) error {
	for {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return err
		}
		// The library forgets that something was lost as soon as there is room again; this it does not forget.
		if lost, err := sub.Dropped(); err != nil || lost > 0 {
			return errors.Join(err, errLost)
		}
		f, err := wire.Parse(m.Data)
		if err != nil {
			s.tell(ctx, Event{Kind: Missed, Err: err})
			continue
		}
		if f.Node == s.o.Node && f.Run == s.o.Run {
			s.back.Store(int64(time.Since(s.began)))
			s.said.Store(0)
		}
		s.tell(ctx, Event{Kind: Beat, Frame: f})
	}
}

// wholeEvery is how often the lists are said although nobody asks and nothing has changed.
const wholeEvery = 5 * time.Second

// say says what is in the box, until ctx ends.
func (s *session) say(ctx context.Context) {
	var version uint64 // of the lists that were said by this connection
	var at time.Time   // when
	var buf []byte
	for {
		var f wire.Frame
		select {
		case <-ctx.Done():
			return
		case next := <-s.box:
			f = *next
		}
		if f.Version != version || time.Since(at) >= wholeEvery {
			s.whole.Store(true)
		}
		f.Whole = s.whole.Swap(false)
		if f.Whole {
			version, at = f.Version, time.Now()
		} else {
			f.Holds, f.Wants, f.Yields, f.Program, f.Servers, f.Plan, f.Level, f.Listed = nil, nil, nil, "", nil, 0, 0, 0
		}
		var err error
		if buf, err = wire.Append(buf[:0], &f); err != nil {
			s.end(err)
			return
		}
		if err := s.conn.Publish(s.subject, buf); err != nil {
			s.end(s.o.Client.Why(err))
			return
		}
		if s.said.Add(1) >= patience && time.Since(s.began)-time.Duration(s.back.Load()) > 2*s.o.Takeover {
			s.end(errSilent)
			return
		}
	}
}

// patience is how many beats do not come back before the connection is taken for cut: time alone does not say it, as the process may have
// been stopped.
const patience = 12
