package plc

import (
	"bytes"
	"encoding/hex"
	"testing"

	"tagbridge/mapping"
)

// specUnit holds what the examples of the Modbus application protocol V1.1b3 read.
func specUnit(t *testing.T) *Unit {
	t.Helper()
	u := NewUnit(UnitOptions{})
	put := func(table mapping.Table, first int, values ...uint16) {
		if err := u.Set(table, first, values...); err != nil {
			t.Fatal(err)
		}
	}
	put(mapping.Coil, 0x13, bits(0xCD, 0x6B, 0x05)[:19]...)
	put(mapping.Discrete, 0xC4, bits(0xAC, 0xDB, 0x35)[:22]...)
	put(mapping.Holding, 0x6B, 0x022B, 0x0000, 0x0064)
	put(mapping.Input, 8, 0x000A)
	return u
}

func bits(b ...byte) []uint16 {
	var out []uint16
	for _, v := range b {
		for i := range 8 {
			out = append(out, uint16(v>>i&1))
		}
	}
	return out
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func ask(u *Unit, pdu []byte) []byte {
	b, _ := u.answer(nil, frame{transaction: 0x1234, unit: 17, pdu: pdu})
	if len(b) < headerSize {
		return nil
	}
	return b[headerSize:]
}

func TestAnswer(t *testing.T) {
	u := specUnit(t)
	tests := []struct{ name, request, want string }{
		{"read coils, 6.1", "0100130013", "0103cd6b05"},
		{"read discrete inputs, 6.2", "0200c40016", "0203acdb35"},
		{"read holding registers, 6.3", "03006b0003", "0306022b00000064"},
		{"read input registers, 6.4", "0400080001", "0402000a"},
		{"exception of read coils, 7", "0104a10001", "8102"},
		{"one register behind the end", "03006b0004", "8302"},
		{"one register before the start", "03006a0002", "8302"},
		{"the other table", "04006b0001", "8402"},
		{"no registers", "03006b0000", "8303"},
		{"126 registers", "03006b007e", "8303"},
		{"125 registers that are not there", "03006b007d", "8302"},
		{"2001 bits", "01001307d1", "8103"},
		{"2000 bits that are not there", "01001307d0", "8102"},
		{"past 65535", "03ffff0002", "8302"},
		{"a write", "06006b0001", "8601"},
		{"function 0x2b", "2b0e0100", "ab01"},
		{"a short request", "03006b00", "8303"},
		{"a long request", "03006b000300", "8303"},
	}
	for _, test := range tests {
		if got := ask(u, unhex(t, test.request)); !bytes.Equal(got, unhex(t, test.want)) {
			t.Errorf("%s: %s answered %x, want %s", test.name, test.request, got, test.want)
		}
	}
}

func TestAnswerHeader(t *testing.T) {
	b, _ := specUnit(t).answer(nil, frame{transaction: 0x1234, unit: 17, pdu: unhex(t, "0400080001")})
	if want := unhex(t, "123400000005110402000a"); !bytes.Equal(b, want) {
		t.Errorf("answer = %x, want %x", b, want)
	}
}

func TestParseFrameCut(t *testing.T) {
	whole := unhex(t, "00010000000611030000000a")
	for n := range whole {
		if _, size, err := parseFrame(whole[:n]); size != 0 || err != nil {
			t.Errorf("%d bytes of a frame: size %d, error %v", n, size, err)
		}
	}
	f, size, err := parseFrame(append(whole, 0xFF))
	if err != nil || size != len(whole) || f.transaction != 1 || f.unit != 17 || !bytes.Equal(f.pdu, whole[7:]) {
		t.Errorf("parseFrame = %+v, %d, %v", f, size, err)
	}
}

func TestParseFrameRefuses(t *testing.T) {
	for _, s := range []string{"00010001000611", "00010000000011", "00010000000111", "0001000000ff11"} {
		if _, _, err := parseFrame(unhex(t, s)); err == nil {
			t.Errorf("parseFrame took %s", s)
		}
	}
}

func FuzzParseFrame(f *testing.F) {
	f.Add(unhex(f, "00010000000611030000000a"))
	f.Add(unhex(f, "0001000000020103"))
	u := NewUnit(UnitOptions{})
	f.Fuzz(func(t *testing.T, b []byte) {
		q, size, err := parseFrame(b)
		if err != nil || size == 0 {
			return
		}
		out, _ := u.answer(nil, q)
		if _, n, err := parseFrame(out); err != nil || n != len(out) {
			t.Errorf("%x was answered %x: %v", b, out, err)
		}
	})
}
