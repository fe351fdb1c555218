package modbus

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// dialSocket is dial with the transport of our own, without TLS.
func dialSocket(t *testing.T, r *responder, limit time.Duration) *line {
	t.Helper()
	link := newLink(LinkOptions{}, &socket{dial: func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", r.addr)
	}})
	if err := link.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { link.Close() })
	return on(t, link, limit, words(0)...)
}

func TestSocketWrongAnswer(t *testing.T) {
	for name, test := range wrongAnswers {
		t.Run(name, func(t *testing.T) {
			r := serve(t, first(test.answer))
			l := dialSocket(t, r, long)
			_, err := l.poll()
			if n, ok := errors.AsType[*drivers.NoAnswer](err); !ok || n.Quality != mapping.BadCommunicationError {
				t.Errorf("poll = %v, want BadCommunicationError", err)
			}
			l.wantRight()
			if n := r.conns.Load(); n != 2 {
				t.Errorf("%d connections, want a new one after a wrong answer", n)
			}
		})
	}
}

func TestSocketNoAnswer(t *testing.T) {
	l := dialSocket(t, serve(t, first(silence)), short)
	l.wantNoAnswer(mapping.BadTimeout, what+"no answer within 40ms")
	l.wantRight()
	l = dialSocket(t, serve(t, first(foreign)), short)
	l.wantNoAnswer(mapping.BadCommunicationError, what+"no answer that fits within 40ms: transaction 65437, want 1")
	l.wantRight()
	l = dialSocket(t, serve(t, first(func(q query) []byte {
		b := q.right()
		b[3] = 7
		return b
	})), short)
	l.wantNoAnswer(mapping.BadCommunicationError, what+"no answer that fits within 40ms: protocol 7")
	l.wantRight()
	l = dialSocket(t, serve(t, func(q query) action { return action{hangUp: true} }), long)
	if _, err := l.poll(); err == nil {
		t.Error("poll of a closed connection is no error")
	} else if _, silent := errors.AsType[*drivers.NoAnswer](err); silent {
		t.Errorf("poll of a closed connection = %v, want an error of the link", err)
	}
}

func TestSocketSkipsForeignAnswer(t *testing.T) {
	r := serve(t, first(func(q query) []byte { return append(foreign(q), q.right()...) }))
	l := dialSocket(t, r, long)
	l.wantRight()
	if n := r.count.Load(); n != 1 {
		t.Errorf("%d requests, want one", n)
	}
}

func TestSocketException(t *testing.T) {
	r := serve(t, first(func(q query) []byte {
		q.unit = gatewayUnit
		return q.exception(TargetFailedRespond)
	}))
	l := dialSocket(t, r, long)
	l.wantNoAnswer(mapping.BadNoCommunication, what+TargetFailedRespond.Error())
	l.wantRight()
	if n := r.conns.Load(); n != 1 {
		t.Errorf("%d connections, want the first kept", n)
	}
}

func TestSocketEndsWithContext(t *testing.T) {
	asked := make(chan struct{})
	l := dialSocket(t, serve(t, func(query) action { close(asked); return action{} }), long)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	var b mapping.Batch
	if _, err := l.link.Do(ctx, l.job, 0, &b); !errors.Is(err, context.Canceled) {
		t.Errorf("Do = %v, want canceled", err)
	}
}
