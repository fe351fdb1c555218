package mapping

import (
	"math"
	"testing"

	"tagbridge/mapping/node"
)

// typed gives a codec one typed value.
func typed(c *Codec, v any) string {
	var b Batch
	var s Sample
	switch v := v.(type) {
	case bool:
		c.Bit(v, &b, &s)
	case int8:
		c.Int(int64(v), 8, &b, &s)
	case int16:
		c.Int(int64(v), 16, &b, &s)
	case int32:
		c.Int(int64(v), 32, &b, &s)
	case int64:
		c.Int64(v, &b, &s)
	case uint32:
		c.Uint(uint64(v), &b, &s)
	case uint64:
		c.Uint64(v, &b, &s)
	case float32:
		c.Float32(v, &b, &s)
	case float64:
		c.Float64(v, &b, &s)
	case string:
		c.Text([]byte(v), &b, &s)
	}
	return show(&s, &b, c.Exp())
}

func TestTypedKeepsType(t *testing.T) {
	c := Compile(&Tag{Node: opcuaNode, Traits: new(Traits)})
	if c.Kind() != None {
		t.Errorf("kind %v is known beforehand", c.Kind())
	}
	for _, e := range []struct {
		in   any
		want string
	}{
		{true, "true Bool Good"},
		{int16(-5), "-5 Int Good"},
		{uint32(math.MaxUint32), "4294967295 Uint Good"},
		{int64(math.MinInt64), "-9223372036854775808 Int64 Good"},
		{uint64(math.MaxUint64), "18446744073709551615 Uint64 Good"},
		{float32(23.1), "23.1 F32 Good"},
		{23.1, "23.1 F64 Good"},
		{math.NaN(), "null None BadNoData"},
		{math.Inf(-1), "null None BadNoData"},
		{float32(math.Inf(1)), "null None BadNoData"},
		{"wärme", "wärme Text Good"},
	} {
		if got := typed(c, e.in); got != e.want {
			t.Errorf("%T %v = %s, want %s", e.in, e.in, got, e.want)
		}
	}
}

func TestTypedConverts(t *testing.T) {
	for _, c := range []struct {
		typ  string
		in   any
		want string
	}{
		{"float64", int16(5), "5.0 F64 Good"},
		{"float64", float32(23.1), "23.1 F64 Good"},
		{"float64", uint64(math.MaxUint64), "18446744073709552000.0 F64 Good"},
		{"float32", 23.1, "23.1 F32 Good"},
		{"float32", 1e39, "null None BadOutOfRange"},
		{"float16", 65504.0, "65504.0 F32 Good"},
		{"float16", 65505.0, "null None BadOutOfRange"},
		{"float16", float32(70000), "null None BadOutOfRange"},
		{"float16", int32(70000), "null None BadOutOfRange"},
		{"int64", -0x1p63, "-9223372036854775808 Int64 Good"},
		{"int16", 2.5, "2 Int Good"},
		{"int16", 32768.0, "null None BadOutOfRange"},
		{"int16", int64(-32769), "null None BadOutOfRange"},
		{"uint16", int16(-1), "null None BadOutOfRange"},
		{"uint64", int16(-1), "null None BadOutOfRange"},
		{"uint64", int16(7), "7 Uint64 Good"},
		{"uint64", 1.9e19, "null None BadOutOfRange"},
		{"int64", uint64(math.MaxUint64), "null None BadOutOfRange"},
		{"int64", 1e19, "null None BadOutOfRange"},
		{"bool", int16(5), "true Bool Good"},
		{"bool", 0.0, "false Bool Good"},
		{"bool", math.Copysign(0, -1), "false Bool Good"},
		{"bool", uint64(math.MaxUint64), "true Bool Good"},
		{"uint8", true, "1 Uint Good"},
		{"string:10", int16(-5), "-5 Text Good"},
		{"string:10", float32(23.1), "23.1 Text Good"},
		{"string:10", uint64(math.MaxUint64), "18446744073709551615 Text Good"},
		{"int16", "5", "null None BadTypeMismatch"},
		{"bcd16", uint32(10000), "null None BadOutOfRange"},
	} {
		if got := typed(Compile(newTag(t, c.typ, "")), c.in); got != c.want {
			t.Errorf("%T %v as %s = %s, want %s", c.in, c.in, c.typ, got, c.want)
		}
	}
}

func TestTypedScalesAndChecks(t *testing.T) {
	scaled := &Tag{Node: opcuaNode, Traits: &Traits{Scaling: linear(t, "0.1", "0"), Max: bound(t, "100")}}
	scaled.Invalid = invalids(t, "-1|23.1")
	c := Compile(scaled)
	for _, e := range []struct {
		in   any
		want string
	}{
		{int16(3), "0.3 F64 Good"},
		{uint64(math.MaxUint64), "1844674407370960000.0 F64 UncertainEngineeringUnitsExceeded"},
		{float32(23.2), "2.32 F64 Good"},
		{float32(23.1), "null None BadNoData"},
		{23.1, "null None BadNoData"},
		{int16(-1), "null None BadNoData"},
		{int64(-1), "null None BadNoData"},
	} {
		if got := typed(c, e.in); got != e.want {
			t.Errorf("%T %v = %s, want %s", e.in, e.in, got, e.want)
		}
	}
	plain := Compile(&Tag{Node: opcuaNode, Traits: &Traits{Max: bound(t, "100")}})
	for _, v := range []any{int16(101), uint32(101), int64(101), uint64(101), float32(101), 101.0} {
		if got := typed(plain, v); got[len(got)-len("Exceeded"):] != "Exceeded" {
			t.Errorf("%T %v = %s, want it above max", v, v, got)
		}
	}
}

// Hex compares bits of floats that come typed, too.
func TestTypedFloatInvalidBits(t *testing.T) {
	const none = "null None BadNoData"
	c := Compile(&Tag{Node: opcuaNode, Traits: &Traits{Type: TypeFloat32, Invalid: []Invalid{{Hex: true, Bits: 0x7f7fffff}}}})
	if got := typed(c, float32(math.MaxFloat32)); got != none {
		t.Errorf("float32: %s", got)
	}
	c = Compile(&Tag{Node: opcuaNode, Traits: &Traits{Type: TypeFloat64, Invalid: []Invalid{{Hex: true, Bits: math.Float64bits(math.MaxFloat64)}}}})
	if got := typed(c, math.MaxFloat64); got != none {
		t.Errorf("float64: %s", got)
	}
	if got := typed(c, 1.5); got != "1.5 F64 Good" {
		t.Errorf("float64 1.5: %s", got)
	}
}

// TestTypedInvalid gives values of which the map says that their bits mean "no value", with a type and without one.
func TestTypedInvalid(t *testing.T) {
	const none = "null None BadNoData"
	for _, c := range []struct {
		typ, list string
		in        any
		want      string
	}{
		{"", "0x8000", int16(math.MinInt16), none},
		{"", "0xffff", int16(-1), none},
		{"", "0xff", int8(-1), none},
		{"", "0xff", int16(-1), "-1 Int Good"},
		{"", "0xffff", int32(-1), "-1 Int Good"},
		{"", "0xffffffff", int32(-1), none},
		{"", "0xffffffffffffffff", int64(-1), none},
		{"", "0x8000", uint32(0x8000), none},
		{"", "0xffffffff", uint32(math.MaxUint32), none},
		{"", "100000", uint64(100000), none},
		{"", "65537", uint64(1), "1 Uint64 Good"},
		{"", "-1", int16(-1), none},
		{"", "-1", uint32(math.MaxUint16), "65535 Uint Good"},
		{"", "0xff7fffff", float32(-math.MaxFloat32), none},
		{"", "0xff7fffff", float32(1.5), "1.5 F32 Good"},
		{"", "0xffefffffffffffff", -math.MaxFloat64, none},
		{"int16", "0x8000", int16(math.MinInt16), none},
		{"int16", "0x8000", int64(math.MinInt16), none},
		{"int16", "0x8000", -32768.0, none},
		{"int64", "0xffff", int16(-1), none},
		{"int32", "0x8000", int32(-32768), "-32768 Int Good"},
		{"float32", "0xff7fffff", float32(-math.MaxFloat32), none},
	} {
		tag := &Tag{Node: opcuaNode, Traits: &Traits{Invalid: invalids(t, c.list)}}
		if c.typ != "" {
			typ, _, err := ParseType(c.typ)
			if err != nil {
				t.Fatal(err)
			}
			tag.Type = typ
		}
		if got := typed(Compile(tag), c.in); got != c.want {
			t.Errorf("%s, invalid %s: %T %v = %s, want %s", c.typ, c.list, c.in, c.in, got, c.want)
		}
	}
}

// opcuaNode is any node.
var opcuaNode = &node.Address{ID: node.ID{Space: 2, Kind: node.String, Text: "x"}}
