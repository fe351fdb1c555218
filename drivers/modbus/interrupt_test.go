package modbus

import (
	"context"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// lateConn answers at once, with ctx ending at the same moment; a deadline that is over takes it a second to set.
type lateConn struct {
	net.Conn // nil: the rest is not used
	end      context.CancelFunc
	answer   []byte
	heard    []byte
	ended    bool // such a deadline is set
}

func (c *lateConn) SetDeadline(at time.Time) error {
	if time.Until(at) < -time.Hour {
		time.Sleep(time.Second)
		c.ended = true
	}
	return nil
}

func (c *lateConn) SetReadDeadline(time.Time) error { return nil }

func (c *lateConn) Write(b []byte) (int, error) {
	c.end()
	synctest.Wait()
	c.heard = c.answer
	return len(b), nil
}

func (c *lateConn) Read(b []byte) (int, error) {
	if len(c.heard) == 0 {
		return 0, os.ErrDeadlineExceeded
	}
	n := copy(b, c.heard)
	c.heard = c.heard[n:]
	return n, nil
}

func (c *lateConn) poll([]byte, time.Duration) (int, error) { return 0, nil }

func (c *lateConn) Close() error { return nil }

// TestExchangeLeavesNoInterrupt has a context end while an answer comes: what it does to the connection must be over when
// the exchange is, or it would end the next one.
func TestExchangeLeavesNoInterrupt(t *testing.T) {
	for name, c := range map[string]struct {
		answer []byte
		over   func(*lateConn) transport
	}{
		"socket": {[]byte{0, 1, 0, 0, 0, 5, 1, 3, 2, 0, 7}, func(c *lateConn) transport {
			return &socket{dial: func(context.Context) (net.Conn, error) { return c, nil }, numbers: new(Transactions)}
		}},
		"bus": {[]byte{1, 3, 2, 0, 7, 0xF9, 0x86}, func(c *lateConn) transport {
			return newBus(newFraming("rtuovertcp"), pace{}, func(context.Context) (stream, error) { return c, nil })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				conn := &lateConn{end: cancel, answer: c.answer}
				c.over(conn).exchange(ctx, request{unit: 1, function: 3, count: 1}, wait{limit: time.Second})
				if !conn.ended {
					t.Error("the end of the context is still to come to the connection, and would end its next exchange")
				}
			})
		})
	}
}
