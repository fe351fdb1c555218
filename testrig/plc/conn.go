package plc

import (
	"context"
	"crypto/tls"
	"net"
	"time"
)

// conn is one connection, or the one socket of a UDP server.
type conn struct {
	s    *Server
	who  int // the connection, from 1 in the order in which they came; 0: the one socket of UDP
	out  []byte
	held []byte // an answer that is late
}

// serveConn answers what comes on nc, in order, until either side ends it.
func (s *Server) serveConn(ctx context.Context, nc net.Conn, who int) {
	defer s.forget(nc)
	stream := nc
	if s.o.TLS != nil {
		stream = tls.Server(nc, s.o.TLS)
	}
	c := conn{s: s, who: who}
	in := make([]byte, 2*maxFrame)
	have := 0
	for {
		n, err := stream.Read(in[have:])
		if err != nil {
			return
		}
		have += n
		used, ok := c.take(ctx, stream, in[:have])
		if !ok {
			return
		}
		have = copy(in, in[used:have])
	}
}

// take answers the whole frames in b with one write, and returns how many bytes they were; false ends the connection.
func (c *conn) take(ctx context.Context, w net.Conn, b []byte) (used int, ok bool) {
	c.out = c.out[:0]
	for {
		f, size, err := parseFrame(b[used:])
		if err != nil {
			return used, false
		}
		if size == 0 {
			break
		}
		used += size
		start := len(c.out)
		c.s.readers.asked(c.who, time.Now())
		r := c.answer(f)
		if r.pause > 0 && (!c.flush(w, start) || !sleep(ctx, r.pause)) {
			return used, false
		}
		if r.drop {
			c.flush(w, len(c.out))
			return used, false
		}
	}
	return used, c.flush(w, len(c.out))
}

// answer appends to c.out the answer to f, behind one that was held back.
func (c *conn) answer(f frame) reply {
	u := c.s.units[f.unit]
	if u == nil {
		c.unknown(f)
		return reply{}
	}
	c.out = append(c.out, c.held...)
	c.held = c.held[:0]
	start := len(c.out)
	var r reply
	c.out, r = u.answer(c.out, f)
	if r.hold {
		c.held = append(c.held, c.out[start:]...)
		c.out = c.out[:start]
	}
	return r
}

func (c *conn) unknown(f frame) {
	if c.s.o.Silent {
		return
	}
	start := len(c.out)
	c.out = appendHeader(c.out, f.transaction, f.unit)
	c.out = appendException(c.out, f.pdu[0], targetSilent)
	closeFrame(c.out[start:])
}

// flush writes the first n bytes of c.out.
func (c *conn) flush(w net.Conn, n int) bool {
	if n == 0 {
		return true
	}
	_, err := w.Write(c.out[:n])
	c.out = c.out[:copy(c.out, c.out[n:])]
	return err == nil
}

// sleep waits for d; false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// servePackets answers datagrams, each one frame, one after the other.
func (s *Server) servePackets(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { s.packets.Close() })
	defer stop()
	defer s.packets.Close()
	c := conn{s: s}
	in := make([]byte, 2*maxFrame)
	for {
		n, from, err := s.packets.ReadFrom(in)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		f, size, err := parseFrame(in[:n])
		if err != nil || size != n {
			continue
		}
		c.out = c.out[:0]
		r := c.answer(f)
		if r.drop || r.pause > 0 && !sleep(ctx, r.pause) || len(c.out) == 0 {
			continue
		}
		if _, err := s.packets.WriteTo(c.out, from); err != nil && ctx.Err() == nil {
			return err
		}
	}
}
