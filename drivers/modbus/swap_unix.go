//go:build !windows

package modbus

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// swapConn is a connection of the system's own, over which a request and its answer cost one call of the system each:
// the wait for the answer begins before the request is sent, so there is no need to look whether it is there already.
type swapConn struct {
	net.Conn
	raw    syscall.RawConn
	packet bool
	step   func(fd uintptr) bool

	// of the swap under way
	out, in []byte
	sent    int
	got     int
	err     error
}

// newSwapConn is conn as one that swaps, where it can.
func newSwapConn(conn net.Conn, packet bool) net.Conn {
	s, ok := conn.(syscall.Conn)
	if !ok {
		return conn
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return conn
	}
	c := &swapConn{Conn: conn, raw: raw, packet: packet}
	c.step = c.next
	return c
}

// swap sends out and returns how much of in came after it, until the connection's deadline. sent is how much of out has
// gone: when that is not all of it, there is no error and the rest is to be written.
func (c *swapConn) swap(out, in []byte) (sent, got int, err error) {
	c.out, c.in, c.sent, c.got, c.err = out, in, 0, 0, nil
	err = c.raw.Read(c.step)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		// What came before is not waited for, the end of the connection included.
		if failed := c.raw.Control(func(fd uintptr) { c.read(int(fd)) }); failed != nil {
			return c.sent, 0, failed
		}
		if c.got > 0 || c.err != nil {
			err = nil
		}
	}
	if err == nil {
		err = c.err
	}
	return c.sent, c.got, err
}

// next makes the next call of a swap, and reports that it is done.
func (c *swapConn) next(fd uintptr) bool {
	if c.sent == len(c.out) {
		return c.read(int(fd))
	}
	n, err := retry(syscall.Write, int(fd), c.out)
	c.sent = n
	if err != nil && !errors.Is(err, syscall.EAGAIN) {
		c.err = os.NewSyscallError("write", err)
	}
	return c.sent < len(c.out)
}

func (c *swapConn) read(fd int) bool {
	n, err := retry(syscall.Read, fd, c.in)
	switch {
	case errors.Is(err, syscall.EAGAIN):
		return false
	case err != nil:
		c.err = os.NewSyscallError("read", err)
	case n == 0 && !c.packet:
		c.err = io.EOF
	default:
		c.got = n
	}
	return true
}

// retry makes a call again that a signal broke off. n is 0 with an error.
func retry(call func(int, []byte) (int, error), fd int, b []byte) (n int, err error) {
	for {
		if n, err = call(fd, b); !errors.Is(err, syscall.EINTR) {
			return max(n, 0), err
		}
	}
}
