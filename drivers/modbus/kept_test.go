package modbus

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/drivers"
)

// scriptedConn is a connection whose answers come, or not, as its test says. It waits for nothing but time.
type scriptedConn struct {
	net.Conn // nil: the rest is not used
	respond  func(q query) []byte
	opened   time.Time
	coming   []byte
	deadline time.Time
}

func (c *scriptedConn) Close() error                  { return nil }
func (c *scriptedConn) SetDeadline(t time.Time) error { c.deadline = t; return nil }

func (c *scriptedConn) Write(b []byte) (int, error) {
	q := query{request: request{unit: b[6], function: b[7], address: uint16(b[8])<<8 | uint16(b[9]), count: uint16(b[10])<<8 | uint16(b[11])}}
	q.transaction = uint16(b[0])<<8 | uint16(b[1])
	c.coming = append(c.coming, c.respond(q)...)
	return len(b), nil
}

func (c *scriptedConn) Read(b []byte) (int, error) {
	if len(c.coming) == 0 {
		time.Sleep(time.Until(c.deadline))
		return 0, os.ErrDeadlineExceeded
	}
	n := copy(b, c.coming)
	c.coming = c.coming[n:]
	return n, nil
}

// scripted is a socket whose connections answer as respond says.
type scripted struct {
	*socket
	conns []*scriptedConn
}

func newScripted(respond func(c *scriptedConn, q query) []byte) *scripted {
	s := &scripted{socket: &socket{numbers: new(Transactions)}}
	s.dial = func(context.Context) (net.Conn, error) {
		c := &scriptedConn{opened: time.Now()}
		c.respond = func(q query) []byte { return respond(c, q) }
		s.conns = append(s.conns, c)
		return c, nil
	}
	return s
}

// ask makes one exchange with the given limit, and reports whether it was answered. What is no answer must be told as
// the unit's silence, not as the end of the connection.
func (s *scripted) ask(t *testing.T, limit time.Duration) bool {
	t.Helper()
	_, err := s.exchange(t.Context(), request{unit: 1, function: readHolding, count: 1}, wait{limit: limit})
	if _, silent := errors.AsType[*drivers.NoAnswer](err); err != nil && !silent {
		t.Fatalf("exchange = %v, want an answer or silence", err)
	}
	return err == nil
}

// There are gateways that pass over what comes within seconds of connecting, whatever the timeout.
func TestGatewayThatIsDeafAfterConnecting(t *testing.T) {
	for _, limit := range []time.Duration{300 * time.Millisecond, time.Second, 15 * time.Second} {
		for _, deaf := range []time.Duration{1500 * time.Millisecond, 2 * time.Second, 5 * time.Second, 8 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				s := newScripted(func(c *scriptedConn, q query) []byte {
					if time.Since(c.opened) < deaf {
						return nil
					}
					return q.right()
				})
				begun := time.Now()
				for !s.ask(t, limit) {
					if time.Since(begun) > deaf+limit {
						t.Fatalf("limit %v, deaf for %v: no answer after %v", limit, deaf, time.Since(begun))
					}
				}
				if len(s.conns) != 1 {
					t.Errorf("limit %v, deaf for %v: %d connections, want one", limit, deaf, len(s.conns))
				}
			})
		}
	}
}

// A connection may be dead without a sign of it: it is opened anew, but not over and over.
func TestDeadConnectionIsReplaced(t *testing.T) {
	t.Run("under way", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			dead := false
			s := newScripted(func(_ *scriptedConn, q query) []byte {
				if dead {
					return nil
				}
				return q.right()
			})
			s.ask(t, time.Second)
			dead = true
			begun := time.Now()
			for time.Since(begun) < time.Minute {
				s.ask(t, time.Second)
			}
			if n := len(s.conns); n < 2 || n > 8 {
				t.Errorf("%d connections in a minute of silence, want one each ten seconds or so", n)
			}
		})
	})
	t.Run("idle", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newScripted(func(c *scriptedConn, q query) []byte {
				if time.Since(c.opened) > 30*time.Second {
					return nil
				}
				return q.right()
			})
			for range 10 {
				for tries := 1; !s.ask(t, time.Second); tries++ {
					if tries == 2 {
						t.Fatal("a dead connection costs more than one request")
					}
				}
				time.Sleep(time.Minute)
			}
		})
	})
}

// What comes unasked costs nothing but itself, before the first request, between answers and within a wait.
func TestStrayBytes(t *testing.T) {
	for name, stray := range map[string]string{
		"registration": "www.usr.cn", "byte": "\xFF", "zeros": "\x00\x00\x00\x00", "many zeros": string(make([]byte, 700)),
		"text": "+++ATH\r\n", "half a header": "\xAA\x55\x00\x00\x00\x05", "frame of nobody": "\xAA\x55\x00\x00\x00\x05\x01\x03\x02\x00\x07",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				s := newScripted(func(_ *scriptedConn, q query) []byte {
					if n++; n == 5 {
						return append(q.right(), stray...) // to be read before the next answer
					}
					return append([]byte(stray), q.right()...)
				})
				for range 10 {
					if !s.ask(t, time.Second) {
						t.Error("not answered")
					}
				}
				if len(s.conns) != 1 {
					t.Errorf("%d connections, want one", len(s.conns))
				}
			})
		})
	}
}

func TestPauseAfterConnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScripted(func(c *scriptedConn, q query) []byte {
			if d := time.Since(c.opened); d < 2*time.Second {
				t.Errorf("asked %v after connecting", d)
			}
			return q.right()
		})
		s.dial = resting(2*time.Second, s.dial)
		if !s.ask(t, time.Second) {
			t.Error("not answered")
		}
		s.close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.open(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("open = %v, want the end of its context", err)
		}
	})
}

func TestAcceptUnit(t *testing.T) {
	for _, test := range []struct {
		accept   Accept
		answers  uint8
		accepted bool
	}{
		{Accept{}, 1, true}, {Accept{}, 2, false}, {Accept{}, 0, false},
		{Accept{Any: true}, 2, true}, {Accept{Any: true}, 0, true},
		{Accept{Only: true, Unit: 2}, 2, true}, {Accept{Only: true, Unit: 2}, 1, true}, {Accept{Only: true, Unit: 2}, 3, false},
		{Accept{Only: true}, 0, true}, {Accept{Only: true}, 2, false},
	} {
		for _, refuse := range []bool{false, true} {
			s := newScripted(func(_ *scriptedConn, q query) []byte {
				q.unit = test.answers
				if refuse {
					return q.exception(IllegalDataAddress)
				}
				return q.right()
			})
			_, err := s.exchange(t.Context(), request{unit: 1, function: readHolding, count: 1}, wait{limit: time.Second, accept: test.accept})
			_, refused := errors.AsType[Exception](err)
			if accepted := err == nil || refused; accepted != test.accepted || accepted && refused != refuse {
				t.Errorf("%+v, answer of unit %d to unit 1: %v, want accepted %v", test.accept, test.answers, err, test.accepted)
			}
		}
	}
}

// A number is not used again as long as there are others, and 0 never.
func TestTransactions(t *testing.T) {
	if n := NewTransactions().next(); n == 0 || n > firstTransactions {
		t.Errorf("the first number is %d, want a small one", n)
	}
	numbers := new(Transactions)
	seen := make([]bool, numTransactions+1)
	for range numTransactions {
		n := numbers.next()
		if n == 0 || seen[n] {
			t.Fatalf("number %d comes again, or is none", n)
		}
		seen[n] = true
	}
	if n := numbers.next(); n != 1 {
		t.Errorf("after all numbers comes %d, want 1", n)
	}
}

// A request that cannot be sent whole must not be gone on with in the middle.
func TestWriteThatIsCutEndsTheConnection(t *testing.T) {
	s := newScripted(nil)
	s.dial = func(context.Context) (net.Conn, error) { return cutConn{}, nil }
	_, err := s.exchange(t.Context(), request{unit: 1, function: readHolding, count: 1}, wait{limit: time.Second})
	if _, silent := errors.AsType[*drivers.NoAnswer](err); err == nil || silent || s.conn != nil {
		t.Errorf("exchange = %v, want an error of the link and the connection closed", err)
	}
}

// cutConn takes a part of what is written before its time is over.
type cutConn struct{ net.Conn }

func (cutConn) Close() error                { return nil }
func (cutConn) SetDeadline(time.Time) error { return nil }
func (cutConn) Write([]byte) (int, error)   { return 5, os.ErrDeadlineExceeded }
func (cutConn) Read([]byte) (int, error)    { return 0, io.EOF }
