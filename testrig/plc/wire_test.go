package plc

import (
	"bytes"
	"math"
	"testing"

	"tagbridge/mapping"
)

// TestOrders has the contract's examples: 64 bits CDAB = GHEFCDAB, BADC = BADCFEHG, DCBA = HGFEDCBA.
func TestOrders(t *testing.T) {
	const v8, v4, v2 = 0x4142434445464748, 0x41424344, 0x4142 // ABCDEFGH, ABCD, AB
	tests := []struct {
		order         mapping.Order
		w16, w32, w64 string
	}{
		{mapping.ABCD, "AB", "ABCD", "ABCDEFGH"},
		{mapping.CDAB, "AB", "CDAB", "GHEFCDAB"},
		{mapping.BADC, "BA", "BADC", "BADCFEHG"},
		{mapping.DCBA, "BA", "DCBA", "HGFEDCBA"},
	}
	for _, test := range tests {
		for bits, want := range map[uint64]string{v2: test.w16, v4: test.w32, v8: test.w64} {
			b := make([]byte, len(want))
			put(b, layoutOf(test.order, len(want)), bits)
			if string(b) != want {
				t.Errorf("%v of %x = %s, want %s", test.order, bits, b, want)
			}
			if got := take(b, layoutOf(test.order, len(want))); got != bits {
				t.Errorf("%v of %s reads back as %x, want %x", test.order, b, got, bits)
			}
		}
		b := make([]byte, 6)
		putText(b, test.order, "hello")
		want := "hello\x00"
		if test.order.SwapsBytes() {
			want = "ehll\x00o"
		}
		if string(b) != want || takeText(b, test.order, 6) != "hello" {
			t.Errorf("%v of hello = %q, %q", test.order, b, takeText(b, test.order, 6))
		}
	}
}

func TestEncode(t *testing.T) {
	tests := []struct {
		typ  mapping.Type
		v    float64
		want uint64
	}{
		{mapping.TypeInt16, -2, 0xFFFFFFFFFFFFFFFE},
		{mapping.TypeUint32, 4294967295, 0xFFFFFFFF},
		{mapping.TypeFloat32, 23.1, 0x41B8CCCD},
		{mapping.TypeFloat64, 1, 0x3FF0000000000000},
		{mapping.TypeBCD16, 9876, 0x9876},
		{mapping.TypeBCD32, 12345678, 0x12345678},
		{mapping.TypeFloat16, 1, 0x3C00},
	}
	for _, test := range tests {
		if got := encode(&mapping.Tag{Address: mapping.Address{Table: mapping.Holding}, Traits: &mapping.Traits{Type: test.typ}}, test.v); got != test.want {
			t.Errorf("encode(%v, %v) = %#x, want %#x", test.typ, test.v, got, test.want)
		}
	}
}

// TestHalf goes through all 65,536 numbers: each is its own nearest.
func TestHalf(t *testing.T) {
	for h := range 1 << 16 {
		f := half(uint16(h))
		got := toHalf(f)
		if math.IsNaN(f) && got&0x7C00 == 0x7C00 && got&0x3FF != 0 {
			continue
		}
		if got != uint16(h) {
			t.Fatalf("toHalf(half(%#04x) = %v) = %#04x", h, f, got)
		}
	}
	for f, want := range map[float64]uint16{65504: 0x7BFF, 65519: 0x7BFF, 65520: 0x7C00, 0.1: 0x2E66, -2: 0xC000, 0x1p-24: 1} {
		if got := toHalf(f); got != want {
			t.Errorf("toHalf(%v) = %#04x, want %#04x", f, got, want)
		}
	}
}

func TestFieldParts(t *testing.T) {
	tests := []struct {
		part  mapping.Part
		bit   uint8
		order mapping.Order
		set   uint64
		want  string // of 0000 before
	}{
		{mapping.Bit, 0, mapping.ABCD, 1, "0001"},
		{mapping.Bit, 10, mapping.ABCD, 1, "0400"},
		{mapping.Bit, 10, mapping.BADC, 1, "0004"},
		{mapping.Bit, 3, mapping.CDAB, 1, "0008"},
		{mapping.HiByte, 0, mapping.ABCD, 0xA5, "a500"},
		{mapping.LoByte, 0, mapping.ABCD, 0xA5, "00a5"},
		{mapping.HiByte, 0, mapping.DCBA, 0xA5, "00a5"},
		{mapping.LoByte, 0, mapping.DCBA, 0xA5, "a500"},
	}
	for _, test := range tests {
		tag := &mapping.Tag{
			Address: mapping.Address{Table: mapping.Holding, Number: 7, Part: test.part, Bit: test.bit},
			Traits:  &mapping.Traits{Type: mapping.TypeUint8, Order: test.order},
		}
		m := newImage([]*mapping.Tag{tag}, 0)
		f, ok := fieldOf(m, tag)
		if !ok {
			t.Fatal("no such field")
		}
		f.set(test.set)
		if got := m.find(mapping.Holding, 7, 1); !bytes.Equal(got, unhex(t, test.want)) {
			t.Errorf("%+v: registers %x", test, got)
		}
		if got := f.get(); got != test.set {
			t.Errorf("%+v reads back as %#x", test, got)
		}
		copy(f.data, "\xFF\xFF")
		f.set(0)
		if got := ^take(f.data, "AB") & 0xFFFF; got != take(unhex(t, test.want), "AB")|maskOf(test.part, test.order) {
			t.Errorf("%+v: bits beside it were lost: %x", test, f.data)
		}
	}
}

// maskOf is the bits of a byte part, 0 for a bit.
func maskOf(p mapping.Part, o mapping.Order) uint64 {
	switch {
	case p == mapping.Bit:
		return 0
	case (p == mapping.HiByte) != o.SwapsBytes():
		return 0xFF00
	}
	return 0x00FF
}
