package modbus

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

const what = "read unit 1, function 3, holding 0: "

func mute(query) []byte { return nil }

func TestSilence(t *testing.T) {
	l := dial(t, serve(t, first(mute)), short)
	l.wantNoAnswer(mapping.BadTimeout, what+"no answer within 40ms")
	l.wantRight()
}

// A late answer must not become that of the next request, which asks for something else: not over the same connection,
// and not over the one that was opened since.
func TestLateAnswer(t *testing.T) {
	for name, hangUp := range map[string]bool{"same connection": false, "new connection": true} {
		t.Run(name, func(t *testing.T) {
			var late []byte
			r := serve(t, func(q query) action {
				switch q.number {
				case 1:
					late = q.right()
					return action{}
				case 2:
					return action{hangUp: hangUp}
				}
				return action{send: append(late, q.right()...)}
			})
			l := dial(t, r, short)
			l.wantNoAnswer(mapping.BadTimeout, what+"no answer within 40ms")
			l = on(t, l.link, short, words(7)...)
			l.poll()
			if hangUp {
				if err := l.link.Open(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			l.wantRight()
			if n, want := r.conns.Load(), int64(1); n != want && !hangUp {
				t.Errorf("%d connections, want the first kept", n)
			}
		})
	}
}

// What a device says instead of an answer is told, and what to do about it.
func TestNoAnswerThatFits(t *testing.T) {
	for name, test := range map[string]struct {
		answer  func(query) []byte
		quality mapping.Quality
		text    string
	}{
		"another number": {foreign, mapping.BadCommunicationError,
			"no answer that fits within 40ms: transaction 65437, want 1: the device or gateway does not answer with the number of the request"},
		"zero": {func(q query) []byte { q.transaction = 0; return q.right() }, mapping.BadCommunicationError,
			"no answer that fits within 40ms: transaction 0, want 1: the device or gateway does not answer with the number of the request"},
		"another protocol": {func(q query) []byte { b := q.right(); b[3] = 7; return b }, mapping.BadCommunicationError,
			"no answer within 40ms, but bytes that make no frame: 00 01 00 07 00 05 01 03 02 60 01; is the port right, and does the device speak Modbus TCP?"},
		"text": {func(query) []byte { return []byte("HTTP/1.1 400 Bad Request\r\n") }, mapping.BadCommunicationError,
			`no answer within 40ms, but bytes that make no frame: "HTTP/1.1 400 Bad" and so on; is the port right, and does the device speak Modbus TCP?`},
		"RTU": {func(q query) []byte { return []byte{1, 3, 2, 0, 7, 0xF9, 0x86} }, mapping.BadCommunicationError,
			"no answer within 40ms, but bytes that make no frame: 01 03 02 00 07 F9 86, an RTU frame: is url to begin with rtuovertcp://?"},
		"cut": {func(q query) []byte { return q.right()[:10] }, mapping.BadCommunicationError,
			"no whole answer within 40ms: its header promises 11 bytes, 10 came"},
		"a byte": {func(q query) []byte { return q.right()[:1] }, mapping.BadCommunicationError,
			"no answer within 40ms, but bytes that make no frame: 00; is the port right, and does the device speak Modbus TCP?"},
	} {
		t.Run(name, func(t *testing.T) {
			r := serve(t, first(test.answer))
			l := dial(t, r, short)
			l.wantNoAnswer(test.quality, what+test.text)
			l.wantRight()
			if n := r.conns.Load(); n != 1 {
				t.Errorf("%d connections, want the first kept", n)
			}
		})
	}
}

// A device that is slower than its timeout is told from one that is silent.
func TestLateAnswerIsNamed(t *testing.T) {
	var late []byte
	l := dial(t, serve(t, always(func(q query) []byte {
		b := late
		late = q.right()
		return b
	})), short)
	l.wantNoAnswer(mapping.BadTimeout, what+"no answer within 40ms")
	_, err := l.poll()
	n, ok := errors.AsType[*drivers.NoAnswer](err)
	if !ok || n.Quality != mapping.BadTimeout || !strings.Contains(n.Error(), "one to transaction 1 came, which was asked ") ||
		!strings.Contains(n.Error(), " ago, want 2: set a longer timeout") {
		t.Errorf("poll = %v, want BadTimeout that names the late answer", err)
	}
}

// wrongAnswers are answers that cannot be right and can be told at once.
var wrongAnswers = map[string]struct {
	answer func(query) []byte
	text   string
}{
	"another unit":            {func(q query) []byte { q.unit = 9; return q.right() }, "unit 9 answered, unit 1 was asked: if unit 9 is the one that is meant, set unit_id: 9; if the gateway always answers as that, set accept_unit: 9"},
	"exception of another":    {func(q query) []byte { q.unit = 9; return q.exception(2) }, "unit 9 answered, unit 1 was asked: if unit 9 is the one that is meant, set unit_id: 9; if the gateway always answers as that, set accept_unit: 9"},
	"another function":        {func(q query) []byte { q.function = 4; return q.right() }, "function 4, want 3"},
	"exception of another fn": {func(q query) []byte { q.function = 4; return q.exception(2) }, "function 4 in illegal data address (exception 2), want 3"},
	"byte count too small":    {func(q query) []byte { return q.frame(3, 1, 0, 7) }, "byte count 1 before 2 bytes of data, want 2"},
	"byte count too large":    {func(q query) []byte { return q.frame(3, 4, 0, 7) }, "byte count 4 before 2 bytes of data, want 2"},
	"byte count zero":         {func(q query) []byte { return q.frame(3, 0) }, "0 bytes of data instead of 2: does max_registers or max_gap ask for more than the device gives at once?"},
	"no byte count":           {func(q query) []byte { return q.frame(3) }, "1 bytes, want 2 at least"},
	"one register too many":   {func(q query) []byte { return q.frame(3, 4, 0, 7, 0, 8) }, "4 bytes of data instead of 2; the device answers with 4 bytes for each register: set register_bytes: 4, for these tags in a device of their own where others have 2"},
	"half a register more":    {func(q query) []byte { return q.frame(3, 2, 0, 7, 8) }, "its header promises 6 bytes, its byte count makes them 5: a fault of the device or gateway, is there newer firmware?"},
	"long exception":          {func(q query) []byte { return q.frame(0x83, 2, 2) }, "an exception of 3 bytes, want 2"},
	"short exception":         {func(q query) []byte { return q.frame(0x83) }, "1 bytes, want 2 at least"},
	"no function":             {func(q query) []byte { return q.frame() }, "its header promises 1 bytes, which no frame has, want 5"},
	"length zero":             {func(q query) []byte { return withLength(q.right(), 0) }, "its header promises 0 bytes, which no frame has, want 5"},
	"length huge":             {func(q query) []byte { return withLength(q.right(), 65535) }, "its header promises 65535 bytes, which no frame has, want 5"},
	"length of one too many":  {func(q query) []byte { return withLength(append(q.right(), 1), 6) }, "its header promises 6 bytes, its byte count makes them 5: a fault of the device or gateway, is there newer firmware?"},
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
			if n := r.conns.Load(); n != 1 {
				t.Errorf("%d connections, want the first kept", n)
			}
		})
	}
}

func TestTruncatedAnswer(t *testing.T) {
	whole := len(query{request: request{function: 3, count: 1}}.right())
	for n := 1; n < whole; n++ {
		r := serve(t, first(func(q query) []byte { return q.right()[:n] }))
		l := dial(t, r, short)
		if samples, err := l.poll(); err == nil {
			t.Errorf("an answer of %d bytes was taken: %v", n, samples)
		}
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
