package opcua

import (
	"encoding/binary"
	"io"
	"math"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"tagbridge/drivers/opcua/session"
	"tagbridge/drivers/opcua/wire"
)

// script is a server that does what a test says, written from Parts 4 and 6, without security. Its nodes are numbers of
// any namespace: the value of ns=2;i=5 is 5.
type script struct {
	t       testing.TB
	ln      net.Listener
	message uint32 // the largest that it takes; 0: any
	// fault is asked before each request is answered; nil: there is none.
	fault func(q *request) verdict
	// value makes the DataValue of a node; nil, or a nil value: as said above.
	value func(n wire.NodeID) []byte
	now   func() time.Time // its clock

	mu         sync.Mutex
	opened     int // connections
	counts     map[uint32]int
	dates      []time.Time // of connections
	hints      map[uint32]uint32
	conns      []*scriptConn
	perPublish uint32 // changes of a notification of the last subscription
}

// request is a request.
type request struct {
	service uint32
	nodes   []uint32 // numbers of the nodes that are read or monitored
	at      int      // the how-manieth of its service, from 1
}

// has reports that node n is asked about.
func (q *request) has(n uint32) bool { return slices.Contains(q.nodes, n) }

// verdict is what becomes of a request.
type verdict struct {
	status wire.Status // it is refused with this
	hangUp bool
	silent bool
	delay  time.Duration
}

type scriptConn struct {
	s         *script
	conn      net.Conn
	mu        sync.Mutex
	sequence  uint32
	token     uint32
	publishes []publishRequest
	subs      uint32
	items     uint32
}

type publishRequest struct{ id, handle uint32 }

func newScript(t testing.TB) *script {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &script{t: t, ln: ln, now: time.Now, counts: map[uint32]int{}, hints: map[uint32]uint32{}}
	return s
}

// start serves until t ends.
func (s *script) start() *script {
	done := make(chan struct{})
	var serving sync.WaitGroup
	go func() {
		defer close(done)
		for {
			conn, err := s.ln.Accept()
			if err != nil {
				return
			}
			c := &scriptConn{s: s, conn: conn}
			s.mu.Lock()
			s.opened++
			s.dates = append(s.dates, time.Now())
			s.conns = append(s.conns, c)
			s.mu.Unlock()
			serving.Go(c.serve)
		}
	}()
	s.t.Cleanup(func() {
		s.ln.Close()
		<-done
		s.mu.Lock()
		for _, c := range s.conns {
			c.conn.Close()
		}
		s.mu.Unlock()
		serving.Wait()
	})
	return s
}

// link is one to s.
func (s *script) link(o LinkOptions) *Link {
	a := s.ln.Addr().String()
	timeout := o.Session.Timeout
	o.Session = session.Options{URL: "opc.tcp://" + a, Address: a, Timeout: timeout}
	l := NewLink(o)
	s.t.Cleanup(func() { l.Close() })
	return l
}

func (s *script) count(service uint32) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[service]
}

func (s *script) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened
}

// latest is the newest connection.
func (s *script) latest() *scriptConn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns[len(s.conns)-1]
}

func (c *scriptConn) serve() {
	defer c.conn.Close()
	var message []byte
	for header := make([]byte, 8); ; {
		if _, err := io.ReadFull(c.conn, header); err != nil {
			return
		}
		size := binary.LittleEndian.Uint32(header[4:])
		if size < 8 || size > 1<<20 {
			return
		}
		body := make([]byte, size-8)
		if _, err := io.ReadFull(c.conn, body); err != nil {
			return
		}
		r := wire.NewReader(body)
		r.Uint32()
		switch kind := string(header[:3]); kind {
		case "HEL":
			c.hello()
			continue
		case "OPN":
			_, _, _ = r.String(), r.Bytes(), r.Bytes()
		case "MSG":
			r.Uint32()
		default:
			return
		}
		r.Uint32()
		id := r.Uint32()
		message = append(message, r.Rest()...)
		if header[3] != 'F' {
			continue
		}
		if limit := c.s.message; limit > 0 && len(message) > int(limit) {
			return // a message that it has said it does not take
		}
		if !c.handle(string(header[:3]), id, message) {
			return
		}
		message = nil
	}
}

func (c *scriptConn) hello() {
	out := append([]byte("ACKF"), 0, 0, 0, 0)
	for _, v := range [...]uint32{0, 65535, 65535, c.s.message, 0} {
		out = le.AppendUint32(out, v)
	}
	le.PutUint32(out[4:], uint32(len(out)))
	c.conn.Write(out)
}

// handle answers one request; false: the connection is to be closed.
func (c *scriptConn) handle(kind string, id uint32, message []byte) bool {
	r := wire.NewReader(message)
	service := r.NodeID().Num
	r.NodeID()
	r.Uint64()
	handle := r.Uint32()
	r.Uint32()
	_ = r.String()
	hint := r.Uint32()
	r.NodeID()
	r.Uint8()
	rest := r.Rest()
	q := &request{service: service, nodes: nodesOf(service, rest)}
	c.s.mu.Lock()
	c.s.counts[service]++
	q.at = c.s.counts[service]
	c.s.hints[service] = hint
	c.s.mu.Unlock()
	var v verdict
	if c.s.fault != nil {
		v = c.s.fault(q)
	}
	time.Sleep(v.delay)
	switch {
	case v.hangUp:
		return false
	case v.silent:
		return true
	case v.status != wire.Good:
		c.answer(kind, id, service, handle, v.status, nil)
		return true
	case service == 826:
		c.mu.Lock()
		c.publishes = append(c.publishes, publishRequest{id, handle})
		c.mu.Unlock()
		return true
	}
	out, status := c.serviceOf(service, wire.NewReader(rest))
	c.answer(kind, id, service, handle, status, out)
	return true
}

// answer sends a response, in chunks.
func (c *scriptConn) answer(kind string, id, service, handle uint32, status wire.Status, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	number := service + 3
	if status.IsBad() {
		number = 397
	}
	msg := wire.AppendNodeID(nil, wire.Numeric(number))
	msg = wire.AppendTime(msg, time.Now())
	msg = le.AppendUint32(msg, handle)
	msg = le.AppendUint32(msg, uint32(status))
	msg = append(msg, 0)
	msg = le.AppendUint32(msg, math.MaxUint32)
	msg = append(append(msg, 0, 0, 0), body...)
	for first := true; first || len(msg) > 0; first = false {
		n := min(len(msg), 60000)
		part := msg[:n]
		msg = msg[n:]
		out := append([]byte(kind), 'F', 0, 0, 0, 0)
		if len(msg) > 0 {
			out[3] = 'C'
		}
		out = le.AppendUint32(out, 7)
		if kind == "OPN" {
			out = wire.AppendString(out, "http://opcfoundation.org/UA/SecurityPolicy#None")
			out = wire.AppendBytes(wire.AppendBytes(out, nil), nil)
		} else {
			out = le.AppendUint32(out, c.token)
		}
		c.sequence++
		out = le.AppendUint32(le.AppendUint32(out, c.sequence), id)
		out = append(out, part...)
		le.PutUint32(out[4:], uint32(len(out)))
		c.conn.Write(out)
	}
}
