package modbus

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

// The examples of the specification: application protocol V1.1b3, 6.1 to 6.4, in frames as in the messaging guide.
func TestFrameExamples(t *testing.T) {
	for _, test := range []struct {
		r                    request
		ask, answer, content string
	}{
		{request{unit: 0xFF, function: readCoils, address: 19, count: 19}, "1501 0000 0006 ff 01 0013 0013", "01 03 cd6b05", "cd6b05"},
		{request{unit: 1, function: readDiscrete, address: 196, count: 22}, "1501 0000 0006 01 02 00c4 0016", "02 03 acdb35", "acdb35"},
		{request{unit: 1, function: readHolding, address: 107, count: 3}, "1501 0000 0006 01 03 006b 0003", "03 06 022b00000064", "022b00000064"},
		{request{unit: 1, function: readInput, address: 8, count: 1}, "1501 0000 0006 01 04 0008 0001", "04 02 000a", "000a"},
	} {
		if got := appendRequest(nil, 0x1501, test.r); !bytes.Equal(got, fromHex(t, test.ask)) {
			t.Errorf("request %v = %x, want %s", test.r, got, test.ask)
		}
		answer := fromHex(t, test.answer)
		got, err := parseAnswer(test.r, answer)
		if err != nil || !bytes.Equal(got, fromHex(t, test.content)) {
			t.Errorf("answer to %v = %x, %v, want %s", test.r, got, err, test.content)
		}
		for n := range answer {
			if got, err := parseAnswer(test.r, answer[:n]); err == nil {
				t.Errorf("answer to %v cut to %d bytes = %x", test.r, n, got)
			}
		}
	}
}

func fromHex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func FuzzParseAnswer(f *testing.F) {
	f.Add(uint8(3), uint16(3), []byte{3, 6, 2, 0x2b, 0, 0, 0, 0x64})
	f.Add(uint8(1), uint16(19), []byte{1, 3, 0xcd, 0x6b, 5})
	f.Add(uint8(4), uint16(1), []byte{0x84, 2})
	f.Fuzz(func(t *testing.T, function uint8, count uint16, pdu []byte) {
		r := request{function: 1 + function%4, count: 1 + count%125}
		got, err := parseAnswer(r, pdu)
		e, refused := errors.AsType[Exception](err)
		switch {
		case refused && !bytes.Equal(pdu, []byte{r.function | 0x80, byte(e)}):
			t.Errorf("%x is taken for %v", pdu, e)
		case err == nil && !bytes.Equal(pdu, append([]byte{r.function, byte(r.size())}, got...)):
			t.Errorf("%x is taken for %x", pdu, got)
		}
	})
}
