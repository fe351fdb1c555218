package modbus

import (
	"encoding/binary"
	"io"
	"net"
	"sync/atomic"
	"testing"
)

// query is one request as a responder received it.
type query struct {
	request
	transaction uint16
	number      int // of all requests, from 1
	conn        int // of all connections, from 1
}

// frame is an answer to q with the given function, byte count and so on.
func (q query) frame(pdu ...byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, q.transaction)
	b = append(b, 0, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(1+len(pdu)))
	b = append(b, q.unit)
	return append(b, pdu...)
}

// exception is the answer e to q.
func (q query) exception(e Exception) []byte { return q.frame(q.function|0x80, byte(e)) }

// right is the answer with what units hold.
func (q query) right() []byte {
	raw := (&unit{}).answer(q.request)
	return q.frame(append([]byte{q.function, byte(len(raw))}, raw...)...)
}

// action is what a responder does with a query: it sends bytes, and hangs up.
type action struct {
	send   []byte
	cut    bool // into segments of one byte
	hangUp bool
	reset  bool // it hangs up without a goodbye
}

// responder is a Modbus TCP server that answers exactly as its test says.
type responder struct {
	addr   string
	closed chan struct{} // gets one for each connection that the other side closed
	count  atomic.Int64  // requests
	conns  atomic.Int64
}

func serve(t testing.TB, respond func(query) action) *responder {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := serveOn(listener, respond)
	t.Cleanup(func() { listener.Close() })
	return r
}

func serveOn(listener net.Listener, respond func(query) action) *responder {
	r := &responder{addr: listener.Addr().String(), closed: make(chan struct{}, 100)}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go r.talk(conn, int(r.conns.Add(1)), respond)
		}
	}()
	return r
}

func (r *responder) talk(conn net.Conn, number int, respond func(query) action) {
	defer conn.Close()
	for {
		q, err := readQuery(conn)
		if err != nil {
			r.closed <- struct{}{}
			return
		}
		q.number, q.conn = int(r.count.Add(1)), number
		a := respond(q)
		for size := len(a.send); len(a.send) > 0; a.send = a.send[size:] {
			if a.cut {
				size = 1
			}
			conn.Write(a.send[:size])
		}
		if a.reset {
			conn.(*net.TCPConn).SetLinger(0)
		}
		if a.hangUp || a.reset {
			return
		}
	}
}

func readQuery(conn io.Reader) (query, error) {
	var b [12]byte
	if _, err := io.ReadFull(conn, b[:]); err != nil {
		return query{}, err
	}
	return query{
		transaction: binary.BigEndian.Uint16(b[0:]),
		request: request{
			unit:     b[6],
			function: b[7],
			address:  binary.BigEndian.Uint16(b[8:]),
			count:    binary.BigEndian.Uint16(b[10:]),
		},
	}, nil
}

// always answers as respond says.
func always(respond func(query) []byte) func(query) action {
	return func(q query) action { return action{send: respond(q)} }
}

// first answers the first request as respond says, and all others right.
func first(respond func(query) []byte) func(query) action {
	return func(q query) action {
		if q.number == 1 {
			return action{send: respond(q)}
		}
		return action{send: q.right()}
	}
}
