package mapping

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestScaleBy has values of SunSpec's rules: an exponent from -10 to 10, 0x8000 for none.
func TestScaleBy(t *testing.T) {
	for _, c := range []struct{ typ, order, raw, by, scale, want string }{
		{"int16", "", "3A98", "FFFF", "", "1500.0 F64 Good"},
		{"int16", "", "0640", "0000", "", "1600.0 F64 Good"},
		{"int16", "", "C568", "FFFE", "", "-150.0 F64 Good"},
		{"uint16", "", "0003", "FFF6", "", "3e-10 F64 Good"},
		{"uint16", "", "0003", "000A", "", "30000000000.0 F64 Good"},
		{"uint16", "", "0003", "000B", "", "null None BadNoData"},
		{"uint16", "", "0003", "FFF5", "", "null None BadNoData"},
		{"uint16", "", "0003", "8000", "", "null None BadNoData"},
		{"uint16", "BADC", "0300", "FFFF", "", "0.3 F64 Good"},
		{"uint16", "BADC", "0300", "FEFF", "", "0.03 F64 Good"},
		{"uint32", "CDAB", "0001 0002", "FFFD", "", "131.073 F64 Good"},
		{"uint64", "", "0020 0000 0000 0001", "FFFD", "", "9007199254740.99 F64 Good"},
		{"float32", "", "41B8 CCCD", "FFFF", "", "2.31 F64 Good"},
		{"int16", "", "00FA", "FFFF", "0.001", "0.525 F64 Good"}, // besides scale, and before the offset
		{"mod10k:2", "", "0001 0002", "FFFF", "", "1000.2 F64 Good"},
		{"bcd16", "", "123A", "FFFF", "", "null None BadDecodingError"},
	} {
		tag := newTag(t, c.typ, c.order)
		tag.ScaleBy = PlaceOf(Address{Table: Holding, Number: 9})
		if c.scale != "" {
			tag.Scaling = linear(t, c.scale, "0.5")
		}
		codec := Compile(tag)
		var b Batch
		var s Sample
		codec.RegistersBy(wire(t, c.raw), wire(t, c.by), &b, &s)
		if got := show(&s, &b, codec.Exp()); got != c.want {
			t.Errorf("%s %s of %s by %s = %s, want %s", c.typ, c.order, c.raw, c.by, got, c.want)
		}
	}
}

// TestScaleByAgainstOracle computes values by their definition.
func TestScaleByAgainstOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		tag := &Tag{Traits: &Traits{Type: []Type{TypeInt16, TypeUint32, TypeInt64, TypeFloat32}[r.IntN(4)], Scaling: randomScaling(r), ScaleBy: 1}}
		raw, v, ok := randomRaw(r, tag.Type)
		if !ok {
			continue
		}
		n := r.IntN(21) - 10
		factor, _ := new(big.Rat).SetString("1e" + big.NewInt(int64(n)).String())
		want := oracle15(oracleScale(&tag.Scaling, v.Mul(v, factor)))
		var s Sample
		Compile(tag).RegistersBy(raw, []byte{byte(n >> 8), byte(n)}, nil, &s)
		if got := math.Float64frombits(s.Bits); s.Kind == F64 && got != want {
			t.Fatalf("%v of % x by %d with %+v = %v, want %v", tag.Type, raw, n, tag.Scaling, got, want)
		}
	}
}

func TestScaleByDoesNotAllocate(t *testing.T) {
	tag := newTag(t, "int16", "")
	tag.ScaleBy, tag.Min = 1, bound(t, "0")
	codec, raw, by := Compile(tag), wire(t, "1234"), wire(t, "FFFF")
	var b Batch
	var s Sample
	if n := testing.AllocsPerRun(100, func() { codec.RegistersBy(raw, by, &b, &s) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
