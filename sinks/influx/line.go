package influx

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

// line is the connection of a sink, and sees how much has gone out on it.
type line struct{ now atomic.Pointer[conn] }

type dial func(ctx context.Context, network, address string) (net.Conn, error)

// dial makes the connection.
func (l *line) dial(ctx context.Context, dial dial, network, address string) (net.Conn, error) {
	c, err := dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	counted := &conn{Conn: c}
	if s, ok := c.(syscall.Conn); ok {
		counted.raw, _ = s.SyscallConn() // without it, what the kernel keeps counts as gone out
	}
	l.now.Store(counted)
	return counted, nil
}

// mark is where a line is; two that differ have progress between them.
type mark struct {
	conn *conn
	out  int64
}

func (l *line) mark() mark {
	c := l.now.Load()
	if c == nil {
		return mark{}
	}
	return mark{c, c.out()}
}

// conn counts what is written.
type conn struct {
	net.Conn
	raw     syscall.RawConn
	written atomic.Int64
}

// writeSize is what is written at a time, so that a slow line shows that it moves.
const writeSize = 16 << 10

// Write implements net.Conn.
func (c *conn) Write(p []byte) (n int, err error) {
	for len(p) > 0 && err == nil {
		var k int
		k, err = c.Conn.Write(p[:min(len(p), writeSize)])
		c.written.Add(int64(k))
		n, p = n+k, p[k:]
	}
	return n, err
}

// out is how much the other side's machine has, as far as can be seen.
func (c *conn) out() int64 {
	n := c.written.Load()
	if c.raw != nil {
		n -= int64(unsent(c.raw))
	}
	return n
}

// errSilent is the end of a request on whose connection nothing moves.
var errSilent = errors.New("nothing has moved on the connection for too long")

// requestLimit is how many times its time limit a request may take that moves all the while.
const requestLimit = 10

// watch ends a request for errSilent when line has not moved for limit, and calls moved when it has. It returns when ctx
// ends.
func (l *line) watch(ctx context.Context, end context.CancelCauseFunc, limit time.Duration, moved func()) {
	tick := time.NewTicker(max(limit/10, time.Millisecond))
	defer tick.Stop()
	began := time.Now()
	since, last := began, l.mark()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if m := l.mark(); m != last {
			since, last = time.Now(), m
			moved()
		}
		if time.Since(since) >= limit || time.Since(began) >= requestLimit*limit {
			end(errSilent)
			return
		}
	}
}
