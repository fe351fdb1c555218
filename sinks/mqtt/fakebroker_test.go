package mqtt

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
)

// fake is a broker of either version that does as a test says. It speaks the wire by itself.
type fake struct {
	t  testing.TB
	ln net.Listener

	mu      sync.Mutex
	changed *sync.Cond
	connack []byte // after type and length; nil: accepted
	// answer is what becomes of a PUBLISH: a reason code (over 0xFF: none is sent yet), and whether the connection ends.
	answer   func(p published) (code int, drop bool)
	received []published
	conns    []net.Conn
	connects [][]byte // bodies of the CONNECT packets
	goodbyes int      // DISCONNECT packets

	retained   [][2]string // topics and payloads that a new subscription gets
	suback     byte        // its reason code; 0: granted at QoS 1
	subscribed []string    // filters
	fences     []string    // filters of UNSUBSCRIBE packets
	pubacks    int
	mute       bool // fences are not answered
	five       bool // the last connection is of MQTT 5
}

// published is a PUBLISH as it came.
type published struct {
	topic, payload string
	qos            byte
	retain         bool
	id             uint16
	alias          uint16
	properties     []byte
	size           int // of the packet, less its fixed header
	conn           int // number of the connection, from 1
}

// withhold is the answer of a broker that does not answer.
const withhold = 0x100

func newFake(t testing.TB) *fake {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{t: t, ln: ln}
	f.changed = sync.NewCond(&f.mu)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			all.Go(func() { f.serve(c) })
		}
	})
	t.Cleanup(func() {
		ln.Close()
		f.drop()
		all.Wait()
	})
	return f
}

func (f *fake) addr() string { return f.ln.Addr().String() }

// drop ends all connections.
func (f *fake) drop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.conns {
		c.Close()
	}
}

// on sets what the broker does with what is published from now on.
func (f *fake) on(answer func(published) (int, bool)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

// await waits until done, looked at whenever something has come.
func (f *fake) await(what string, done func() bool) {
	f.t.Helper()
	ctx := patience(f.t)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-ctx.Done():
			f.changed.Broadcast()
		case <-stop:
		}
	}()
	f.mu.Lock()
	defer f.mu.Unlock()
	for !done() {
		if ctx.Err() != nil {
			f.t.Fatalf("waited in vain for %s", what)
		}
		f.changed.Wait()
	}
}

// payloads are those received, in order.
func (f *fake) payloads() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, p := range f.received {
		out = append(out, p.payload)
	}
	return out
}

// serve is one connection.
func (f *fake) serve(c net.Conn) {
	defer c.Close()
	f.mu.Lock()
	f.conns = append(f.conns, c)
	number := len(f.conns)
	f.mu.Unlock()
	in := bufio.NewReader(c)
	five := false
	for {
		head, body, err := readPacket(in)
		if err != nil {
			return
		}
		switch head >> 4 {
		case 1:
			five = body[6] == 5
			f.mu.Lock()
			f.five = five
			f.connects = append(f.connects, body)
			answer := f.connack
			f.mu.Unlock()
			if answer == nil {
				answer = []byte{0, 0}
				if five {
					answer = append(answer, 0)
				}
			}
			c.Write(append([]byte{2 << 4, byte(len(answer))}, answer...))
			if answer[1] != 0 {
				return
			}
		case 3:
			if !f.publish(c, parsePublish(head, body, five, number), five) {
				return
			}
		case 4:
			f.mu.Lock()
			f.pubacks++
			f.changed.Broadcast()
			f.mu.Unlock()
		case 8, 10:
			f.subscribe(c, head>>4, body, five)
		case 12:
			c.Write([]byte{13 << 4, 0})
		case 14:
			f.mu.Lock()
			f.goodbyes++
			f.changed.Broadcast()
			f.mu.Unlock()
			return
		}
	}
}

// subscribe answers a SUBSCRIBE, whose retained messages follow, or an UNSUBSCRIBE.
func (f *fake) subscribe(c net.Conn, kind byte, body []byte, five bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	answer := []byte{(kind + 1) << 4, 0, body[0], body[1]}
	rest := body[2:]
	if five {
		answer, rest = append(answer, 0), rest[1:]
	}
	for len(rest) >= 2 {
		n := 2 + int(binary.BigEndian.Uint16(rest))
		filter := string(rest[2:n])
		switch {
		case kind == 8:
			answer, n = append(answer, max(1, f.suback)), n+1
			f.subscribed = append(f.subscribed, filter)
		case five:
			answer = append(answer, 0x11)
			fallthrough
		default:
			f.fences = append(f.fences, filter)
		}
		rest = rest[n:]
	}
	answer[1] = byte(len(answer) - 2)
	if !f.mute || kind == 8 {
		c.Write(answer)
	}
	for _, m := range f.retained {
		if kind == 8 && slices.Contains(f.subscribed, m[0]) {
			c.Write(packetOf(m[0], m[1], 1, true, five))
		}
	}
	f.changed.Broadcast()
}

// push publishes to the newest connection, which has subscribed.
func (f *fake) push(topic, payload string, qos byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.conns[len(f.conns)-1].Write(packetOf(topic, payload, qos, false, f.five))
}

// packetOf is a PUBLISH.
func packetOf(topic, payload string, qos byte, retain, five bool) []byte {
	body := append(binary.BigEndian.AppendUint16(nil, uint16(len(topic))), topic...)
	if qos > 0 {
		body = append(body, 0, 7)
	}
	if five {
		body = append(body, 0)
	}
	body = append(body, payload...)
	head := byte(3<<4) | qos<<1
	if retain {
		head |= 1
	}
	return append(binary.AppendUvarint([]byte{head}, uint64(len(body))), body...)
}

// publish notes and answers p; false: the connection ends.
func (f *fake) publish(c net.Conn, p published, five bool) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.received = append(f.received, p)
	f.changed.Broadcast()
	code, drop := 0, false
	if f.answer != nil {
		code, drop = f.answer(p)
	}
	if p.qos > 0 && code != withhold {
		c.Write(puback(p.id, byte(code), five))
	}
	return !drop
}

// puback is a PUBACK packet; the code goes with version 5 only.
func puback(id uint16, code byte, five bool) []byte {
	if five && code != 0 {
		return []byte{4 << 4, 4, byte(id >> 8), byte(id), code, 0}
	}
	return []byte{4 << 4, 2, byte(id >> 8), byte(id)}
}

func readPacket(r *bufio.Reader) (head byte, body []byte, err error) {
	if head, err = r.ReadByte(); err != nil {
		return 0, nil, err
	}
	n, err := binary.ReadUvarint(r) // the encoding of lengths is the same (MQTT 5, 1.5.5)
	if err != nil {
		return 0, nil, err
	}
	body = make([]byte, n)
	_, err = io.ReadFull(r, body)
	return head, body, err
}

func parsePublish(head byte, body []byte, five bool, conn int) published {
	n := int(binary.BigEndian.Uint16(body))
	p := published{topic: string(body[2 : 2+n]), qos: head >> 1 & 3, retain: head&1 != 0, conn: conn, size: len(body)}
	body = body[2+n:]
	if p.qos > 0 {
		p.id = binary.BigEndian.Uint16(body)
		body = body[2:]
	}
	if five {
		size := int(body[0]) // this sink's properties are short
		p.properties = body[1 : 1+size]
		if at := slices.Index(body[1:1+size], 0x23); at >= 0 {
			p.alias = binary.BigEndian.Uint16(body[1+at+1:])
		}
		body = body[1+size:]
	}
	p.payload = string(body)
	return p
}
