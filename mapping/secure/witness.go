package secure

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync/atomic"

	"tagbridge/mapping/cause"
)

// ErrNotLet is in the error of a connection that ended in a way that may mean: the other side does not let in who shows the
// certificate that we have, or none.
var ErrNotLet = errors.New("closed after it asked for a certificate")

// Witness sees of connections, one after another, whether the other side asks for a certificate, and whether it has said a word
// since. A server that does not like what it is shown says so in an alert; under TLS 1.3 that comes once the handshake is over,
// and it is lost when the connection is reset.
type Witness struct{ asked atomic.Bool }

// Config is c for connections that w sees. It shows the certificates of c as c does.
func (w *Witness) Config(c *tls.Config) *tls.Config {
	c = c.Clone()
	certificates := c.Certificates
	c.GetClientCertificate = func(r *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		w.asked.Store(true)
		for i := range certificates {
			if r.SupportsCertificate(&certificates[i]) == nil {
				return &certificates[i], nil
			}
		}
		return new(tls.Certificate), nil // none
	}
	return c
}

// Heard notes that the other side has said something, so that it has let us in.
func (w *Witness) Heard() { w.asked.Store(false) }

// Explain is err, of a handshake, or of the reading and writing after it. Where the other side has asked for a certificate and
// closed without a word, it says that this may be why.
func (w *Witness) Explain(err error) error {
	var known *cause.Cause
	if !w.asked.Load() || errors.As(err, &known) {
		return err
	}
	var alert *net.OpError // crypto/tls has no other name for an alert that it was sent
	switch {
	case errors.As(err, &alert) && alert.Op == "remote error":
		return cause.New(cause.Of(err).Error(), errors.Join(ErrNotLet, err))
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !cause.Broken(err):
		return err
	}
	return cause.New("it asked for a certificate of ours, and closed the connection without a word: does it want a certificate of ours "+
		"(tls.certificate and tls.key), or another?", errors.Join(ErrNotLet, err))
}

// conn is a connection over TLS whose first answer w waits for.
type conn struct {
	*tls.Conn
	w     Witness
	heard atomic.Bool
}

// Client speaks TLS over raw, and returns once the handshake is done. The errors of what it returns are explained until the
// other side has said something. raw is closed when there is an error.
func Client(ctx context.Context, raw net.Conn, c *tls.Config) (net.Conn, error) {
	out := &conn{}
	out.Conn = tls.Client(raw, out.w.Config(c))
	if err := out.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, out.w.Explain(err)
	}
	return out, nil
}

// Dial connects by d, and speaks TLS to the host of address, unless c names another one.
func Dial(ctx context.Context, d *net.Dialer, address string, c *tls.Config) (net.Conn, error) {
	raw, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if host, _, err := net.SplitHostPort(address); err == nil && c.ServerName == "" {
		c = c.Clone()
		c.ServerName = host
	}
	return Client(ctx, raw, c)
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.heard.Load() {
		c.heard.Store(true)
		c.w.Heard()
	}
	if err != nil {
		err = c.w.Explain(err)
	}
	return n, err
}

// Write implements net.Conn.
func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err != nil {
		err = c.w.Explain(err)
	}
	return n, err
}
