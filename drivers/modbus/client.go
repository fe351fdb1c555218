package modbus

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/simonvetter/modbus"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// client is the transport over simonvetter/modbus: Modbus TCP, the same in TLS, and the same in UDP datagrams.
//
// The library has one time limit a connection. A connection is opened with the longest that any unit was given; one
// whose own is shorter and runs out leaves it behind. As any silence is followed by a new connection, that of a silent
// unit is opened with the unit's own limit: so nothing lingers while dead units are probed.
type client struct {
	config  modbus.ClientConfiguration
	longest time.Duration // limit of any unit so far
	conn    *conn         // nil: to be opened by the next exchange
	timer   *time.Timer
}

// schemes are the library's names of the transports.
var schemes = map[string]string{"tcp": "tcp://", "tls": "tcp+tls://", "udp": "udp://"}

func newClient(o LinkOptions) (*client, error) {
	c := &client{
		config: modbus.ClientConfiguration{URL: schemes[o.Transport] + o.Address},
		timer:  newTimer(),
	}
	if o.Transport == "tls" {
		if err := c.secure(o.TLS); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// secure takes from t what the library knows. Without a client certificate it gets an empty one, which TLS never sends;
// without a pool it gets the system's.
func (c *client) secure(t *tls.Config) error {
	c.config.TLSClientCert = &tls.Certificate{}
	if len(t.Certificates) > 0 {
		c.config.TLSClientCert = &t.Certificates[0]
	}
	c.config.TLSRootCAs = t.RootCAs
	if t.RootCAs != nil {
		return nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return fmt.Errorf("load the system's certificates: %w", err)
	}
	c.config.TLSRootCAs = pool
	return nil
}

func (c *client) open(ctx context.Context, limit time.Duration) error {
	c.close()
	c.longest = max(c.longest, limit)
	return c.connect(ctx, c.longest)
}

// connect opens a connection whose requests may take limit; 0 is the library's own.
func (c *client) connect(ctx context.Context, limit time.Duration) error {
	cn, err := newConn(c.config, limit)
	if err != nil {
		return err
	}
	select {
	case r := <-cn.replies:
		if r.err != nil {
			cn.leave()
			return r.err
		}
		c.conn = cn
		return nil
	case <-ctx.Done():
		cn.leave()
		return ctx.Err()
	}
}

func (c *client) exchange(ctx context.Context, r request, w wait) ([]byte, error) {
	if err := c.fit(ctx, w); err != nil {
		return nil, err
	}
	cn := c.conn
	cn.requests <- r
	var late <-chan time.Time
	if w.limit < cn.limit {
		c.timer.Reset(w.limit)
		defer c.timer.Stop()
		late = c.timer.C
	}
	select {
	case a := <-cn.replies:
		if _, refused := errors.AsType[Exception](a.err); a.err != nil && !refused {
			c.close()
		}
		return a.data, a.err
	case <-late:
		c.leave()
		return nil, &drivers.NoAnswer{Quality: mapping.BadTimeout, Err: fmt.Errorf("no answer within %v", w.limit)}
	case <-ctx.Done():
		c.leave()
		return nil, ctx.Err()
	}
}

// fit sees to a connection whose limit suits w.
func (c *client) fit(ctx context.Context, w wait) error {
	c.longest = max(c.longest, w.limit)
	limit := c.longest
	if w.silent {
		limit = w.limit
	}
	if c.conn != nil && (c.conn.limit < w.limit || w.silent && c.conn.limit > w.limit) {
		c.close()
	}
	if c.conn != nil {
		return nil
	}
	return c.connect(ctx, limit)
}

func (c *client) close() error {
	if c.conn == nil {
		return nil
	}
	cn := c.conn
	c.conn = nil
	return cn.close()
}

// leave gives up a connection with a call under way.
func (c *client) leave() {
	c.conn.leave()
	c.conn = nil
}
