//go:build interop

package interop

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
)

// tap is a way to a broker that notes what is published over it and what the broker acknowledges.
type tap struct {
	t      *testing.T
	ln     net.Listener
	target string
	five   bool

	mu     sync.Mutex
	sent   []sample        // in order, each as often as it was published
	acked  map[string]bool // by key
	conns  map[net.Conn]bool
	closed bool
}

func newTap(t *testing.T, port int, version string) *tap {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &tap{t: t, ln: ln, target: fmt.Sprintf("127.0.0.1:%d", port), five: version == "5",
		acked: map[string]bool{}, conns: map[net.Conn]bool{}}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.carry(client) })
		}
	})
	t.Cleanup(func() {
		p.mu.Lock()
		p.closed = true
		for c := range p.conns {
			c.Close()
		}
		p.mu.Unlock()
		ln.Close()
		all.Wait()
	})
	return p
}

func (p *tap) port() int { return p.ln.Addr().(*net.TCPAddr).Port }

// hold lets the end of the test close c.
func (p *tap) hold(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = true
	if p.closed {
		c.Close()
	}
}

// carry passes one connection on. What a broker that is gone would refuse, is refused.
func (p *tap) carry(client net.Conn) {
	defer client.Close()
	broker, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer broker.Close()
	p.hold(client)
	p.hold(broker)
	var under sync.Map // packet identifier to key
	var both sync.WaitGroup
	both.Go(func() {
		defer broker.Close()
		pass(client, broker, func(head byte, body []byte) { p.published(head, body, &under) })
	})
	both.Go(func() {
		defer client.Close()
		pass(broker, client, func(head byte, body []byte) { p.answered(head, body, &under) })
	})
	both.Wait()
}

// pass copies packets and shows each before it goes on.
func pass(from, to net.Conn, show func(head byte, body []byte)) {
	in := bufio.NewReader(from)
	for {
		head, err := in.ReadByte()
		if err != nil {
			return
		}
		n, err := binary.ReadUvarint(in) // lengths are encoded alike
		if err != nil {
			return
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		show(head, body)
		packet := append(binary.AppendUvarint([]byte{head}, n), body...)
		if _, err := to.Write(packet); err != nil {
			return
		}
	}
}

func (p *tap) published(head byte, body []byte, under *sync.Map) {
	if head>>4 != 3 || head>>1&3 != 1 {
		return
	}
	rest := body[2+binary.BigEndian.Uint16(body):]
	id := binary.BigEndian.Uint16(rest)
	rest = rest[2:]
	if p.five {
		rest = rest[1+rest[0]:]
	}
	var s sample
	if json.Unmarshal(rest, &s) != nil {
		return // the state
	}
	under.Store(id, s.key())
	p.mu.Lock()
	p.sent = append(p.sent, s)
	p.mu.Unlock()
}

func (p *tap) answered(head byte, body []byte, under *sync.Map) {
	if head>>4 != 4 || len(body) > 2 && body[2] >= 0x80 {
		return
	}
	key, ok := under.LoadAndDelete(binary.BigEndian.Uint16(body))
	if !ok {
		return
	}
	p.mu.Lock()
	p.acked[key.(string)] = true
	p.mu.Unlock()
}

// check wants all of read to be acknowledged, in order per tag, and no more messages than that and those given.
func (p *tap) check(t *testing.T, read []sample, twice int) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	read, sent := ofTags(read), ofTags(p.sent)
	for i := range read {
		if !p.acked[read[i].key()] {
			t.Fatalf("never acknowledged: %+v", read[i])
		}
	}
	if extra := len(sent) - len(read); extra > twice {
		t.Errorf("%d messages for %d samples", len(sent), len(read))
	}
	first := map[string]bool{}
	last := map[string]int64{}
	for i := range sent {
		s := &sent[i]
		if first[s.key()] {
			continue
		}
		first[s.key()] = true
		tag := s.Device + "/" + s.Tag
		if at := s.Time.UnixNano(); at < last[tag] {
			t.Fatalf("%s of %s came after a later one", tag, s.Time)
		} else {
			last[tag] = at
		}
	}
}
