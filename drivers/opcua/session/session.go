package session

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/wire"
)

// Options are how to connect.
type Options struct {
	URL         string // opc.tcp://host:4840/path, as the server knows itself
	Address     string // host:port to connect to
	Policy      string // None, Basic256Sha256, Aes128_Sha256_RsaOaep or Aes256_Sha256_RsaPss
	Mode        string // None, Sign or SignAndEncrypt
	Certificate []byte // ours, DER; and its key
	Key         *rsa.PrivateKey
	Trust       *Trust // which servers are trusted
	Login       Login
	Name        string        // of the session, for the server's administrator
	Timeout     time.Duration // of a request, as the server is told
	Patience    time.Duration // of Call and Await, which also make what takes servers long; 0: as Timeout
	Now         func() time.Time
}

func (o *Options) now() time.Time {
	if o.Now != nil {
		return o.Now()
	}
	return time.Now()
}

// Login is who logs in; the zero value is anonymous.
type Login struct {
	User, Password string
	Insecure       bool   // the password may travel unencrypted
	Certificate    []byte // DER, instead of a user; and its key
	Key            *rsa.PrivateKey
}

func (l Login) kind() uint32 {
	switch {
	case l.Certificate != nil:
		return wire.TokenCertificate
	case l.User != "":
		return wire.TokenPassword
	}
	return wire.TokenAnonymous
}

// sessionTimeout is after how long without a request a server forgets the session: soon, so that one that was lost
// with its connection does not use up what the server has of them.
const sessionTimeout = 30 * time.Second

// maxStash bounds the answers that came while another one was waited for.
const maxStash = 256

// Session is a session of its own on a connection of its own. It is used by one goroutine.
type Session struct {
	o      Options
	ch     *channel
	token  wire.NodeID
	server Server
	heard  time.Time // when the last message came
	// expected are the requests whose answers are kept when they come.
	expected map[uint32]bool
	stash    map[uint32][]byte
	aborts   map[uint32]error
}

// Server is what a server said of itself when the session was made.
type Server struct {
	ApplicationURI string
	Name           string
	Certificate    []byte
	Timeout        time.Duration // of the session
	MaxRequest     int           // bytes; 0: no limit
}

// Open connects and logs in. It returns soon after ctx ends, which needs a deadline.
func Open(ctx context.Context, o Options) (*Session, error) {
	p, ep, err := choose(ctx, &o)
	if err != nil {
		return nil, err
	}
	ch, err := dial(ctx, &o, p)
	if err != nil {
		return nil, explain(err, &o)
	}
	s := &Session{
		o: o, ch: ch, heard: o.now(),
		expected: map[uint32]bool{}, stash: map[uint32][]byte{}, aborts: map[uint32]error{},
	}
	ch.o = &s.o
	if err := s.login(ctx, ep); err != nil {
		s.Close()
		return nil, explain(err, &o)
	}
	return s, nil
}

// login creates and activates the session. ep is the endpoint that was chosen, nil when none was asked for.
func (s *Session) login(ctx context.Context, ep *wire.Endpoint) error {
	nonce := make([]byte, 32)
	rand.Read(nonce)
	q := wire.CreateSession{
		ApplicationURI: s.o.applicationURI(), Name: "tagbridge", URL: s.o.URL, SessionName: s.o.Name,
		Nonce: nonce, Certificate: s.o.Certificate, Timeout: sessionTimeout, MaxResponse: maxMessage,
	}
	r, err := s.Call(ctx, q)
	if err != nil {
		return fmt.Errorf("create session: %w", err)
	}
	got := r.Session()
	if r.Err() != nil {
		return fmt.Errorf("create session: %w", r.Err())
	}
	got = detach(got)
	if s.ch.peer.mode != modeNone {
		if !sameCertificate(got.Certificate, s.ch.peer.server) {
			return errors.New("create session: the server shows another certificate than that of its endpoint")
		}
		signed := append(append([]byte(nil), s.o.Certificate...), nonce...)
		if s.ch.opening.algo.VerifySignature(signed, got.Signature) != nil {
			return errors.New("create session: the server cannot prove that the certificate is its own")
		}
	}
	s.token = got.Token
	if ep == nil {
		ep = matching(got.Endpoints, s.ch.peer)
	}
	s.server = Server{Certificate: s.ch.peer.server, Timeout: got.Timeout, MaxRequest: int(got.MaxRequest)}
	if ep != nil {
		s.server.ApplicationURI, s.server.Name = ep.ApplicationURI, printable(ep.Name)
	}
	a, err := s.activation(ep, got)
	if err != nil {
		return err
	}
	if _, err = s.Call(ctx, a); err != nil {
		return fmt.Errorf("activate session: %w", err)
	}
	return nil
}

// detach keeps what is needed of a message that will be overwritten.
func detach(g wire.Session) wire.Session {
	for _, b := range []*[]byte{&g.Nonce, &g.Certificate, &g.Signature} {
		*b = append([]byte(nil), *b...)
	}
	for i := range g.Endpoints {
		g.Endpoints[i].Certificate = append([]byte(nil), g.Endpoints[i].Certificate...)
	}
	return g
}

// Server tells about the server.
func (s *Session) Server() Server { return s.server }

// Heard is when the server was last heard of.
func (s *Session) Heard() time.Time { return s.heard }

// Call sends q and returns its answer, behind the header. It is valid until the next use of the session.
func (s *Session) Call(ctx context.Context, q wire.Request) (*wire.Reader, error) {
	id, err := s.Send(ctx, q)
	if err != nil {
		return nil, err
	}
	return s.Await(ctx, id, q)
}

// Send sends q and returns the number under which Await or Next finds its answer.
func (s *Session) Send(ctx context.Context, q wire.Request) (uint32, error) {
	if err := s.renew(ctx); err != nil {
		return 0, err
	}
	return s.send("MSG", q)
}

func (s *Session) send(kind string, q wire.Request) (uint32, error) {
	s.ch.conn.SetWriteDeadline(time.Now().Add(s.timeout()))
	token := s.token
	if kind == "OPN" {
		token = wire.NodeID{} // a channel knows no sessions
	}
	id, err := s.ch.send(kind, token, q)
	if err != nil {
		return 0, err
	}
	s.expected[id] = true
	return id, nil
}

// timeout is how long Await waits.
func (s *Session) timeout() time.Duration { return cmp.Or(s.o.Patience, s.o.Timeout, 10*time.Second) }

// ErrTimeout is the error of a request that was not answered in time. Its answer is dropped should it still come.
var ErrTimeout = errors.New("no answer in time")

// Await waits for the answer to request id, which is q, for as long as requests may take.
func (s *Session) Await(ctx context.Context, id uint32, q wire.Request) (*wire.Reader, error) {
	msg, err := s.await(ctx, id)
	if err != nil {
		return nil, err
	}
	r := wire.NewReader(msg)
	return r, r.Answer(q)
}

func (s *Session) await(ctx context.Context, id uint32) ([]byte, error) {
	defer delete(s.expected, id)
	until := time.Now().Add(s.timeout())
	for {
		if msg, ok := s.stash[id]; ok {
			delete(s.stash, id)
			return msg, nil
		}
		if err, ok := s.aborts[id]; ok {
			delete(s.aborts, id)
			return nil, err
		}
		got, msg, err := s.receive(ctx, until)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, cmp.Or(ended(ctx), ErrTimeout)
		case err != nil:
			return nil, err
		case got == id:
			return msg, nil
		}
		s.keep(got, msg)
	}
}

// ended is ctx's error, also in the moment between its deadline and its end.
func ended(ctx context.Context) error {
	if d, ok := ctx.Deadline(); ok && !time.Now().Before(d) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

// Forget drops the answer to request id, should it come.
func (s *Session) Forget(id uint32) {
	delete(s.expected, id)
	delete(s.stash, id)
	delete(s.aborts, id)
}

// keep keeps the answer to a request that is not the one waited for.
func (s *Session) keep(id uint32, msg []byte) {
	if s.expected[id] && msg != nil && len(s.stash) < maxStash {
		s.stash[id] = append([]byte(nil), msg...)
	}
}

// receive is the next message, until then or until ctx ends. One that was aborted is noted, and nil.
func (s *Session) receive(ctx context.Context, until time.Time) (uint32, []byte, error) {
	if d, ok := ctx.Deadline(); ok && d.Before(until) {
		until = d
	}
	s.ch.conn.SetReadDeadline(until)
	release := drivers.Interrupt(ctx, s.ch.conn.SetReadDeadline)
	defer release()
	if err := ctx.Err(); err != nil {
		return 0, nil, err
	}
	id, msg, err := s.ch.receive()
	if a, ok := errors.AsType[*aborted](err); ok {
		if s.expected[id] {
			s.aborts[id] = a.error
		}
		id, msg, err = 0, nil, nil
	}
	if err != nil {
		return 0, nil, err
	}
	s.heard = s.o.now()
	return id, msg, nil
}

// Next is the next answer to any of the requests that yield knows, until then: it is called with the number and the
// answer, and returns true to have it. An answer that it does not have is kept for Await. ErrTimeout: none came.
func (s *Session) Next(ctx context.Context, until time.Time, yield func(id uint32, msg []byte) bool) error {
	for id, msg := range s.stash {
		if yield(id, msg) {
			s.Forget(id)
			return nil
		}
	}
	for {
		id, msg, err := s.receive(ctx, until)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return cmp.Or(ended(ctx), ErrTimeout)
		}
		if err != nil {
			return err
		}
		for dead, err := range s.aborts {
			s.Forget(dead)
			return err
		}
		if msg != nil && yield(id, msg) {
			s.Forget(id)
			return nil
		}
		s.keep(id, msg)
	}
}

// renew gets a new token when three quarters of the present one's life are over.
func (s *Session) renew(ctx context.Context) error {
	if s.o.now().Before(s.ch.renewAt) {
		return nil
	}
	nonce, err := s.ch.nonce()
	if err != nil {
		return err
	}
	q := wire.OpenChannel{Renew: true, Mode: s.ch.peer.mode, Nonce: nonce, Lifetime: lifetime}
	id, err := s.send("OPN", q)
	if err != nil {
		return fmt.Errorf("renew secure channel: %w", err)
	}
	msg, err := s.await(ctx, id)
	if err != nil {
		return fmt.Errorf("renew secure channel: %w", err)
	}
	return s.ch.adopt(msg, q)
}

// Close ends the session and the connection; the server is told if it listens.
func (s *Session) Close() error {
	if !s.token.IsNull() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Call(ctx, wire.CloseSession{})
	}
	err := s.ch.close()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Abandon closes the connection without a word to the server.
func (s *Session) Abandon() error { return s.ch.conn.Close() }
