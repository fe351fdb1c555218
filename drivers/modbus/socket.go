package modbus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// socket is the transport of Modbus TCP, in the clear, in TLS, or in UDP datagrams. Requests are numbered, so that after
// one that was not answered the connection is kept: what comes late, twice or from elsewhere is known by its number, and
// costs nothing.
type socket struct {
	dial    func(ctx context.Context) (net.Conn, error)
	packet  bool // a frame is a datagram
	numbers *Transactions

	conn     net.Conn              // nil: to be opened by the next exchange
	deadline func(time.Time) error // conn's
	guard    guard
	alive    time.Time // when the connection was opened, or what was last answered was asked
	heard    bool      // something was answered over it
	pending  bool      // something was asked since it was last answered
	out      [12]byte
	in       inbox
	late     [8]asked // the last requests that were not answered
	lates    int      // of all
}

// asked is a request that was not answered in its time.
type asked struct {
	transaction uint16
	at          time.Time
}

// How long a connection may be without an answer before it is opened anew, at the end of the next request's time. One
// that never had any is given longer: there are gateways that pass over what comes soon after connecting.
const (
	muteLimit  = 5 * time.Second
	newLimit   = 10 * time.Second
	leastTries = 2 // of the time limit of a request
)

func newSocket(o LinkOptions) *socket {
	d := newDialer(o)
	dial := func(ctx context.Context) (net.Conn, error) {
		conn, err := d.dial(ctx)
		if err != nil {
			return nil, err
		}
		return newSwapConn(conn, d.isPacket()), nil
	}
	return &socket{dial: resting(o.AfterConnect, dial), packet: d.isPacket(), numbers: o.Transactions}
}

func (s *socket) open(ctx context.Context) error {
	s.close()
	conn, err := s.dial(ctx)
	if err != nil {
		return err
	}
	s.conn, s.deadline, s.alive, s.heard, s.pending = conn, conn.SetDeadline, time.Now(), false, false
	s.in.empty()
	return nil
}

func (s *socket) close() error {
	if s.conn == nil {
		return nil
	}
	conn := s.conn
	s.conn = nil
	s.guard.clear()
	if s.pending {
		abandon(conn)
	}
	return conn.Close()
}

func (s *socket) exchange(ctx context.Context, r request, w wait) ([]byte, error) {
	if s.conn == nil {
		if err := s.open(ctx); err != nil {
			return nil, err
		}
	}
	s.guard.leave(ctx)
	now := time.Now()
	if err := s.conn.SetDeadline(now.Add(w.limit)); err != nil {
		s.close()
		return nil, err
	}
	s.guard.watch(ctx, s.deadline)
	q := question{request: r, transaction: s.numbers.next(), accept: w.accept}
	a, err := s.talk(ctx, &q)
	if ctx.Err() != nil {
		s.guard.clear()
	}
	switch {
	case err == nil:
		s.alive, s.heard, s.pending = now, true, false
		if _, refused := errors.AsType[Exception](a.err); a.err != nil && !refused {
			return nil, wrong(a.err)
		}
		return a.data, a.err
	case ctx.Err() != nil:
		s.close()
		return nil, ctx.Err()
	case err == errNoise: // it is ours, and never wrapped
		noise, _ := errors.AsType[*drivers.NoAnswer](s.instead(&q, w.limit, time.Now()))
		noise.Broken = true // no later request would fare better on this connection
		s.close()
		return nil, noise
	case !errors.Is(err, os.ErrDeadlineExceeded) || s.conn == nil:
		s.close()
		return nil, err
	}
	return nil, s.missed(&q, w.limit, now)
}

// mostNoise is how many bytes that make no frame may come instead of an answer: after more, nothing that follows on the
// connection is waited for.
const mostNoise = 2048

var errNoise = errors.New("bytes that make no frame")

// talk sends q and reads until it is answered.
func (s *socket) talk(ctx context.Context, q *question) (answer, error) {
	if err := ctx.Err(); err != nil {
		return answer{}, err
	}
	s.in.begin()
	s.pending = true
	n, err := s.send(appendRequest(s.out[:0], q.transaction, q.request))
	for {
		s.in.n += n
		if n > 0 {
			if a, ok := s.in.take(q); ok {
				return a, nil
			}
		}
		if err != nil {
			return answer{}, err
		}
		if s.in.strange.noisy > mostNoise {
			return answer{}, errNoise
		}
		n, err = s.conn.Read(s.in.space(s.packet))
	}
}

// send sends b. What has come by the time that it returns is in the inbox, n bytes of it: the first part of the answer
// where the connection can wait for that in the same breath.
func (s *socket) send(b []byte) (n int, err error) {
	sent := 0
	if c, ok := s.conn.(*swapConn); ok {
		if sent, n, err = c.swap(b, s.in.space(s.packet)); sent == len(b) {
			return n, err
		}
	}
	if err == nil {
		_, err = s.conn.Write(b[sent:])
	}
	if err != nil {
		s.close() // some of it may have been sent
	}
	return 0, err
}

// missed is what to say when q, asked at the given time, was not answered within limit.
func (s *socket) missed(q *question, limit time.Duration, at time.Time) error {
	now := time.Now()
	err := s.instead(q, limit, now)
	s.late[s.lates%len(s.late)] = asked{q.transaction, at}
	s.lates++
	patience := muteLimit
	if !s.heard {
		patience = newLimit
	}
	if now.Sub(s.alive) >= max(patience, leastTries*limit) {
		s.close()
	}
	return err
}

// instead says what came instead of an answer to q.
func (s *socket) instead(q *question, limit time.Duration, now time.Time) error {
	got := &s.in.strange
	late := s.askedAs(got.transaction)
	switch {
	case got.promised > 0:
		return wrong(fmt.Errorf("no whole answer within %v: its header promises %d bytes, %d came", limit, got.promised, got.came))
	case got.others > 0 && late.IsZero():
		return wrong(fmt.Errorf("no answer that fits within %v: transaction %d, want %d: "+
			"the device or gateway does not answer with the number of the request", limit, got.transaction, q.transaction))
	case got.noisy > 0 || got.others == 0 && s.in.rest() > 0:
		got.noise(s.in.b[s.in.done:s.in.n])
		return wrong(fmt.Errorf("no answer within %v, but bytes that make no frame: %v", limit, got))
	case got.others > 0:
		return silence(fmt.Errorf("no answer within %v; one to transaction %d came, which was asked %v ago, want %d: set a longer timeout, "+
			"unless the device numbers its answers wrongly", limit, got.transaction, now.Sub(late).Round(time.Millisecond), q.transaction))
	}
	return silence(fmt.Errorf("no answer within %v", limit))
}

// askedAs is when what bears the given number was asked, if it is one of the last that were not answered.
func (s *socket) askedAs(transaction uint16) time.Time {
	for i := range s.late {
		if s.late[i].transaction == transaction {
			return s.late[i].at
		}
	}
	return time.Time{}
}

func silence(err error) error { return &drivers.NoAnswer{Quality: mapping.BadTimeout, Err: err} }

func wrong(err error) error {
	return &drivers.NoAnswer{Quality: mapping.BadCommunicationError, Err: err}
}
