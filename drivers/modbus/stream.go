package modbus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// rawPoll reads from a descriptor that does not block, waiting for no longer than wait: 0 and no error when nothing
// comes. The wait holds a thread, and is exact: the runtime's own are of whole milliseconds.
func rawPoll(raw syscall.RawConn, b []byte, wait time.Duration) (int, error) {
	var n int
	var err error
	failed := raw.Control(func(fd uintptr) {
		if wait > 0 {
			t := unix.NsecToTimespec(int64(wait))
			unix.Ppoll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, &t, nil)
		}
		n, err = syscall.Read(int(fd), b)
	})
	if failed != nil {
		return 0, failed
	}
	switch {
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EINTR):
		return 0, nil
	case err != nil:
		return 0, err
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// socketStream is a stream over TCP, or over UDP with a frame a datagram.
type socketStream struct {
	net.Conn
	raw    syscall.RawConn
	packet bool
}

func (s *socketStream) poll(b []byte, wait time.Duration) (int, error) {
	n, err := rawPoll(s.raw, b, wait)
	if s.packet && err == io.EOF { // an empty datagram
		return 0, nil
	}
	return n, err
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
