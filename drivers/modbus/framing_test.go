package modbus

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"
)

// framed is an exchange as the specification and its readers' examples have it.
var framed = []struct {
	transport string
	request   request
	asked     string
	answered  string
	data      string // hex
	err       error
}{
	{"rtu", request{unit: 0x11, function: readHolding, address: 0x6B, count: 3}, "\x11\x03\x00\x6B\x00\x03\x76\x87",
		"\x11\x03\x06\xAE\x41\x56\x52\x43\x40\x49\xAD", "ae4156524340", nil},
	{"rtu", request{unit: 0x11, function: readCoils, address: 0x13, count: 0x25}, "\x11\x01\x00\x13\x00\x25\x0E\x84",
		"\x11\x01\x05\xCD\x6B\xB2\x0E\x1B\x45\xE6", "cd6bb20e1b", nil},
	{"rtu", request{unit: 0x0A, function: readCoils, address: 0x04A1, count: 1}, "\x0A\x01\x04\xA1\x00\x01\xAC\x63", "\x0A\x81\x02\xB0\x53", "",
		IllegalDataAddress},
	{"ascii", request{unit: 0x11, function: readHolding, address: 0x6B, count: 3}, ":1103006B00037E\r\n", ":110306AE4156524340CC\r\n", "ae4156524340", nil},
	{"ascii", request{unit: 0x11, function: readHolding, address: 0x6B, count: 3}, ":1103006B00037E\r\n", ":110306ae4156524340cc\r\n", "ae4156524340", nil},
	{"ascii", request{unit: 0x0A, function: readCoils, address: 0x04A1, count: 1}, ":0A0104A100014F\r\n", ":0A810273\r\n", "", IllegalDataAddress},
}

// The check of serial line V1.02, 6.2.2: function 7 to unit 2.
func TestCRC(t *testing.T) {
	if got := crc([]byte{0x02, 0x07}); got != 0x1241 {
		t.Errorf("crc = %#04x, want 0x1241", got)
	}
}

func TestFraming(t *testing.T) {
	for _, c := range framed {
		f := newFraming(c.transport)
		if got := f.appendRequest(nil, c.request); string(got) != c.asked || len(got) != f.requestChars() {
			t.Errorf("%s: %v = %q of %d, want %q", c.transport, c.request, got, f.requestChars(), c.asked)
		}
		for _, around := range []string{"", "\x00\xFF", ":11", "\x11\x03"} {
			b := []byte(around + c.answered + around)
			a, ok := f.parse(c.request, b)
			if !ok || a.err != c.err || hex.EncodeToString(a.data) != c.data || a.end != len(around+c.answered) {
				t.Errorf("%s: %q answers %x, %v, %v, ends at %d", c.transport, b, a.data, a.err, ok, a.end)
			}
		}
		if c.err == nil && len(c.answered) != f.answerChars(c.request) {
			t.Errorf("%s: answerChars = %d, want %d", c.transport, f.answerChars(c.request), len(c.answered))
		}
	}
}

// No part of a frame is one, nor one with a byte changed, nor the answer to another unit, function or count.
func TestFramingDamaged(t *testing.T) {
	for _, c := range framed {
		f := newFraming(c.transport)
		refuse := func(what string, r request, b []byte) {
			if a, ok := f.parse(r, b); ok && !bytes.Equal(bytes.ToUpper(b), []byte(c.answered)) {
				t.Errorf("%s, %s: %q taken for an answer: %x, %v", c.transport, what, b, a.data, a.err)
			}
		}
		for n := range len(c.answered) {
			refuse("cut", c.request, []byte(c.answered[:n]))
			refuse("without its start", c.request, []byte(c.answered[n+1:]))
			for _, bit := range []byte{1, 2, 4, 8, 16, 64, 128, 255} {
				b := []byte(c.answered)
				b[n] ^= bit
				refuse(fmt.Sprintf("byte %d changed", n), c.request, b)
			}
		}
		for _, r := range []request{
			{unit: c.request.unit + 1, function: c.request.function, address: c.request.address, count: c.request.count},
			{unit: c.request.unit, function: c.request.function ^ 7, address: c.request.address, count: c.request.count},
		} {
			refuse("of another", r, []byte(c.answered))
		}
		if c.err == nil {
			r := c.request
			r.count += 8
			refuse("of another count", r, []byte(c.answered))
		}
	}
}

func FuzzFraming(f *testing.F) {
	for _, c := range framed {
		f.Add(c.transport == "ascii", c.request.unit, c.request.function, c.request.count, []byte(c.answered))
	}
	f.Fuzz(func(t *testing.T, text bool, unit, function uint8, count uint16, b []byte) {
		transport := "rtu"
		if text {
			transport = "ascii"
		}
		r := request{unit: unit, function: function%4 + 1, count: count%125 + 1}
		before := bytes.Clone(b)
		a, ok := newFraming(transport).parse(r, b)
		_, refused := errors.AsType[Exception](a.err)
		switch {
		case !bytes.Equal(b, before):
			t.Error("the input was changed")
		case !ok && (a.data != nil || a.err != nil):
			t.Errorf("no answer, but %+v", a)
		case ok && (a.end < 5 || a.end > len(b)):
			t.Errorf("an answer of %d bytes ends at %d", len(b), a.end)
		case ok && !refused && len(a.data) != r.size():
			t.Errorf("%d bytes answer %v", len(a.data), r)
		}
	})
}
