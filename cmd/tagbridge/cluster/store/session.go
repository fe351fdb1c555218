package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	library "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/sinks/nats"
)

// How often it is looked whether the connection is still good for anything, and whether what is stored can be in more places.
const (
	lookEvery = 3 * time.Second
	growEvery = time.Minute
)

// errSilent is a server that has a connection and does nothing.
var errSilent = errors.New("the server does not answer any more")

// unreached is a server to which there is no connection. Those who say beats by it tell the log.
type unreached struct{ error }

// Unwrap has errors.Is find what is below.
func (u *unreached) Unwrap() error { return u.error }

// session is one connection from its beginning to its end.
func (s *Store) session(ctx context.Context, c *nats.Client) error {
	l := &Link{store: s, client: c, gone: make(chan struct{}), news: make(chan struct{}, 1)}
	ended := sync.OnceFunc(func() { close(l.gone) })
	conn, err := c.Connect(ctx, library.CustomInboxPrefix(s.inbox()),
		library.ClosedHandler(func(*library.Conn) { ended() }),
		library.ErrorHandler(func(_ *library.Conn, _ *library.Subscription, err error) { l.denied(err) }))
	if err != nil {
		return &unreached{err}
	}
	defer conn.Close()
	defer ended() // the library may say so much later
	l.conn = conn
	if l.JS, err = jetstream.New(conn.Conn, jetstream.WithDefaultTimeout(patience)); err != nil {
		return err
	}
	if err := l.ask(ctx); err != nil {
		return err
	}
	warning, sure, err := s.together(ctx, l)
	if err != nil {
		return err
	}
	state := State{Server: c.Address(), Replicas: l.replicas(), Warning: warning}
	s.change(l, state)
	return s.watch(ctx, l, state, sure)
}

// ask asks whether JetStream is there.
func (l *Link) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := l.JS.AccountInfo(ctx); err != nil {
		return l.Why(err, "$JS.API.INFO")
	}
	return nil
}

// watch returns when the connection is not good for anything any more.
func (s *Store) watch(ctx context.Context, l *Link, state State, sure bool) error {
	look, grow := time.NewTicker(lookEvery), time.NewTicker(growEvery)
	defer look.Stop()
	defer grow.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.gone:
			return l.client.Why(l.conn.LastError())
		case <-look.C:
			flush, cancel := context.WithTimeout(ctx, patience)
			err := l.conn.FlushWithContext(flush)
			cancel()
			if err != nil && ctx.Err() == nil {
				return errSilent
			}
		case <-grow.C:
			s.growAll(ctx, l)
			if sure {
				continue
			}
			var err error
			old := state.Warning
			if state.Warning, sure, err = s.together(ctx, l); err != nil {
				return err
			}
			if old != state.Warning {
				s.change(l, state)
			}
		}
	}
}

// apartError is servers that do not share what is stored.
type apartError struct{ one, other string }

// Error implements error.
func (e *apartError) Error() string {
	return fmt.Sprintf("the servers %s and %s are not one NATS cluster: what is stored by one is not on the other, so claims, copies and revisions cannot be kept; give them a cluster block with routes to each other", e.one, e.other)
}

// together looks whether the servers share what is stored. It is sure once it has seen all of them.
func (s *Store) together(ctx context.Context, l *Link) (warning string, sure bool, err error) {
	answers := make(chan verdict, len(s.clients))
	asked := 0
	for _, c := range s.clients {
		if c != l.client {
			asked++
			go func() { answers <- s.compare(ctx, l, c) }()
		}
	}
	sure = true
	for range asked {
		v := <-answers
		sure = sure && v.seen
		if v.apart {
			err = &apartError{l.client.Address(), v.address}
		}
		if v.warning != "" {
			warning = v.warning
		}
	}
	return warning, sure, err
}

// verdict is what is known of another server.
type verdict struct {
	address     string
	seen, apart bool
	warning     string
}

// compareTime bounds how long another server is looked at.
const compareTime = 2 * time.Second

// compare looks whether what is said by one server is heard by the other. It uses what any member may say.
func (s *Store) compare(ctx context.Context, l *Link, c *nats.Client) verdict {
	v := verdict{address: c.Address()}
	ctx, cancel := context.WithTimeout(ctx, compareTime)
	defer cancel()
	other, err := c.Connect(ctx)
	if err != nil {
		return v
	}
	defer other.Close()
	if other.ConnectedServerId() == l.conn.ConnectedServerId() {
		v.seen = true
		return v
	}
	subject := s.trial()
	sub, err := l.conn.SubscribeSync(subject)
	if err != nil {
		return v
	}
	defer func() { _ = sub.Unsubscribe() }()
	if l.conn.FlushWithContext(ctx) != nil {
		return v
	}
	heard := heardBy(ctx, sub, func() { _ = other.Publish(subject, nil) })
	if heard {
		v.seen = true
		return v
	}
	still, end := context.WithTimeout(context.WithoutCancel(ctx), compareTime)
	defer end()
	if other.FlushWithContext(still) != nil || l.conn.FlushWithContext(still) != nil {
		return v // it was the line to one of them
	}
	if name := l.conn.ConnectedClusterName(); name != "" && name == other.ConnectedClusterName() {
		v.warning = fmt.Sprintf("the servers %s and %s of NATS cluster %s do not hear each other: is the line between them cut?", l.client.Address(), v.address, name)
		return v
	}
	v.apart = true
	return v
}

// heardBy reports that something came by sub before ctx has ended. A server learns after a moment what another one listens to.
func heardBy(ctx context.Context, sub *library.Subscription, say func()) bool {
	for ctx.Err() == nil {
		say()
		wait, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		_, err := sub.NextMsgWithContext(wait)
		cancel()
		if err == nil {
			return true
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			return false
		}
	}
	return false
}
