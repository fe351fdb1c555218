package mapping

import (
	"math"
	"testing"
	"unicode/utf8"
)

// FuzzCodec compiles tags that no check has seen and decodes any registers: nothing panics, and what comes out keeps
// the promises of Sample.
func FuzzCodec(f *testing.F) {
	f.Add(uint8(TypeInt16), uint8(0), uint8(Linear), int64(1), int8(-1), int64(0), int8(0), []byte("\x00\x03"))
	f.Add(uint8(TypeFloat32), uint8(1), uint8(FromRange), int64(27648), int8(0), int64(100), int8(0), []byte("A\xb8\xcc\xcd"))
	f.Add(uint8(TypeString), uint8(2), uint8(Unscaled), int64(4), int8(0), int64(0), int8(0), []byte("\xb0C  "))
	f.Add(uint8(TypeUint64), uint8(3), uint8(Linear), int64(-7), int8(100), int64(9), int8(-100), []byte("12345678"))
	f.Add(uint8(TypeBool), uint8(36), uint8(0xEF), int64(-2), int8(108), int64(-48), int8(-23), []byte("0")) // a clamped bool
	for typ := range typeTable {
		f.Add(uint8(typ), uint8(2*typ), uint8(0), int64(2), int8(0), int64(3), int8(0), []byte("\x00\x1a\x00\x0b\x00\x1d\x00\x09\x00\x1e\x00\x00"))
	}
	f.Fuzz(func(t *testing.T, typ, order, how uint8, m1 int64, e1 int8, m2 int64, e2 int8, raw []byte) {
		one, two := Decimal{m1, e1}, Decimal{m2, e2}
		tag := &Tag{
			Address: Address{Table: Holding, Part: Part(order / 4 % 4), Bit: order / 16},
			Traits: &Traits{Type: Type(int(typ) % len(typeTable)), Order: Order(order % 4), Length: int(uint64(m1) % 8), Scaling: Scaling{
				Kind: ScaleKind(how % 3), Scale: one, Offset: two, RawMin: one, RawMax: two, EngMin: two, EngMax: one,
			}, Clamp: Clamp(how / 4 % 4), Min: Bound{Decimal: one, Set: how/16%2 == 1}, Max: Bound{Decimal: two, Set: how/32%2 == 1}},
		}
		if how >= 128 {
			tag.Invalid = []Invalid{{Hex: true, Bits: uint64(m1)}, {Value: two}}
		}
		c := Compile(tag)
		raw = append(raw, make([]byte, 2*tag.Registers()+8)...)
		b := Batch{Blob: []byte("x")}
		var s Sample
		c.Registers(raw[:max(2*tag.Registers(), 2*int(c.words))], &b, &s)
		checkSample(t, c, &b, &s)
		c.Int64(m1, &b, &s)
		checkSample(t, c, &b, &s)
		c.Uint64(uint64(m1), &b, &s)
		checkSample(t, c, &b, &s)
		c.Float64(math.Float64frombits(uint64(m2)), &b, &s)
		checkSample(t, c, &b, &s)
		c.Float32(math.Float32frombits(uint32(m2)), &b, &s)
		checkSample(t, c, &b, &s)
	})
}

func checkSample(t *testing.T, c *Codec, b *Batch, s *Sample) {
	t.Helper()
	if s.Quality.IsBad() != (s.Kind == None) {
		t.Fatalf("quality %v with kind %v", s.Quality, s.Kind)
	}
	if c.Kind() != None && s.Kind != None && s.Kind != c.Kind() {
		t.Fatalf("kind %v, the codec says %v", s.Kind, c.Kind())
	}
	ok := true
	switch s.Kind {
	case None:
		ok = s.Bits == 0
	case Bool:
		ok = s.Bits <= 1
	case Int:
		ok = magnitude(int64(s.Bits)) < 1e16 || c.auto
	case Uint:
		ok = s.Bits < 1<<48 || c.auto
	case F32:
		v := math.Float32frombits(uint32(s.Bits))
		ok = v-v == 0 && s.Bits>>32 == 0
	case F64:
		v := math.Float64frombits(s.Bits)
		ok = v-v == 0
	case Dec:
		ok = magnitude(int64(s.Bits)) <= maxMantissa
	case Text:
		ok = utf8.Valid(b.Text(s))
	}
	if !ok {
		t.Fatalf("%+v breaks the promise of its kind", *s)
	}
}
