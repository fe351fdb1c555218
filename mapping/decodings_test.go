package mapping

import (
	"encoding/hex"
	"encoding/json"
	"testing"
)

// TestDecodingsSideBySide has a float read with its words the wrong way round.
func TestDecodingsSideBySide(t *testing.T) {
	for _, c := range []struct {
		raw, want string // type, order and value
		scale     Scaling
	}{
		{"00004148", "float32 CDAB 12.5", Scaling{}},
		{"00004148", "float32 ABCD 2.3418e-41", Scaling{}},
		{"00004148", "uint32 ABCD 16712", Scaling{}},
		{"00004148", "uint16 ABCD 0", Scaling{}},
		{"02c1", "int16 ABCD 70.5", Scaling{Kind: Linear, Scale: Decimal{Mant: 1, Exp: -1}}},
		{"02c1", "int16 BADC -1612.6", Scaling{Kind: Linear, Scale: Decimal{Mant: 1, Exp: -1}}},
		{"7fffffffffffffff", "int64 ABCD 9223372036854775807", Scaling{}},
		{"ffffffffffffffff", "uint64 DCBA 18446744073709551615", Scaling{}},
		{"ffffffffffffffff", "float64 ABCD null", Scaling{}},
		{"fffa", "bcd16 ABCD null", Scaling{}},
		{"48454c4c4f20", `string:6 ABCD "HELLO"`, Scaling{}},
		{"45484c4c204f", `string:6 BADC "HELLO"`, Scaling{}},
	} {
		raw, err := hex.DecodeString(c.raw)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, d := range Decodings(raw, c.scale) {
			got := d.Type + " " + d.Order.String() + " " + string(d.JSON)
			found = found || got == c.want
		}
		if !found {
			t.Errorf("%s: no %s", c.raw, c.want)
			for _, d := range Decodings(raw, c.scale) {
				t.Logf("%v %v %s", d.Type, d.Order, d.JSON)
			}
		}
	}
}

func FuzzDecodings(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1})
	f.Add([]byte("\x00\x00\x41\x48"))
	f.Add([]byte("HELLO, WORLD, and more than eight registers hold"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, d := range Decodings(raw, Scaling{Kind: Linear, Scale: Decimal{Mant: 3, Exp: -2}, Offset: Decimal{Mant: -7}}) {
			if !json.Valid(d.JSON) || 2*d.Registers > len(raw) {
				t.Errorf("%x as %v %v: %q of %d registers", raw, d.Type, d.Order, d.JSON, d.Registers)
			}
			if d.Quality.IsBad() != (string(d.JSON) == "null") {
				t.Errorf("%x as %v %v: %q of quality %v", raw, d.Type, d.Order, d.JSON, d.Quality)
			}
		}
	})
}
