package modbus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"tagbridge/drivers"
)

// stream is what a line is made of: a serial port, or a socket.
type stream interface {
	io.ReadWriteCloser
	SetDeadline(time.Time) error
	SetReadDeadline(time.Time) error
	// poll reads what is there or comes within wait, which is a short one: 0 and no error when that is nothing.
	poll(b []byte, wait time.Duration) (int, error)
}

// bus is a transport of frames that bear no number: RTU and ASCII, on a serial port or a socket. One request is in
// flight at a time, also after one was given up: see debts.
type bus struct {
	framing framing
	pace    pace
	echo    bool // the adapter hears itself
	learns  bool // how long units take
	socket  bool // the stream may be dead without a sign of it
	dial    func(ctx context.Context) (stream, error)

	conn  stream    // nil: to be opened by the next exchange
	in    []byte    // heard and not yet understood
	out   []byte    // the request
	data  []byte    // of the answer
	clear time.Time // when the line will have been silent for long enough
	debts debts
	// lateness is how long after a request its answer may still come: long at first, shorter with each time that none
	// came, longer again when one did.
	lateness time.Duration
	silent   int  // exchanges in a row without a byte
	pending  bool // the last request was not answered
	self     bool // the request itself was heard
	turns    [256]turnaround
	good     [256]request // the last of each unit that was answered
}

const (
	heardSize = 1024
	// split is how long a frame may stop on its way through adapters and gateways, beyond t3.5.
	split = 50 * time.Millisecond
	// babble is how long to wait for a line to be silent.
	babble = 2 * time.Second
	// hopeless is after how many exchanges without a byte a socket is taken for dead.
	hopeless = 5
)

func newBus(f framing, p pace, dial func(ctx context.Context) (stream, error)) *bus {
	return &bus{framing: f, pace: p, dial: dial, in: make([]byte, 0, heardSize)}
}

func (l *bus) open(ctx context.Context) error {
	if err := l.close(); err != nil {
		return err
	}
	conn, err := l.dial(ctx)
	if err != nil {
		return err
	}
	l.conn, l.silent, l.pending = conn, 0, false
	l.clear = time.Now().Add(l.pace.t35)
	return nil
}

func (l *bus) close() error {
	if l.conn == nil {
		return nil
	}
	conn := l.conn
	l.conn = nil
	if l.pending {
		abandon(conn)
	}
	return conn.Close()
}

func (l *bus) exchange(ctx context.Context, r request, w wait) ([]byte, error) {
	if l.conn == nil {
		if err := l.open(ctx); err != nil {
			return nil, err
		}
	}
	conn := l.conn
	release := drivers.Interrupt(ctx, conn.SetDeadline)
	defer release()
	err := l.awaitOverdue(ctx, r, w.limit)
	var raw []byte
	if err == nil {
		raw, err = l.sure(ctx, r, w)
	}
	if err == nil || isAnswer(err) {
		return raw, err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, l.broken(err)
}

// isAnswer reports errors after which the line can be used.
func isAnswer(err error) bool {
	_, refused := errors.AsType[Exception](err)
	_, silent := errors.AsType[*drivers.NoAnswer](err)
	return refused || silent
}

func (l *bus) broken(err error) error {
	l.close()
	return err
}

// ask sends r when the line is silent and waits for its answer.
func (l *bus) ask(ctx context.Context, r request, w wait) ([]byte, error) {
	if err := l.hush(ctx); err != nil {
		return nil, err
	}
	l.out = l.framing.appendRequest(l.out[:0], r)
	if err := l.write(ctx, w.limit); err != nil {
		return nil, err
	}
	turn := &l.turns[r.unit]
	limit := w.limit
	if l.learns && !w.last {
		limit = turn.limit(w.limit)
	}
	l.in, l.self = l.in[:0], false
	l.pending = true
	sent := time.Now()
	h := hearing{request: r, sent: sent, limit: limit, end: sent.Add(l.pace.chars(l.framing.requestChars()))}
	a, err := l.hear(ctx, &h)
	l.clear = time.Now().Add(l.pace.t35)
	if len(l.in) > a.end {
		l.clear = l.clear.Add(split) // more is coming that nobody asked for
	}
	l.data = append(l.data[:0], a.data...)
	if err != nil {
		l.debts.add(r, sent, h.heard >= l.framing.answerChars(r)-1)
		turn.missed()
		return nil, err
	}
	l.pending = false
	turn.answered(max(0, h.first.Sub(h.end)))
	if a.err != nil {
		l.debts.refused(r, sent)
	} else {
		l.debts.paid(r)
		l.good[r.unit] = r
	}
	l.silent = 0
	l.trail(ctx)
	return l.data, a.err
}

// trail waits for the silence after an answer: what comes then belongs to nobody, and the line was in use until its end.
func (l *bus) trail(ctx context.Context) {
	l.in = l.in[:0]
	for end := time.Now().Add(babble); time.Now().Before(l.clear) && l.clear.Before(end); {
		var n int
		var err error
		if rest := time.Until(l.clear); rest <= shortWait {
			n, err = l.poll(rest)
		} else {
			n, err = l.read(ctx, l.clear)
		}
		if err != nil {
			return // the next exchange will see
		}
		if n > 0 {
			l.clear = time.Now().Add(l.pace.t35 + split/5)
		}
	}
	l.late(request{})
}

func (l *bus) write(ctx context.Context, bound time.Duration) error {
	if err := l.conn.SetDeadline(time.Now().Add(bound)); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := l.conn.Write(l.out)
	return err
}

// hush waits until the line has been silent for t3.5, and passes over what comes meanwhile.
func (l *bus) hush(ctx context.Context) error {
	l.in = l.in[:0]
	for end := time.Now().Add(babble); ; {
		n, err := l.poll(0)
		if err != nil {
			return err
		}
		now := time.Now()
		switch {
		case n > 0:
			l.clear = now.Add(l.pace.t35 + split/5)
		case !now.Before(l.clear):
			l.late(request{})
			return nil
		case now.After(end):
			return wrong(errors.New("the line is never silent: is another client on it?"))
		}
		if n, err = l.read(ctx, l.clear); err != nil {
			return err
		} else if n > 0 {
			l.clear = time.Now().Add(l.pace.t35 + split/5)
		}
	}
}

// shortWait is the longest that is waited exactly, and not broken off.
const shortWait = 5 * time.Millisecond

// poll takes what has come, or comes within wait.
func (l *bus) poll(wait time.Duration) (int, error) {
	n, err := l.conn.poll(l.space(), wait)
	l.in = l.in[:len(l.in)+n]
	return n, err
}

// read waits for more until the given time; 0 when nothing came.
func (l *bus) read(ctx context.Context, until time.Time) (int, error) {
	if err := l.conn.SetReadDeadline(until); err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n, err := l.conn.Read(l.space())
	l.in = l.in[:len(l.in)+n]
	switch {
	case n > 0 || errors.Is(err, os.ErrDeadlineExceeded):
		return n, ctx.Err()
	case err == nil:
		err = io.ErrNoProgress
	}
	return 0, err
}

// space is room for what comes. Of what was not understood the last half is kept: it is longer than any frame.
func (l *bus) space() []byte {
	if len(l.in) == cap(l.in) {
		l.in = l.in[:copy(l.in, l.in[len(l.in)-heardSize/2-64:])]
	}
	return l.in[len(l.in):cap(l.in)]
}

// own takes the request itself out of what was heard, once.
func (l *bus) own() {
	if l.self {
		return
	}
	if i := bytes.Index(l.in, l.out); i >= 0 {
		l.self = true
		l.in = append(l.in[:0], l.in[i+len(l.out):]...)
	}
}

// shown is what was heard, for people.
func shown(b []byte) string {
	const most = 24
	if len(b) > most {
		return fmt.Sprintf("% x… (%d bytes)", b[:most], len(b))
	}
	return fmt.Sprintf("% x", b)
}
