package hostile

import (
	"fmt"
	"net"
	"sync"
	"time"
)

// peer is what all of them have in common: a listener, and a count of who came when.
type peer struct {
	*Script
	ln net.Listener

	mu    sync.Mutex
	conns map[net.Conn]bool // true: it is kept in silence
	came  []time.Time
	ended bool
	all   sync.WaitGroup
}

// listen starts serve for each connection.
func (p *peer) listen(serve func(net.Conn)) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("hostile peer: %w", err)
	}
	p.ln, p.conns = ln, map[net.Conn]bool{}
	p.all.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			if p.keep(c) {
				p.all.Go(func() {
					serve(c)
					p.drop(c)
				})
			}
		}
	})
	return nil
}

// Addr is where it listens.
func (p *peer) Addr() string { return p.ln.Addr().String() }

// Close ends it and all connections.
func (p *peer) Close() {
	p.ln.Close()
	p.mu.Lock()
	p.ended = true
	for c := range p.conns {
		c.Close()
	}
	p.mu.Unlock()
	p.all.Wait()
}

func (p *peer) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		c.Close()
		return false
	}
	p.conns[c] = false
	p.came = append(p.came, time.Now())
	return true
}

func (p *peer) drop(c net.Conn) {
	c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
}

// Connections is how many came within a span of that length at most, and in all.
func (p *peer) Connections(span time.Duration) (most, all int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, last := range p.came {
		n := 0
		for _, t := range p.came[:i+1] {
			if last.Sub(t) < span {
				n++
			}
		}
		most = max(most, n)
	}
	return most, len(p.came)
}

// reset ends c so that the other side sees a reset.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // if not, it is an ordinary end
	}
	c.Close()
}

// unanswered does the faults that every peer has which answers on: it says nothing, or ends c. done is false for others.
func unanswered(c net.Conn, f Fault) (done, goOn bool) {
	switch f.What {
	case "silent":
		return true, true
	case "hangup":
		return true, false
	case "reset":
		reset(c)
		return true, false
	}
	return false, false
}

// endless writes b again and again until the other side has had enough, or what a fault may cost is sent.
func endless(c net.Conn, b []byte) {
	for sent := 0; sent < 64<<20; sent += len(b) {
		if _, err := c.Write(b); err != nil {
			return
		}
	}
}

// silence reads and says nothing until the other side hangs up, or the script is replaced.
func (p *peer) silence(c net.Conn) {
	p.mu.Lock()
	if _, open := p.conns[c]; open {
		p.conns[c] = true
	}
	p.mu.Unlock()
	buf := make([]byte, 4096)
	for {
		if _, err := c.Read(buf); err != nil {
			return
		}
	}
}

// Set replaces the faults, as Script.Set does, and ends the connections that are kept in silence.
func (p *peer) Set(lines ...string) error {
	if err := p.Script.Set(lines...); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for c, silent := range p.conns {
		if silent {
			c.Close()
		}
	}
	return nil
}
