package modbus

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/drivers"
)

// unrulyGateway answers out of a queue that all connections share: late, twice, out of order, in pieces, with noise between, not at all, and
// over whichever connection is open by then.
type unrulyGateway struct {
	mu     sync.Mutex
	chance *rand.Rand
	conns  []*gatewayConn // open, of all links
	opened int
	limit  time.Duration
}

type delivery struct {
	at time.Time
	b  []byte
}

// gatewayConn is one connection to the gateway, as its client has it.
type gatewayConn struct {
	net.Conn // nil: the rest is not used
	g        *unrulyGateway
	coming   []delivery
	begun    delivery // the rest of a frame of which a part was read
	closed   bool
	deadline time.Time
}

func (g *unrulyGateway) dial(context.Context) (net.Conn, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.opened++
	c := &gatewayConn{g: g}
	g.conns = append(g.conns, c)
	return c, nil
}

func (c *gatewayConn) Close() error {
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	c.closed = true
	c.g.conns = slices.DeleteFunc(c.g.conns, func(o *gatewayConn) bool { return o == c })
	return nil
}

func (c *gatewayConn) SetDeadline(t time.Time) error {
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	c.deadline = t
	return nil
}

func (c *gatewayConn) Write(b []byte) (int, error) {
	g := c.g
	g.mu.Lock()
	defer g.mu.Unlock()
	q, err := readQuery(bytes.NewReader(b))
	if err != nil {
		return 0, err
	}
	for range 1 + g.chance.IntN(5)/4 { // twice, one time in five
		g.answer(c, q)
	}
	if g.chance.IntN(50) == 0 {
		g.send(c, time.Now(), [][]byte{[]byte("www.usr.cn"), {0xFF}, {0, 0, 0, 0}, bytes.Repeat([]byte{0x55}, 300)}[g.chance.IntN(4)])
	}
	if g.chance.IntN(100) == 0 {
		c.closed = true // hangs up
	}
	return len(b), nil
}

// answer has q, asked over c, answered sooner or later.
func (g *unrulyGateway) answer(c *gatewayConn, q query) {
	b := q.frame(pduOf(q.request)...)
	delay := time.Duration(g.chance.Int64N(int64(g.limit) / 2))
	switch n := g.chance.IntN(100); {
	case n < 10:
		return
	case n < 15:
		b = q.exception(DeviceBusy)
	case n < 50:
		delay += g.limit * time.Duration(1+g.chance.IntN(8))
	}
	at := time.Now().Add(delay)
	if g.chance.IntN(3) == 0 { // over another connection, or the one that is there by then
		time.AfterFunc(delay, func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			if n := len(g.conns); n > 0 {
				g.send(g.conns[g.chance.IntN(n)], time.Now(), b)
			}
		})
		return
	}
	g.send(c, at, b)
}

func (g *unrulyGateway) send(c *gatewayConn, at time.Time, b []byte) {
	c.coming = append(c.coming, delivery{at, b})
	slices.SortStableFunc(c.coming, func(a, b delivery) int { return a.at.Compare(b.at) })
}

func (c *gatewayConn) Read(b []byte) (int, error) {
	for {
		c.g.mu.Lock()
		now := time.Now()
		switch {
		case c.closed:
			c.g.mu.Unlock()
			return 0, io.EOF
		case !now.Before(c.deadline):
			c.g.mu.Unlock()
			return 0, os.ErrDeadlineExceeded
		case c.next() != nil && !c.next().at.After(now):
			n := c.take(b)
			c.g.mu.Unlock()
			return n, nil
		}
		until := c.deadline
		if d := c.next(); d != nil && d.at.Before(until) {
			until = d.at
		}
		c.g.mu.Unlock()
		time.Sleep(min(time.Until(until), c.g.limit/20))
	}
}

// next is what comes next.
func (c *gatewayConn) next() *delivery {
	switch {
	case len(c.begun.b) > 0:
		return &c.begun
	case len(c.coming) > 0:
		return &c.coming[0]
	}
	return nil
}

// take puts into b what comes next, one time in five only the first part of it.
func (c *gatewayConn) take(b []byte) int {
	d := c.next()
	n := copy(b, d.b)
	if c.g.chance.IntN(5) == 0 {
		n = 1 + c.g.chance.IntN(n)
	}
	rest := delivery{time.Now().Add(time.Duration(c.g.chance.Int64N(int64(c.g.limit)))), d.b[n:]}
	if d != &c.begun {
		c.coming = c.coming[1:]
	}
	c.begun = rest
	return n
}

// Whatever a gateway does with its answers, each value that is taken is the one that was asked for. Two links share it,
// as those of an endpoint with connections: 2 do.
func TestUnrulyGatewayGivesNoWrongValue(t *testing.T) {
	const requests, limit = 15_000, 100 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		g := &unrulyGateway{chance: rand.New(rand.NewPCG(3, 4)), limit: limit}
		numbers := new(Transactions)
		var links sync.WaitGroup
		for n := range 2 {
			links.Go(func() {
				s := &socket{dial: g.dial, numbers: numbers}
				good, wrong := askUnruly(t, s, rand.New(rand.NewPCG(5, uint64(n))), requests, limit)
				if wrong > 0 {
					t.Errorf("%d of %d values are another request's", wrong, good)
				}
				if good < requests/4 {
					t.Errorf("%d of %d requests were answered, want a quarter at least", good, requests)
				}
				s.close()
			})
		}
		links.Wait()
		if g.opened > requests/25 {
			t.Errorf("%d connections for %d requests, of which one in a hundred ends one", g.opened, 2*requests)
		}
	})
}

func askUnruly(t *testing.T, s *socket, chance *rand.Rand, n int, limit time.Duration) (good, wrong int) {
	for range n {
		r := request{
			unit: uint8(1 + chance.IntN(2)), function: uint8(readHolding + chance.IntN(2)),
			address: uint16(chance.IntN(40)), count: uint16(1 + chance.IntN(3)),
		}
		raw, err := s.exchange(t.Context(), r, wait{limit: limit})
		_, refused := errors.AsType[Exception](err)
		_, silent := errors.AsType[*drivers.NoAnswer](err)
		switch {
		case err == nil && bytes.Equal(raw, pduOf(r)[2:]):
			good++
		case err == nil:
			wrong++
		case !refused && !silent && !errors.Is(err, io.EOF):
			t.Error(err)
		}
	}
	return good, wrong
}
