package modbus

import (
	"context"
	"fmt"
	"net"
	"syscall"
)

// socketStream is a stream over TCP, or over UDP with a frame a datagram.
type socketStream struct {
	net.Conn
	raw    syscall.RawConn
	packet bool
}

// newNetBus is a line behind a network address: a gateway that passes serial frames on.
func newNetBus(o LinkOptions) *bus {
	d := newDialer(o)
	dial := func(ctx context.Context) (stream, error) {
		conn, err := d.dial(ctx)
		if err != nil {
			return nil, err
		}
		raw, err := conn.(syscall.Conn).SyscallConn()
		if err != nil {
			conn.Close()
			return nil, fmt.Errorf("dial %s: %w", o.Address, err)
		}
		return &socketStream{Conn: conn, raw: raw, packet: d.isPacket()}, nil
	}
	// The silences are the gateway's business; its line's speed tells how long frames may take.
	p := newPace(behindGateway(o.GatewayBaud))
	p.t35 = 0
	l := newBus(newFraming(o.Transport), p, resting(o.AfterConnect, dial))
	l.socket = true
	return l
}
