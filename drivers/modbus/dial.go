package modbus

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"time"

	"tagbridge/mapping/secure"
)

// How long connecting may take, with the handshake of TLS; longer when the devices behind it may take longer to answer.
const (
	dialLimit = 5 * time.Second
	tlsLimit  = 15 * time.Second
)

// dialer connects to where a link's options say.
type dialer struct {
	network, address string
	tls              *tls.Config // nil: in the clear
	limit            time.Duration
}

func newDialer(o LinkOptions) *dialer {
	d := &dialer{network: "tcp", address: o.Address, limit: max(dialLimit, o.Timeout)}
	switch {
	case o.Transport == "tls":
		d.limit = max(tlsLimit, o.Timeout)
		if d.tls = o.TLS; d.tls == nil {
			d.tls = &tls.Config{}
		}
	case strings.HasSuffix(o.Transport, "udp"):
		d.network = "udp"
	}
	return d
}

func (d *dialer) isPacket() bool { return d.network == "udp" }

func (d *dialer) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.limit)
	defer cancel()
	if d.tls != nil { // nothing below TLS 1.2 is spoken
		return secure.Dial(ctx, new(net.Dialer), d.address, d.tls)
	}
	return new(net.Dialer).DialContext(ctx, d.network, d.address)
}

// resting has dial wait, once it is connected, for d: some gateways pass over what comes sooner.
func resting[C io.Closer](d time.Duration, dial func(context.Context) (C, error)) func(context.Context) (C, error) {
	if d <= 0 {
		return dial
	}
	return func(ctx context.Context) (C, error) {
		conn, err := dial(ctx)
		if err != nil {
			return conn, err
		}
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
			return conn, nil
		case <-ctx.Done():
			conn.Close()
			return conn, ctx.Err()
		}
	}
}
