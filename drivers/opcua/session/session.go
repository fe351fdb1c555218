package session

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

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
	Patience    time.Duration // of each step of connecting, and of Call and Await; 0: as Timeout
	Now         func() time.Time

	attempt *attempt // what is opened
	dial    func(ctx context.Context, address string) (net.Conn, error)
}

// patience is how long one step or one answer is waited for.
func (o *Options) patience() time.Duration { return cmp.Or(o.Patience, o.Timeout, 10*time.Second) }

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

// Session is a session of its own on a connection of its own. It is used by one goroutine.
type Session struct {
	o       Options
	ch      *channel
	token   wire.NodeID
	server  Server
	stash   []arrival // answers that came while others were waited for, in order
	held    int       // their bytes
	renewal *renewal  // that is under way
	sent    time.Time // when the last request was, by the clock of o
	beat    time.Duration
}

// arrival is an answer that nobody has taken yet.
type arrival struct {
	id  uint32
	msg []byte
}

// Server is what a server said of itself when the session was made.
type Server struct {
	ApplicationURI string
	Name           string
	Certificate    []byte
	Timeout        time.Duration // of the session
	MaxRequest     int           // bytes; 0: no limit
}

// Open connects and logs in. Each step of it has the patience of o; it returns soon after ctx ends.
func Open(ctx context.Context, o Options) (*Session, error) {
	o.attempt = &attempt{began: time.Now()}
	s, err := open(ctx, &o)
	if err != nil {
		offered(ctx, err, &o)
		return nil, explain(err, &o)
	}
	s.o.attempt = nil
	return s, nil
}

func open(ctx context.Context, o *Options) (*Session, error) {
	p, ep, err := choose(ctx, o)
	if err != nil {
		return nil, err
	}
	s, err := connect(ctx, *o, p)
	if err != nil {
		return nil, err
	}
	if err := s.login(ctx, ep); err != nil {
		s.o.attempt = nil // a goodbye is no progress
		s.Close()
		return nil, err
	}
	return s, nil
}

// connect opens a channel that has no session yet.
func connect(ctx context.Context, o Options, p peer) (*Session, error) {
	s := &Session{o: o}
	var err error
	if s.ch, err = dial(ctx, &s.o, p); err != nil {
		return nil, err
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
		if !s.proven(nonce, got.Signature) {
			return errors.New("create session: the server cannot prove that the certificate is its own")
		}
	}
	s.token = got.Token
	if ep == nil {
		ep = matching(got.Endpoints, s.ch.peer)
		s.o.attempt.offers = offers(got.Endpoints)
	}
	s.server = Server{Certificate: s.ch.peer.server, Timeout: got.Timeout, MaxRequest: limit(got.MaxRequest)}
	s.heed()
	if ep != nil {
		s.server.ApplicationURI, s.server.Name = ep.ApplicationURI, wire.Printable(ep.Name)
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

// proven reports that signature is the server's over our certificate and nonce. The standard wants our own certificate
// alone in it (Part 4, 5.6.2); servers after older versions of it take the whole chain.
func (s *Session) proven(nonce, signature []byte) bool {
	for _, c := range [][]byte{leaf(s.o.Certificate), s.o.Certificate} {
		if s.ch.opening.algo.VerifySignature(slices.Concat(c, nonce), signature) == nil {
			return true
		}
	}
	return false
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
func (s *Session) Heard() time.Time { return s.ch.heard }
