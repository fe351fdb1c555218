package session

import (
	"context"
	"encoding/binary"
	"io"
	"math"
	"net"
	"sync"
	"testing"
	"time"
)

// The encodings of requests that scripted servers know (Part 6, table of node ids).
const (
	openRequest     = 446
	endpointRequest = 428
	createRequest   = 461
	activateRequest = 467
	endRequest      = 473
	readRequest     = 631
	publishRequest  = 826
)

// scripted is a server without security, written from Parts 4 and 6 and byte by byte: it shares no code with the client.
// It does one thing after the other, as small servers do.
type scripted struct {
	receives, sends, message, chunks uint32        // of its Acknowledge; 0: 8192, 8192, and no limits
	token, session                   time.Duration // for how long they live; 0: an hour
	// script answers a request in another way, if it returns true.
	script func(c *scriptedConn, q question) bool

	wg      sync.WaitGroup
	mu      sync.Mutex
	asked   []question
	largest int // chunk that came
}

// question is a request that came.
type question struct {
	service, id, handle, hint uint32
	at                        time.Time
	token                     uint32 // of the channel, that it was sent with
	body                      []byte
}

type scriptedConn struct {
	s             *scripted
	conn          net.Conn
	busy          chan struct{} // full while an answer is sent
	sequence, key uint32
}

// options are those of a client of s, whose end t waits for.
func (s *scripted) options(t *testing.T, o Options) Options {
	t.Cleanup(s.wg.Wait)
	o.URL, o.Address, o.Policy, o.Mode = "opc.tcp://plc:4840", "plc:4840", "None", "None"
	o.dial = func(context.Context, string) (net.Conn, error) {
		client, server := net.Pipe()
		s.wg.Go(func() { s.serve(&scriptedConn{s: s, conn: server, busy: make(chan struct{}, 1)}) })
		return client, nil
	}
	return o
}

// connect opens a session at s, which t closes.
func (s *scripted) connect(t *testing.T, o Options) *Session {
	t.Helper()
	c, err := Open(t.Context(), s.options(t, o))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// of is what was asked of a service.
func (s *scripted) of(service uint32) (list []question) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.asked {
		if q.service == service {
			list = append(list, q)
		}
	}
	return list
}

func or(v, other uint32) uint32 {
	if v == 0 {
		return other
	}
	return v
}

func (s *scripted) serve(c *scriptedConn) {
	defer c.conn.Close()
	var parts []byte
	head := make([]byte, 8)
	for {
		if _, err := io.ReadFull(c.conn, head); err != nil {
			return
		}
		body := make([]byte, binary.LittleEndian.Uint32(head[4:])-8)
		if _, err := io.ReadFull(c.conn, body); err != nil {
			return
		}
		kind := string(head[:3])
		if kind == "HEL" {
			c.write("ACKF", u32(0, or(s.receives, 8192), or(s.sends, 8192), s.message, s.chunks))
			continue
		}
		s.mu.Lock()
		s.largest = max(s.largest, len(head)+len(body))
		s.mu.Unlock()
		if kind == "CLO" {
			return
		}
		at := 8 // channel and token
		if kind == "OPN" {
			at = 4
			for range 3 { // policy, certificate, thumbprint
				if n := int32(binary.LittleEndian.Uint32(body[at:])); n > 0 {
					at += int(n)
				}
				at += 4
			}
		}
		id := binary.LittleEndian.Uint32(body[at+4:])
		if parts = append(parts, body[at+8:]...); head[3] != 'F' {
			continue
		}
		q := questionOf(parts)
		q.id, q.at, parts = id, time.Now(), nil
		if kind == "MSG" {
			q.token = binary.LittleEndian.Uint32(body[4:])
		}
		s.mu.Lock()
		s.asked = append(s.asked, q)
		s.mu.Unlock()
		if s.script == nil || !s.script(c, q) {
			s.standard(c, q)
		}
	}
}

// questionOf reads the header of a request, whose session is none or one that standard gives.
func questionOf(b []byte) question {
	q := question{service: uint32(binary.LittleEndian.Uint16(b[2:]))} // as a four byte node id
	b = b[4:]
	if b[0] == 0 {
		b = b[2:]
	} else {
		b = b[4:]
	}
	q.handle = binary.LittleEndian.Uint32(b[8:])
	q.hint = binary.LittleEndian.Uint32(b[20:])
	q.body = b[27:]
	return q
}

func u32(list ...uint32) (b []byte) {
	for _, v := range list {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

func f64(v float64) []byte { return binary.LittleEndian.AppendUint64(nil, math.Float64bits(v)) }

func millis(d time.Duration) uint32 {
	if d == 0 {
		d = time.Hour
	}
	return uint32(d / time.Millisecond)
}

const none = math.MaxUint32 // the length of a string or an array that is not there

// standard answers as a server does that has nothing but doubles.
func (s *scripted) standard(c *scriptedConn, q question) {
	switch q.service {
	case openRequest:
		c.busy <- struct{}{}
		c.key++
		key := c.key
		<-c.busy
		c.answer(q, 0, join(u32(0, 7, key), make([]byte, 8), u32(millis(s.token), none)))
	case createRequest:
		c.answer(q, 0, join([]byte{1, 1, 1, 0}, []byte{1, 1, 2, 0}, f64(float64(millis(s.session))),
			u32(32), make([]byte, 32), u32(none, none, none, none, none, 0)))
	case activateRequest:
		c.answer(q, 0, u32(none, none, none))
	case endRequest:
		c.answer(q, 0, nil)
	case readRequest:
		c.answer(q, 0, c.values(q))
	default:
		c.answer(q, 0x800B0000, nil)
	}
}

// values are doubles, as many as q asks for.
func (c *scriptedConn) values(q question) []byte {
	n := binary.LittleEndian.Uint32(q.body[12:])
	b := u32(n)
	for range n {
		b = append(append(b, 1, 11), f64(1.5)...)
	}
	return append(b, u32(none)...)
}

func join(list ...[]byte) (b []byte) {
	for _, part := range list {
		b = append(b, part...)
	}
	return b
}

// message is the answer to q, which is a ServiceFault when status is bad.
func message(q question, status uint32, body []byte) []byte {
	id := q.service + 3
	if status>>31 == 1 {
		id = 397
	}
	return join([]byte{1, 0, byte(id), byte(id >> 8)}, make([]byte, 8), u32(q.handle, status), []byte{0}, u32(none), make([]byte, 3), body)
}

// answer sends the answer to q in as many chunks as it takes.
func (c *scriptedConn) answer(q question, status uint32, body []byte) {
	kind := "MSG"
	if q.service == openRequest {
		kind = "OPN"
	}
	msg := message(q, status, body)
	c.busy <- struct{}{}
	defer func() { <-c.busy }()
	for room := int(or(c.s.sends, 8192)) - 100; len(msg) > room; msg = msg[room:] {
		if c.chunk(kind+"C", q.id, msg[:room]) != nil {
			return
		}
	}
	c.chunk(kind+"F", q.id, msg)
}

// chunk sends a part of a message.
func (c *scriptedConn) chunk(kind string, id uint32, body []byte) error {
	c.sequence++
	if kind[:3] == "OPN" {
		const policy = "http://opcfoundation.org/UA/SecurityPolicy#None"
		return c.write(kind, join(u32(7, uint32(len(policy))), []byte(policy), u32(none, none, c.sequence, id), body))
	}
	return c.write(kind, join(u32(7, c.key, c.sequence, id), body))
}

func (c *scriptedConn) write(kind string, body []byte) error {
	_, err := c.conn.Write(join([]byte(kind), u32(uint32(len(body)+8)), body))
	return err
}
