package nats

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// session is one connection to a server. Once it has ended a new one is made.
type session struct {
	nc      *nats.Conn
	js      jetstream.JetStream
	line    *line
	gone    chan struct{} // closed once the connection has ended
	denied  chan struct{} // closed once the server has said that something is not allowed
	deny    sync.Once
	why     error  // what was not allowed; read after denied
	content int    // bytes of a subject and payload at most
	origin  string // of the identifiers; "": there are none
	proven  bool   // a stream has taken a message
}

// maxMessage bounds a message, whatever the server takes.
const maxMessage = 1 << 20

// headers is what the headers of a message take at most, without the names of journal and stream.
const headers = 256

// connect opens a session with server.
func (s *Sink) connect(ctx context.Context, to server) (*session, error) {
	n := &session{gone: make(chan struct{}), denied: make(chan struct{})}
	nc, line, err := s.o.reach(ctx, to, s.login, nats.NoEcho(),
		nats.ClosedHandler(func(*nats.Conn) { close(n.gone) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { n.refuse(err) }))
	if err != nil {
		return nil, err
	}
	n.nc, n.line = nc, line
	if s.o.Origin != nil {
		n.origin = headerText(s.o.Origin())
	}
	n.content = min(int(nc.MaxPayload()), maxMessage) - headers - len(n.origin) - len(s.o.Stream)
	n.js, err = jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(2*maxInFlight))
	if err == nil && n.content < 1 {
		err = hold("the server takes messages of %d bytes, which is too little", nc.MaxPayload())
	}
	if err != nil {
		n.close()
		return nil, fmt.Errorf("connect: %w", err)
	}
	return n, nil
}

// refuse notes what the server does not allow. The library tells of other things in the same way.
func (n *session) refuse(err error) {
	if !errors.Is(err, nats.ErrPermissionViolation) && !errors.Is(err, nats.ErrMaxSubscriptionsExceeded) {
		return
	}
	n.deny.Do(func() {
		n.why = denial(err)
		close(n.denied)
	})
}

// denial is what to do about something that the server does not allow.
func denial(err error) error {
	_, text, _ := strings.Cut(err.Error(), "nats: permissions violation: ")
	switch {
	case text == "":
		return hold("%w", err)
	case strings.Contains(strings.ToLower(text), "subscription"):
		return hold("not allowed: %s; acknowledgements come to _INBOX.>, so this user must be allowed to subscribe to that", text)
	}
	return hold("not allowed: %s; let this user publish there", text)
}

// loginFault is err of the protocol's handshake.
func loginFault(err error) error {
	for _, known := range []error{nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked, nats.ErrAccountAuthExpired} {
		if errors.Is(err, known) {
			return hold("%s; check username and password, or credentials or nkey", bare(known))
		}
	}
	switch {
	case errors.Is(err, nats.ErrNkeysNotSupported):
		return hold("the server knows no nkeys and no credentials: username and password, or nothing?")
	case errors.Is(err, nats.ErrMaxConnectionsExceeded), errors.Is(err, nats.ErrMaxAccountConnectionsExceeded):
		return errors.New(bare(err))
	}
	return err
}

// bare is err without the name of the library.
func bare(err error) string { return strings.TrimPrefix(err.Error(), "nats: ") }

// ended reports that the connection is no more.
func (n *session) ended() bool {
	select {
	case <-n.gone:
		return true
	default:
		return false
	}
}

// lost is why the connection has ended.
func (n *session) lost() error {
	err := n.nc.LastError()
	switch {
	case err == nil:
		return errors.New("the server closed the connection")
	case errors.Is(err, nats.ErrStaleConnection):
		return errors.New("the server does not answer any more")
	}
	return loginFault(err)
}

// close ends the connection, and with it every goroutine.
func (n *session) close() {
	n.line.Close() // first: or what is left would have to go out
	n.nc.Close()
}
