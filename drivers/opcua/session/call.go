package session

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/wire"
)

// Call sends q and returns its answer, after the header. It is valid until the next use of the session.
func (s *Session) Call(ctx context.Context, q wire.Request) (*wire.Reader, error) {
	id, err := s.Send(ctx, q)
	if err != nil {
		return nil, err
	}
	return s.Await(ctx, id, q)
}

// Send sends q and returns the number under which Await or Next finds its answer. An error that is a wire.Status is
// q's alone: q is larger than the server takes, and was not sent. After any other the connection is of no more use.
func (s *Session) Send(ctx context.Context, q wire.Request) (uint32, error) {
	if err := s.renew(ctx); err != nil {
		return 0, err
	}
	return s.send("MSG", q)
}

func (s *Session) send(kind string, q wire.Request) (uint32, error) {
	token := s.token
	if kind == "OPN" {
		token = wire.NodeID{} // a channel knows no sessions
	}
	id, err := s.ch.pack(kind, token, q)
	if err != nil {
		return 0, err
	}
	if err := s.write(s.ch.out); err != nil {
		return 0, err
	}
	s.sent = s.o.now()
	return id, nil
}

// stall is how long a server may leave a message in our hands before it is listened to.
const stall = 250 * time.Millisecond

// write writes b. A server that does one thing after the other takes nothing while it waits for us to take an answer,
// so answers are taken meanwhile.
func (s *Session) write(b []byte) error {
	limit := time.Now().Add(s.o.patience())
	for {
		s.ch.conn.SetWriteDeadline(earlier(limit, time.Now().Add(stall)))
		n, err := s.ch.conn.Write(b)
		b = b[n:]
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return lost(err)
		case !time.Now().Before(limit):
			return fmt.Errorf("the server has taken nothing for %v: %w", s.o.patience(), err)
		}
		id, msg, err := s.receive(context.Background(), time.Now().Add(stall))
		if errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		if err != nil {
			return err
		}
		s.keep(id, msg)
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// ErrTimeout is the error of a request that was not answered in time. Its answer is dropped should it still come.
var ErrTimeout = errors.New("no answer in time")

// Await waits for the answer to request id, which is q, for as long as requests may take. A service that failed is a
// wire.Status: also when the server gave the answer up half-way, and when the answer is larger than we take.
func (s *Session) Await(ctx context.Context, id uint32, q wire.Request) (*wire.Reader, error) {
	msg, err := s.await(ctx, id)
	if err != nil {
		return nil, err
	}
	r := wire.NewReader(msg)
	return r, r.Answer(q)
}

func (s *Session) await(ctx context.Context, id uint32) ([]byte, error) {
	defer s.Forget(id)
	if i := slices.IndexFunc(s.stash, func(a arrival) bool { return a.id == id }); i >= 0 {
		return s.unstash(i), nil
	}
	p := s.expect(time.Now().Add(s.o.patience()))
	for {
		got, msg, err := s.receive(ctx, p.until)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && p.extend():
			continue
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, overdue(ctx, p.began)
		case err != nil:
			return nil, err
		case got == id:
			return msg, nil
		}
		s.keep(got, msg)
	}
}

// overdue is the error of an answer that did not come: the end of ctx, or ErrTimeout.
func overdue(ctx context.Context, began time.Time) error {
	if err := ended(ctx); err != nil {
		return err
	}
	return fmt.Errorf("%w: none came for %v", ErrTimeout, time.Since(began).Round(100*time.Millisecond))
}

// ended is ctx's error, also in the moment between its deadline and its end.
func ended(ctx context.Context) error {
	if d, ok := ctx.Deadline(); ok && !time.Now().Before(d) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

// wait is how long something is waited for: longer while answers come, or parts of them, but not for ever.
type wait struct {
	s                  *Session
	began, until, most time.Time
	moved              time.Time
}

// stretch is by how many times the patience of the session a wait can become longer.
const stretch = 2

func (s *Session) expect(until time.Time) wait {
	return wait{s: s, began: time.Now(), until: until, most: until.Add(stretch * s.o.patience()), moved: s.ch.moved}
}

// extend is called when a wait is over, and reports that it goes on.
func (w *wait) extend() bool {
	if w.moved == w.s.ch.moved {
		return false
	}
	w.moved = w.s.ch.moved
	w.until = earlier(w.most, w.moved.Add(w.s.o.patience()))
	return time.Now().Before(w.until)
}

// Forget drops the answer to request id, should it come.
func (s *Session) Forget(id uint32) {
	s.ch.forget(id)
	if i := slices.IndexFunc(s.stash, func(a arrival) bool { return a.id == id }); i >= 0 {
		s.unstash(i)
	}
}

// keep keeps an answer that is not the one waited for. One for which there is no room is an answer too large.
func (s *Session) keep(id uint32, msg []byte) {
	if msg == nil {
		return
	}
	if s.ch.gathered+s.held+len(msg) > maxHeld {
		msg = excess("answers of more than %d bytes at the same time", maxHeld)
	} else {
		msg = slices.Clone(msg)
	}
	s.stash = append(s.stash, arrival{id, msg})
	s.held += len(msg)
}

func (s *Session) unstash(i int) []byte {
	msg := s.stash[i].msg
	s.held -= len(msg)
	s.stash = slices.Delete(s.stash, i, i+1)
	return msg
}

// receive is the next answer, until then or until ctx ends. The id of what the session has asked for itself is 0.
func (s *Session) receive(ctx context.Context, until time.Time) (uint32, []byte, error) {
	if d, ok := ctx.Deadline(); ok {
		until = earlier(until, d)
	}
	s.ch.conn.SetReadDeadline(until)
	release := drivers.Interrupt(ctx, s.ch.conn.SetReadDeadline)
	defer release()
	if err := ctx.Err(); err != nil {
		return 0, nil, err
	}
	id, msg, err := s.ch.receive()
	if err != nil {
		return 0, nil, lost(err)
	}
	if s.renewal != nil && id == s.renewal.id {
		return 0, nil, s.renewed(msg)
	}
	return id, msg, nil
}

// Next is the next answer to any of the requests that yield knows, until then: it is called with the number and the
// answer, in the order in which answers came, and returns true to have it. An answer that it does not have is kept for
// Await. ErrTimeout: none came. An answer that the server gave up, or that is too large, is one whose service failed.
// Any error that is not ErrTimeout or that of ctx is the end of the connection.
func (s *Session) Next(ctx context.Context, until time.Time, yield func(id uint32, msg []byte) bool) error {
	for i, a := range s.stash {
		if yield(a.id, a.msg) {
			s.unstash(i)
			return nil
		}
	}
	p := s.expect(until)
	for {
		due, err := s.upkeep(ctx)
		if err != nil {
			return err
		}
		id, msg, err := s.receive(ctx, earlier(p.until, due))
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && ended(ctx) == nil && (time.Now().Before(p.until) || p.extend()):
			continue
		case errors.Is(err, os.ErrDeadlineExceeded):
			return overdue(ctx, p.began)
		case err != nil:
			return err
		case msg != nil && yield(id, msg):
			return nil
		}
		s.keep(id, msg)
	}
}

// Close ends the session and the connection; the server is told if it listens.
func (s *Session) Close() error {
	if !s.token.IsNull() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Call(ctx, wire.CloseSession{})
	}
	err := s.ch.close()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Abandon closes the connection without a word to the server.
func (s *Session) Abandon() error { return s.ch.conn.Close() }
