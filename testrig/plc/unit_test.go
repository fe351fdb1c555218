package plc

import (
	"errors"
	"math"
	"testing"
	"time"

	"tagbridge/mapping"
)

// TestOverlap reads a word and its bits and bytes: they always agree.
func TestOverlap(t *testing.T) {
	at := func(name string, typ mapping.Type, part mapping.Part, bit uint8) *mapping.Tag {
		return &mapping.Tag{Name: name, Address: mapping.Address{Table: mapping.Holding, Number: 4, Part: part, Bit: bit}, Traits: &mapping.Traits{Type: typ}}
	}
	word := at("word", mapping.TypeUint16, mapping.Whole, 0)
	b3, b12 := at("b3", mapping.TypeBool, mapping.Bit, 3), at("b12", mapping.TypeBool, mapping.Bit, 12)
	lo, wide := at("lo", mapping.TypeUint8, mapping.LoByte, 0), at("wide", mapping.TypeUint32, mapping.Whole, 0)
	for _, tags := range [][]*mapping.Tag{{word, b3, b12}, {b3, lo, word, b12}, {word, b3, wide, lo, b12}} {
		c := newClock()
		u := NewUnit(UnitOptions{Tags: tags, Clock: c.time, Seed: 9})
		moved := make(map[float64]bool)
		for range 200 {
			c.now = c.now.Add(3 * time.Second)
			u.refresh(c.now)
			w := uint(u.Expected(word).Number)
			moved[float64(w)] = true
			got := [3]float64{u.Expected(b3).Number, u.Expected(b12).Number, u.Expected(lo).Number}
			if want := [3]float64{float64(w >> 3 & 1), float64(w >> 12 & 1), float64(w & 0xFF)}; got != want {
				t.Fatalf("word %#04x: bit 3, bit 12, low byte = %v, want %v", w, got, want)
			}
			if wide := uint(u.Expected(wide).Number); len(tags) == 5 && wide>>16 != w {
				t.Fatalf("word %#04x of %#08x", w, wide)
			}
		}
		if len(moved) < 2 && len(tags) < 5 {
			t.Errorf("the word of %d tags stands still", len(tags))
		}
	}
}

func TestSetStays(t *testing.T) {
	tags := []*mapping.Tag{holding("a", 0, mapping.TypeInt64), holding("s", 4, mapping.TypeString), holding("b", 10, mapping.TypeUint16)}
	tags[1].Length = 5
	c := newClock()
	u := NewUnit(UnitOptions{Tags: tags, Clock: c.time})
	low := int64(math.MinInt64)
	if err := errors.Join(u.SetBits(tags[0], uint64(low)), u.SetText(tags[1], "ab "), u.Set(mapping.Holding, 10, 7)); err != nil {
		t.Fatal(err)
	}
	c.now = c.now.Add(time.Hour)
	u.refresh(c.now)
	for i, want := range []string{"-9223372036854775808", "ab", "7"} {
		if got := u.Expected(tags[i]).Text; got != want {
			t.Errorf("%s = %q, want %q", tags[i].Name, got, want)
		}
	}
	if err := u.SetBits(holding("x", 11, mapping.TypeUint16), 1); !errors.Is(err, ErrAddress) {
		t.Errorf("set where nothing is: %v", err)
	}
	if err := u.Set(mapping.Holding, 9, 1, 2); !errors.Is(err, ErrAddress) {
		t.Errorf("set over an edge: %v", err)
	}
}

func TestExpected(t *testing.T) {
	linear := func(typ mapping.Type, scale, offset mapping.Decimal) mapping.Tag {
		return mapping.Tag{Traits: &mapping.Traits{Type: typ, Scaling: mapping.Scaling{Kind: mapping.Linear, Scale: scale, Offset: offset}}}
	}
	clamped := linear(mapping.TypeInt16, dec(1, -1), dec(0, 0))
	clamped.Clamp, clamped.Scaling.EngMin, clamped.Scaling.EngMax = mapping.ClampBoth, dec(0, 0), dec(50, 0)
	limited := mapping.Tag{Traits: &mapping.Traits{Type: mapping.TypeUint16, Max: mapping.Bound{Decimal: dec(5, -1), Set: true}}}
	tests := []struct {
		name string
		tag  mapping.Tag
		bits uint64
		want Value
	}{
		{"decimal-clean float32", mapping.Tag{Traits: &mapping.Traits{Type: mapping.TypeFloat32}}, 0x41B8CCCD, Value{Kind: Float, Text: "23.1", Number: 23.1}},
		{"decimal-clean scaling", linear(mapping.TypeInt16, dec(1, -1), dec(0, 0)), 3, Value{Kind: Float, Text: "0.3", Number: 0.3}},
		{"float32 scaled", linear(mapping.TypeFloat32, dec(10, 0), dec(1, 0)), 0x41B8CCCD, Value{Kind: Float, Text: "232", Number: 232}},
		{"int64 in full", mapping.Tag{Traits: &mapping.Traits{Type: mapping.TypeInt64}}, 1<<63 - 1,
			Value{Kind: Integer, Text: "9223372036854775807", Number: 9223372036854775807}},
		{"15 digits", linear(mapping.TypeUint64, dec(1, -3), dec(0, 0)), 1234567890123456789,
			Value{Kind: Float, Text: "1234567890123460", Number: 1234567890123460}},
		{"negative", mapping.Tag{Traits: &mapping.Traits{Type: mapping.TypeInt16}}, 0xFFFE, Value{Kind: Integer, Text: "-2", Number: -2}},
		{"clamped", clamped, 600, Value{Kind: Float, Text: "50", Number: 50, Quality: mapping.GoodClamped}},
		{"over max", limited, 1, Value{Kind: Integer, Text: "1", Number: 1, Quality: mapping.UncertainUnitsExceeded}},
		{"NaN", mapping.Tag{Traits: &mapping.Traits{Type: mapping.TypeFloat32}}, 0x7FC00000, bad(mapping.BadNoData)},
		{"infinity", mapping.Tag{Traits: &mapping.Traits{Type: mapping.TypeFloat16}}, 0x7C00, bad(mapping.BadNoData)},
		{"BCD", mapping.Tag{Traits: &mapping.Traits{Type: mapping.TypeBCD16}}, 0x9876, Value{Kind: Integer, Text: "9876", Number: 9876}},
		{"no BCD", mapping.Tag{Traits: &mapping.Traits{Type: mapping.TypeBCD16}}, 0x98A6, bad(mapping.BadDecodingError)},
		{"invalid hex", mapping.Tag{Traits: &mapping.Traits{Type: mapping.TypeFloat32, Invalid: []mapping.Invalid{{Hex: true, Bits: 0x41B8CCCD}}}}, 0x41B8CCCD,
			bad(mapping.BadNoData)},
		{"invalid decimal", mapping.Tag{Traits: &mapping.Traits{Type: mapping.TypeInt16, Invalid: []mapping.Invalid{{Value: dec(-1, 0)}}}}, 0xFFFF,
			bad(mapping.BadNoData)},
		{"half", mapping.Tag{Traits: &mapping.Traits{Type: mapping.TypeFloat16}}, 0x3E00, Value{Kind: Float, Text: "1.5", Number: 1.5}},
		{"bool", mapping.Tag{Traits: &mapping.Traits{Type: mapping.TypeBool}}, 1,
			Value{Kind: Bool, Text: "true", Number: 1}},
	}
	for _, test := range tests {
		if test.tag.Type != mapping.TypeBool {
			test.tag.Address.Table = mapping.Holding
		}
		u := NewUnit(UnitOptions{Tags: []*mapping.Tag{&test.tag}})
		if err := u.SetBits(&test.tag, test.bits); err != nil {
			t.Fatal(err)
		}
		if got := u.Expected(&test.tag); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
	if got := NewUnit(UnitOptions{}).Expected(holding("x", 0, mapping.TypeUint16)); got.Quality != mapping.BadConfigurationError {
		t.Errorf("a register that is not there: %+v", got)
	}
}
