package opcua

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
)

// Proxy stands between a client and a server and does to their connections what a bad line, or a bad server, would.
// Its methods are safe for concurrent use.
type Proxy struct {
	listener net.Listener
	frozen   atomic.Bool
	mangle   atomic.Int64 // of a thousand answers, how many are changed
	wg       sync.WaitGroup

	mu     sync.Mutex
	target string
	random *rand.Rand
	conns  map[net.Conn]bool
	opened int
}

// NewProxy listens on a port of loopback for clients of the server at target, host:port.
func NewProxy(target string, seed uint64) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &Proxy{listener: l, target: target, random: rand.New(rand.NewPCG(seed, 1)), conns: map[net.Conn]bool{}}, nil
}

// Addr is where clients connect to.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Freeze stops or resumes all traffic; connections stay open, and are accepted.
func (p *Proxy) Freeze(on bool) { p.frozen.Store(on) }

// Mangle changes that many of a thousand messages of the server, at random, behind their transport headers.
func (p *Proxy) Mangle(perMille int) { p.mangle.Store(int64(perMille)) }

// Retarget sends later connections to another server and breaks the present ones, as a restart does.
func (p *Proxy) Retarget(target string) {
	p.mu.Lock()
	p.target = target
	p.mu.Unlock()
	p.Cut()
}

// Opened is how many connections there have been.
func (p *Proxy) Opened() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.opened
}

// Cut breaks all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

// Serve forwards until ctx ends.
func (p *Proxy) Serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		p.listener.Close()
		p.Cut()
	})
	defer stop()
	for {
		c, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			p.wg.Wait()
			return nil
		}
		if err != nil {
			return err
		}
		p.wg.Go(func() { p.forward(c) })
	}
}

func (p *Proxy) keep(c net.Conn, on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if on {
		p.conns[c] = true
	} else {
		delete(p.conns, c)
	}
}

// forward passes messages both ways until one side ends.
func (p *Proxy) forward(client net.Conn) {
	defer client.Close()
	p.mu.Lock()
	target := p.target
	p.mu.Unlock()
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer server.Close()
	p.mu.Lock()
	p.opened++
	p.mu.Unlock()
	for _, c := range []net.Conn{client, server} {
		p.keep(c, true)
		defer p.keep(c, false)
	}
	var both sync.WaitGroup
	both.Go(func() { p.copy(server, client, false) })
	both.Go(func() { p.copy(client, server, true) })
	both.Wait()
}

// copy passes messages on, one by one; those that are frozen are lost.
func (p *Proxy) copy(dst, src net.Conn, answers bool) {
	defer dst.Close()
	defer src.Close()
	buf := make([]byte, 1<<16)
	for {
		if _, err := io.ReadFull(src, buf[:8]); err != nil {
			return
		}
		size := int(binary.LittleEndian.Uint32(buf[4:]))
		if size < 8 || size > len(buf) {
			return
		}
		if _, err := io.ReadFull(src, buf[8:size]); err != nil {
			return
		}
		if p.frozen.Load() {
			continue
		}
		if answers && string(buf[:3]) == "MSG" {
			p.spoil(buf[:size])
		}
		if _, err := dst.Write(buf[:size]); err != nil {
			return
		}
	}
}

// spoil changes some bytes of a message behind its sequence header, if it is its turn.
func (p *Proxy) spoil(msg []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(msg) <= 24 || p.random.Int64N(1000) >= p.mangle.Load() {
		return
	}
	for range 1 + p.random.IntN(8) {
		at := 24 + p.random.IntN(len(msg)-24)
		msg[at] = [...]byte{0, 0xFF, 0x7F, 0x80, byte(p.random.IntN(256)), msg[at] ^ 1<<p.random.IntN(8)}[p.random.IntN(6)]
	}
}
