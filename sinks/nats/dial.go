package nats

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"

	"tagbridge/mapping/cause"
	"tagbridge/mapping/secure"
	"tagbridge/sinks"
)

// dialer connects to one server, and is done with TLS before the library sees anything.
type dialer struct {
	ctx     context.Context // of the connecting
	server  server
	timeout time.Duration
	made    atomic.Pointer[line] // nil: none. Who ends the connecting closes it
	err     error                // why no connection was: the library has a word of its own for some
}

// secured is a connection with what the library reads of it.
type secured struct {
	net.Conn // TLS, or a *line
	in       *front
}

// Read implements net.Conn.
func (s *secured) Read(p []byte) (int, error) { return s.in.Read(p) }

// SkipTLSHandshake tells the library that TLS is none of its business.
func (d *dialer) SkipTLSHandshake() bool { return true }

// Dial implements nats.CustomDialer; it knows where to.
func (d *dialer) Dial(_, _ string) (net.Conn, error) {
	conn, err := d.dial()
	d.err = err
	return conn, err
}

// close closes what was made. Any goroutine may call it.
func (d *dialer) close() {
	if made := d.made.Load(); made != nil {
		made.Close()
	}
}

func (d *dialer) dial() (net.Conn, error) {
	ctx, cancel := context.WithTimeout(d.ctx, d.timeout)
	defer cancel()
	conn, err := (&net.Dialer{KeepAlive: 15 * time.Second}).DialContext(ctx, "tcp", d.server.address)
	if err != nil {
		return nil, err
	}
	made := &line{Conn: conn, limit: d.timeout}
	d.made.Store(made)
	stop := context.AfterFunc(ctx, func() { made.Close() })
	defer stop()
	out, err := d.greet(ctx, made)
	if err != nil {
		made.Close()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	return out, nil
}

// firstWord is how long a server with TLS may be silent before it is one that wants the handshake first.
const firstWord = time.Second

// greet reads the server's INFO, and makes the connection one over TLS if that is wanted. The library gets the INFO to read.
func (d *dialer) greet(ctx context.Context, made *line) (net.Conn, error) {
	in := bufio.NewReaderSize(made, 4096)
	if d.server.tls != nil {
		_ = made.SetReadDeadline(time.Now().Add(firstWord))
		_, err := in.Peek(1)
		_ = made.SetReadDeadline(time.Time{})
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return d.secure(ctx, made, nil)
		}
	}
	hello, info, err := readInfo(in)
	switch {
	case err != nil:
		return nil, err
	case d.server.tls == nil && info.TLSRequired:
		return nil, hold("the server wants TLS: begin the url with tls://")
	case d.server.tls == nil:
		return &secured{made, newFront(io.MultiReader(bytes.NewReader(hello), in))}, nil
	case !info.TLSRequired && !info.TLSAvailable:
		return nil, hold("the server has no TLS: begin the url with nats:// if nobody on the way may read and change what is sent")
	case in.Buffered() > 0:
		return nil, errors.New("the server goes on after its INFO, before TLS")
	}
	return d.secure(ctx, made, hello)
}

// secure shakes hands. hello was read before; nil: the server says it afterwards.
func (d *dialer) secure(ctx context.Context, made *line, hello []byte) (net.Conn, error) {
	conn, err := secure.Client(ctx, made, d.server.tls)
	if err != nil {
		return nil, err
	}
	return &secured{conn, newFront(io.MultiReader(bytes.NewReader(hello), conn))}, nil
}

// info is what matters here of a server's INFO.
type info struct {
	TLSRequired  bool `json:"tls_required"`
	TLSAvailable bool `json:"tls_available"`
}

// readInfo reads the line that a server begins with.
func readInfo(in *bufio.Reader) (hello []byte, i info, err error) {
	hello, err = readLine(in, nil)
	text, ok := bytes.CutPrefix(hello, []byte("INFO "))
	switch {
	case len(hello) > 0 && !ok:
		return nil, i, fmt.Errorf("the other side does not speak NATS, it began with %.40q: is the port right?", hello)
	case err != nil:
		return nil, i, err
	case json.Unmarshal(text, &i) != nil:
		return nil, i, errors.New("the other side does not speak NATS: its INFO is no JSON")
	}
	return hello, i, nil
}

// hold is the fault of something that somebody has to mend.
func hold(format string, args ...any) error {
	return &sinks.Fault{Action: sinks.Hold, Err: fmt.Errorf(format, args...)}
}

// untrusted reports a TLS handshake that one of both sides did not want to finish: time does not mend that.
func untrusted(err error) bool {
	var ours *tls.CertificateVerificationError
	var theirs *net.OpError // crypto/tls has no other name for an alert that it was sent
	return errors.As(err, &ours) || errors.Is(err, secure.ErrNotLet) || errors.As(err, &theirs) && theirs.Op == "remote error"
}

// connectFault is err, of connecting, in words, and with what to do.
func connectFault(err error) error {
	out := fmt.Errorf("connect: %w", cause.Of(err))
	if untrusted(err) {
		return &sinks.Fault{Action: sinks.Hold, Err: out}
	}
	return out
}
