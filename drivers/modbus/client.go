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
	if err := cn.open(ctx); err != nil {
		return err
	}
	c.conn = cn
	return nil
}

// patience is how long an exchange may outlast the end of its context. What may take longer is made by a goroutine that
// can be left; handing a request over and its answer back costs a third more processor time.
const patience = time.Second

func (c *client) exchange(ctx context.Context, r request, w wait) ([]byte, error) {
	if err := c.fit(ctx, w); err != nil {
		return nil, err
	}
	var a reply
	if w.limit >= c.conn.limit && w.limit <= patience {
		a = c.conn.call(r)
	} else {
		var err error
		if a, err = c.await(ctx, r, w.limit); err != nil {
			return nil, err
		}
	}
	if _, refused := errors.AsType[Exception](a.err); a.err != nil && !refused {
		c.close()
	}
	return a.data, a.err
}

// await asks r on a goroutine and leaves it behind, with its connection, when limit or ctx ends first.
func (c *client) await(ctx context.Context, r request, limit time.Duration) (reply, error) {
	c.conn.start(r)
	var late <-chan time.Time // with its own limit the library is to end it, and say what it heard
	if limit < c.conn.limit {
		c.timer.Reset(limit)
		defer c.timer.Stop()
		late = c.timer.C
	}
	select {
	case a := <-c.conn.replies:
		return a, nil
	case <-late:
		c.leave()
		return reply{}, &drivers.NoAnswer{Quality: mapping.BadTimeout, Err: fmt.Errorf("no answer within %v", limit)}
	case <-ctx.Done():
		c.leave()
		return reply{}, ctx.Err()
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
	return cn.client.Close()
}

// leave gives up a connection with a call under way.
func (c *client) leave() {
	c.conn.leave()
	c.conn = nil
}
