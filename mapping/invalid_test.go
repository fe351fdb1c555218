package mapping

import (
	"strconv"
	"strings"
	"testing"
)

// invalids are hex and decimal values, or the texts of a string tag.
func invalids(t testing.TB, list string) []Invalid {
	t.Helper()
	var out []Invalid
	for _, s := range strings.Split(list, "|") {
		v := Invalid{Text: s}
		if hex, ok := strings.CutPrefix(s, "0x"); ok {
			bits, err := strconv.ParseUint(hex, 16, 64)
			if err != nil {
				t.Fatal(err)
			}
			v.Hex, v.Bits = true, bits
		} else if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			v.Value = Decimal{Mant: n}
		} else if d, err := ParseDecimal(s); err == nil {
			v.Value = d
		}
		out = append(out, v)
	}
	return out
}

func TestInvalid(t *testing.T) {
	const none = "null None BadNoData"
	for _, c := range []struct{ typ, order, list, raw, want string }{
		{"int16", "", "0x8000", "8000", none},
		{"int16", "", "0x8000", "7fff", "32767 Int Good"},
		{"int16", "BADC", "0x8000", "0080", none},
		{"int16", "BADC", "0x8000", "8000", "128 Int Good"},
		{"int16", "", "-32768|32767", "8000", none},
		{"int16", "", "-32768|32767", "7fff", none},
		{"int16", "", "65535", "ffff", "-1 Int Good"},
		{"uint16", "", "-1", "ffff", "65535 Uint Good"},
		{"uint16", "", "0.5", "0000", "0 Uint Good"},
		{"int8", "", "-1", "12ff", none},
		{"int32", "CDAB", "0x80000000", "00008000", none},
		{"int64", "", "-9e18", "831993af1d7c0000", none},
		{"int64", "", "0x7fffffffffffffff", "7fffffffffffffff", none},
		{"int64", "", "-9223372036854775808", "8000000000000000", none},
		{"int64", "", "9223372036854775807", "7fffffffffffffff", none},
		{"uint64", "", "0xffffffffffffffff", "ffffffffffffffff", none},
		{"float32", "", "-9999", "c61c3c00", none},
		{"float32", "", "23.1", "41b8cccd", none},
		{"float32", "", "0", "00000000", none},
		{"float32", "", "0", "80000000", none},
		{"float32", "", "0x7f7fffff", "7f7fffff", none},
		{"float64", "", "23.1", "403719999999999a", none},
		{"float64", "", "23.1", "403719999999999b", "23.100000000000005 F64 Good"},
		{"float16", "", "23.1", "4dc6", none},
		{"float16", "", "-23.1", "cdc6", none},
		{"float16", "", "23.11", "4dc6", "23.1 F32 Good"},
		{"float16", "", "1e9", "7bff", "65504.0 F32 Good"},
		{"bcd16", "", "9999", "9999", none},
		{"bcd16", "", "0xffff", "ffff", none},
		{"bcd16", "", "-9999", "9999", "9999 Uint Good"},
		{"bcd32", "", "99999999", "99999999", none},
		{"bool", "", "1", "0001", none},
		{"string:4", "", "----|n/a", "2d2d2d2d", none},
		{"string:4", "", "----|n/a", "6e2f6100", none},
		{"string:4", "", "----|n/a", "2d2d2d00", "--- Text Good"},
	} {
		tag := newTag(t, c.typ, c.order)
		tag.Invalid = invalids(t, c.list)
		if got := decoded(t, tag, c.raw); got != c.want {
			t.Errorf("%s %s without %s of %s = %s, want %s", c.typ, c.order, c.list, c.raw, got, c.want)
		}
	}
}

// Invalid is the raw value, before scaling.
func TestInvalidIsRaw(t *testing.T) {
	tag := newTag(t, "int16", "")
	tag.Scaling = linear(t, "0.1", "0")
	tag.Invalid = invalids(t, "3")
	for raw, want := range map[string]string{"0003": "null None BadNoData", "001e": "3.0 Dec Good"} {
		if got := decoded(t, tag, raw); got != want {
			t.Errorf("registers %s = %s, want %s", raw, got, want)
		}
	}
}
