package plc

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"tagbridge/mapping"
)

// everyType is a tag of each type with each length up to four, in each order and with each part that it can have.
func everyType() []*mapping.Tag {
	var list []*mapping.Tag
	for _, typ := range mapping.AllTypes() {
		lengths := []int{0}
		if typ.Text(1) != typ.Text(0) {
			lengths = []int{1, 2, 3, 4}
		}
		switch typ {
		case mapping.TypeDatetime:
			lengths = []int{1, 2, 3, 4, 5, 6}
		case mapping.TypeBits:
			lengths = []int{1, 5, 16, 17, 28}
		}
		for _, length := range lengths {
			for order := range mapping.DCBA + 1 {
				for _, a := range places(typ, length) {
					t := &mapping.Tag{Name: "t", Address: a, Traits: &mapping.Traits{Type: typ, Length: length, Order: order}}
					if typ == mapping.TypeDatetime && order%2 == 1 {
						t.Zone = "Europe/Berlin"
					}
					list = append(list, t)
				}
			}
		}
	}
	return list
}

func places(typ mapping.Type, length int) []mapping.Address {
	list := []mapping.Address{{Table: mapping.Holding}}
	switch {
	case typ == mapping.TypeBool:
		list = append(list, mapping.Address{Table: mapping.Holding, Part: mapping.Bit, Bit: 11})
	case typ == mapping.TypeBits && length <= 28:
		list = append(list, mapping.Address{Table: mapping.Holding, Part: mapping.Bit, Bit: 4})
	case typ.IsPart():
		list = append(list, mapping.Address{Table: mapping.Holding, Part: mapping.HiByte}, mapping.Address{Table: mapping.Holding, Part: mapping.LoByte})
	}
	return list
}

// TestEveryTypeIsExpectedAsItIsDecoded has the simulator and the codecs, which know nothing of each other, take registers at
// random for the same.
func TestEveryTypeIsExpectedAsItIsDecoded(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	good := map[string]int{}
	for _, tag := range everyType() {
		u := NewUnit(UnitOptions{Tags: []*mapping.Tag{tag}})
		c := mapping.Compile(tag)
		name := fmt.Sprintf("%s %v %v", tag.TypeText(), tag.Address, tag.Order)
		for i := range 150 {
			words := make([]uint16, tag.Registers())
			for k := range words {
				words[k] = uint16(r.Uint32()) >> r.IntN(17)
			}
			if i%3 == 0 {
				plausible(r, tag, words)
			}
			if err := u.Set(mapping.Holding, 0, words...); err != nil {
				t.Fatal(name, err)
			}
			want, got := shown(u.Expected(tag)), decodedAs(c, words)
			if got != want {
				t.Fatalf("%s of %04X: decoded as %s, expected %s", name, words, got, want)
			}
			if !strings.HasPrefix(want, "Bad") {
				good[tag.TypeText()]++
			}
		}
	}
	for _, tag := range everyType() {
		if good[tag.TypeText()] < 40 {
			t.Errorf("%s: %d good values were tried", tag.TypeText(), good[tag.TypeText()])
		}
	}
}

// plausible fills words with what a type that few registers fit has.
func plausible(r *rand.Rand, t *mapping.Tag, words []uint16) {
	data := make([]byte, 2*len(words))
	switch t.Type {
	case mapping.TypeDatetime:
		putDate(data, t, fmt.Sprintf("20%02d-%02d-%02dT%02d:%02d:%02d.%03dZ", r.IntN(100), 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1000)))
	case mapping.TypeChars:
		putChars(data, t.Order, "ABCDEFGH"[:t.Length])
	case mapping.TypeMod10k, mapping.TypeBCD8, mapping.TypeBCD16, mapping.TypeBCD32:
		put(data, layoutOf(t.Order, len(data)), encode(t, float64(r.IntN(99))))
	default:
		return
	}
	for i := range words {
		words[i] = uint16(data[2*i])<<8 | uint16(data[2*i+1])
	}
}

func shown(v Value) string {
	if v.Kind == NoValue {
		return v.Quality.String()
	}
	return v.Text
}

func decodedAs(c *mapping.Codec, words []uint16) string {
	raw := make([]byte, 0, 2*len(words))
	for _, w := range words {
		raw = append(raw, byte(w>>8), byte(w))
	}
	var b mapping.Batch
	var s mapping.Sample
	c.Registers(raw, &b, &s)
	switch s.Kind {
	case mapping.None:
		return s.Quality.String()
	case mapping.Bool:
		return strconv.FormatBool(s.Bits == 1)
	case mapping.Text:
		return string(b.Text(&s))
	case mapping.F32:
		v, _ := strconv.ParseFloat(strconv.FormatFloat(float64(math.Float32frombits(uint32(s.Bits))), 'g', -1, 32), 64)
		return strconv.FormatFloat(v+0, 'f', -1, 64)
	case mapping.F64:
		return strconv.FormatFloat(math.Float64frombits(s.Bits)+0, 'f', -1, 64) // a fraction has no negative zero
	}
	return string(mapping.AppendNumber(nil, &s, c.Exp()))
}

// TestEveryTypeIsSimulated has units whose values move: each is one that a device could have.
func TestEveryTypeIsSimulated(t *testing.T) {
	for _, tag := range everyType() {
		u := NewUnit(UnitOptions{Tags: []*mapping.Tag{tag}})
		if v := u.Expected(tag); v.Quality != mapping.Good || v.Kind == NoValue || v.Text == "" {
			t.Errorf("%s %v: %+v", tag.TypeText(), tag.Address, v)
		}
	}
}
