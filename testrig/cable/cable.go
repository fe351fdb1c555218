// Package cable is what lies between a client and a server, and what can go wrong with it: silence in one direction or both, slowness,
// and something in between that passes on some things and not others. Tests use it where a real cable could be pulled.
package cable

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// Way is one direction. The zero value passes everything on at once.
type Way struct {
	Silent bool          // nothing comes out; it is kept until that ends, as TCP does
	Delay  time.Duration // each byte comes out that long after it went in
	Pings  bool          // NATS messages are swallowed, and the rest of its protocol is passed on
}

// Cable passes connections on. Its methods are safe for concurrent use.
type Cable struct {
	listener net.Listener
	target   string

	mu      sync.Mutex
	there   Way
	back    Way
	changed chan struct{} // closed by Set
	conns   map[net.Conn]bool
}

// New listens on a port of host for clients of the server at target. Nothing is passed on before Serve.
func New(host, target string) (*Cable, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return nil, err
	}
	return &Cable{listener: l, target: target, changed: make(chan struct{}), conns: map[net.Conn]bool{}}, nil
}

// Addr is where clients connect to.
func (c *Cable) Addr() string { return c.listener.Addr().String() }

// Set says how it is from now on, from client to server and back.
func (c *Cable) Set(there, back Way) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.there, c.back = there, back
	close(c.changed)
	c.changed = make(chan struct{})
}

// Reset ends all connections.
func (c *Cable) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for n := range c.conns {
		if t, ok := n.(*net.TCPConn); ok {
			t.SetLinger(0)
		}
		n.Close()
	}
}

// Serve passes on until ctx ends, and then closes everything.
func (c *Cable) Serve(ctx context.Context) error {
	var wait sync.WaitGroup
	defer wait.Wait()
	stop := context.AfterFunc(ctx, func() {
		c.listener.Close()
		c.Reset()
	})
	defer stop()
	for {
		client, err := c.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		wait.Go(func() { c.join(ctx, client) })
	}
}

// join passes one connection on until either side ends it.
func (c *Cable) join(ctx context.Context, client net.Conn) {
	defer client.Close()
	server, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", c.target)
	if err != nil {
		return
	}
	defer server.Close()
	c.mu.Lock()
	c.conns[client], c.conns[server] = true, true
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.conns, client)
		delete(c.conns, server)
	}()
	if ctx.Err() != nil {
		return
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	var wait sync.WaitGroup
	for _, l := range []lane{{client, server, &c.there}, {server, client, &c.back}} {
		wait.Go(func() {
			defer client.Close()
			defer server.Close()
			defer end()
			c.carry(ctx, l)
		})
	}
	wait.Wait()
}

// lane is one direction of a connection.
type lane struct {
	from, to net.Conn
	way      *Way
}

// parcel is bytes on their way.
type parcel struct {
	at    time.Time // when they went in
	bytes []byte
}

// carry passes on until it cannot any more. The end of a connection is passed on like a byte of it.
func (c *Cable) carry(ctx context.Context, l lane) {
	parcels := make(chan parcel, 1024)
	go func() {
		defer close(parcels)
		for {
			b := make([]byte, 16<<10)
			n, err := l.from.Read(b)
			if n > 0 {
				select {
				case parcels <- parcel{time.Now(), b[:n]}:
				case <-ctx.Done():
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()
	var sieve sieve
	for {
		var p parcel
		ok := true
		select {
		case p, ok = <-parcels:
		case <-ctx.Done():
			return
		}
		if !ok {
			p.at = time.Now()
		}
		pings, alive := c.due(ctx, l.way, p.at)
		if !ok || !alive {
			return
		}
		if _, err := l.to.Write(sieve.pass(p.bytes, pings)); err != nil {
			return
		}
	}
}

// due waits until what went in at that time comes out; false: ctx ended.
func (c *Cable) due(ctx context.Context, way *Way, at time.Time) (pings, alive bool) {
	for {
		c.mu.Lock()
		now, changed := *way, c.changed
		c.mu.Unlock()
		var timer <-chan time.Time
		if !now.Silent {
			left := time.Until(at.Add(now.Delay))
			if left <= 0 {
				return now.Pings, true
			}
			timer = time.NewTimer(left).C
		}
		select {
		case <-timer:
		case <-changed:
		case <-ctx.Done():
			return false, false
		}
	}
}
