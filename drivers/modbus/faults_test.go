package modbus

import (
	"encoding/binary"
	"errors"
	"testing"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

const what = "read unit 1, function 3, holding 0: "

func silence(query) []byte { return nil }

func TestSilence(t *testing.T) {
	l := dial(t, serve(t, first(silence)), short)
	l.wantNoAnswer(mapping.BadTimeout, what+"no answer within 40ms")
	l.wantRight()
}

// A late answer must not become that of the next request, which asks for something else.
func TestLateAnswer(t *testing.T) {
	next := make(chan struct{})
	r := serve(t, func(q query) action {
		if q.number == 1 {
			<-next
		} else {
			close(next)
		}
		return action{send: q.right()}
	})
	l := dial(t, r, short)
	l.wantNoAnswer(mapping.BadTimeout, what+"no answer within 40ms")
	l = on(t, l.link, long, words(7)...)
	l.wantRight()
}

func TestWrongTransaction(t *testing.T) {
	l := dial(t, serve(t, first(func(q query) []byte {
		q.transaction++
		return q.right()
	})), short)
	l.wantNoAnswer(mapping.BadCommunicationError, what+"no answer that fits within 40ms: "+
		"received unexpected transaction id (expected 0x0001, received 0x0002)")
	l.wantRight()
}

func TestWrongProtocol(t *testing.T) {
	l := dial(t, serve(t, first(func(q query) []byte {
		b := q.right()
		b[3] = 7
		return b
	})), short)
	l.wantNoAnswer(mapping.BadCommunicationError, what+"no answer that fits within 40ms: "+
		"received unexpected protocol id 0x0007")
	l.wantRight()
}

// wrongAnswers are answers that cannot be right and can be told at once.
var wrongAnswers = map[string]struct {
	answer func(query) []byte
	text   string
}{
	"another unit":            {func(q query) []byte { q.unit = 9; return q.right() }, "from another unit"},
	"exception of another":    {func(q query) []byte { q.unit = 9; return q.exception(2) }, "from another unit"},
	"another function":        {func(q query) []byte { q.function = 4; return q.right() }, "unexpected response code (4)"},
	"exception of another fn": {func(q query) []byte { q.function = 4; return q.exception(2) }, "unexpected response code (132)"},
	"byte count too small":    {func(q query) []byte { return q.frame(3, 1, 0, 7) }, "its length or byte count does not fit"},
	"byte count too large":    {func(q query) []byte { return q.frame(3, 4, 0, 7) }, "its length or byte count does not fit"},
	"byte count zero":         {func(q query) []byte { return q.frame(3, 0) }, "its length or byte count does not fit"},
	"no byte count":           {func(q query) []byte { return q.frame(3) }, "its length or byte count does not fit"},
	"one register too many":   {func(q query) []byte { return q.frame(3, 4, 0, 7, 0, 8) }, "its length or byte count does not fit"},
	"half a register more":    {func(q query) []byte { return q.frame(3, 2, 0, 7, 8) }, "its length or byte count does not fit"},
	"long exception":          {func(q query) []byte { return q.frame(0x83, 2, 2) }, "its length or byte count does not fit"},
	"short exception":         {func(q query) []byte { return q.frame(0x83) }, "its length or byte count does not fit"},
	"no function":             {func(q query) []byte { return q.frame() }, "its length or byte count does not fit"},
	"length zero":             {func(q query) []byte { return withLength(q.right(), 0) }, "its length or byte count does not fit"},
	"length huge":             {func(q query) []byte { return withLength(q.right(), 65535) }, "its length or byte count does not fit"},
	"length of one too many":  {func(q query) []byte { return withLength(append(q.right(), 1), 6) }, "its length or byte count does not fit"},
}

// withLength gives a frame another length field.
func withLength(frame []byte, length uint16) []byte {
	binary.BigEndian.PutUint16(frame[4:], length)
	return frame
}

func TestWrongAnswer(t *testing.T) {
	for name, test := range wrongAnswers {
		t.Run(name, func(t *testing.T) {
			r := serve(t, first(test.answer))
			l := dial(t, r, long)
			l.wantNoAnswer(mapping.BadCommunicationError, what+"wrong answer: "+test.text)
			l.wantRight()
			if n := r.conns.Load(); n != 2 {
				t.Errorf("%d connections, want a new one after a wrong answer", n)
			}
		})
	}
}

func TestTruncatedAnswer(t *testing.T) {
	whole := len(query{request: request{function: 3, count: 1}}.right())
	for n := 1; n < whole; n++ {
		r := serve(t, first(func(q query) []byte { return q.right()[:n] }))
		l := dial(t, r, short)
		l.wantNoAnswer(mapping.BadTimeout, what+"no answer within 40ms")
		l.wantRight()
	}
}

func TestTruncatedAndClosed(t *testing.T) {
	for _, n := range []int{1, 7, 9} {
		l := dial(t, serve(t, func(q query) action { return action{send: q.right()[:n], hangUp: true} }), long)
		_, err := l.poll()
		var silent *drivers.NoAnswer
		if err == nil || errors.As(err, &silent) {
			t.Errorf("answer cut to %d bytes, then closed: %v, want an error of the link", n, err)
		}
	}
}

func TestAnswerCutIntoSegments(t *testing.T) {
	r := serve(t, func(q query) action { return action{send: q.right(), cut: true} })
	l := dial(t, r, long)
	l.wantRight()
	if n := r.count.Load(); n != 1 {
		t.Errorf("%d requests, want one", n)
	}
}

func TestSkipsForeignAnswer(t *testing.T) {
	r := serve(t, first(func(q query) []byte { return append(foreign(q), q.right()...) }))
	l := dial(t, r, long)
	l.wantRight()
	if n := r.count.Load(); n != 1 {
		t.Errorf("%d requests, want one", n)
	}
}

// foreign is an answer to a transaction that was long ago.
func foreign(q query) []byte {
	q.transaction -= 100
	q.address += 5
	return q.right()
}

// What follows an answer is never taken for the next one. A value that follows is wrong for the other address.
func TestMoreThanTheAnswer(t *testing.T) {
	for name, extra := range map[string]func(q query) []byte{
		"one byte":       func(query) []byte { return []byte{0} },
		"zeros":          func(query) []byte { return make([]byte, 20) },
		"garbage":        func(query) []byte { return []byte("\xff\x00garbage that is no frame at all\r\n") },
		"answer again":   query.right,
		"another answer": foreign,
		"exception":      func(q query) []byte { return q.exception(DeviceFailure) },
	} {
		t.Run(name, func(t *testing.T) {
			l := dial(t, serve(t, func(q query) action {
				b := q.right()
				if q.number < 3 {
					b = append(b, extra(q)...)
				}
				return action{send: b}
			}), short)
			l.wantRight()
			for n := range 4 {
				next := on(t, l.link, short, words(10+n)...)
				next.poll() // right, or an error
				next.wantRight()
			}
		})
	}
}

func TestGarbage(t *testing.T) {
	for _, garbage := range []string{"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "\x00\x01\x00\x00\x00\x05", "\xff"} {
		l := dial(t, serve(t, first(func(query) []byte { return []byte(garbage) })), short)
		if _, err := l.poll(); err == nil {
			t.Errorf("%q was taken for an answer", garbage)
		}
		l.wantRight()
	}
}

func TestGatewayExceptions(t *testing.T) {
	for _, e := range []Exception{PathUnavailable, TargetFailedRespond} {
		r := serve(t, first(func(q query) []byte {
			q.unit = 255 // some gateways speak for themselves
			return q.exception(e)
		}))
		l := dial(t, r, long)
		l.wantNoAnswer(mapping.BadNoCommunication, what+e.Error())
		l.wantRight()
		if n := r.conns.Load(); n != 1 {
			t.Errorf("%v: %d connections, want the first kept", e, n)
		}
	}
}

func TestExceptionKeepsConnection(t *testing.T) {
	for e := range 256 {
		code := Exception(e)
		r := serve(t, first(func(q query) []byte { return q.exception(code) }))
		l := dial(t, r, long)
		samples, err := l.poll()
		switch {
		case code.isNoAnswer() != (err != nil):
			t.Errorf("%v: error %v", code, err)
		case err == nil && !code.isBusy() && (len(samples) != 1 || samples[0].Quality != code.Quality()):
			t.Errorf("%v: samples %v, want one of %v", code, samples, code.Quality())
		case code.isBusy() && (len(samples) != 1 || samples[0].Quality.IsBad()):
			t.Errorf("%v: samples %v, want the value from the second request", code, samples)
		}
		if n := r.conns.Load(); n != 1 {
			t.Errorf("%v: %d connections, want the first kept", code, n)
		}
		l.link.Close()
	}
}
