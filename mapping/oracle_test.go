package mapping

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// This file computes scaling a second time, with math/big and by the definition, to compare with.

func bigDecimal(d Decimal) *big.Rat {
	r, ok := new(big.Rat).SetString(d.String())
	if !ok {
		panic("not a number: " + d.String())
	}
	return r
}

// oracleScale is the scaled value of raw before rounding.
func oracleScale(s *Scaling, raw *big.Rat) *big.Rat {
	v := new(big.Rat)
	if s.Kind == Linear {
		v.Mul(raw, bigDecimal(s.Scale))
		return v.Add(v, bigDecimal(s.Offset))
	}
	v.Sub(raw, bigDecimal(s.RawMin))
	v.Mul(v, new(big.Rat).Sub(bigDecimal(s.EngMax), bigDecimal(s.EngMin)))
	v.Quo(v, new(big.Rat).Sub(bigDecimal(s.RawMax), bigDecimal(s.RawMin)))
	return v.Add(v, bigDecimal(s.EngMin))
}

// oracle15 is v rounded half to even to 15 significant digits, as the nearest float64.
func oracle15(v *big.Rat) float64 {
	if v.Sign() == 0 {
		return 0
	}
	abs, exp := new(big.Rat).Abs(v), 0
	ten := big.NewRat(10, 1)
	top, bottom := new(big.Rat).SetInt64(1e15), new(big.Rat).SetInt64(1e14)
	for ; abs.Cmp(top) >= 0; exp++ {
		abs.Quo(abs, ten)
	}
	for ; abs.Cmp(bottom) < 0; exp-- {
		abs.Mul(abs, ten)
	}
	q, rest := new(big.Int).QuoRem(abs.Num(), abs.Denom(), new(big.Int))
	switch rest.Lsh(rest, 1).Cmp(abs.Denom()) {
	case 1:
		q.Add(q, big.NewInt(1))
	case 0:
		q.Add(q, new(big.Int).And(q, big.NewInt(1)))
	}
	f, err := strconv.ParseFloat(q.String()+"e"+strconv.Itoa(exp), 64)
	if err != nil {
		f = math.Inf(1)
	}
	return math.Copysign(f, float64(v.Sign()))
}

// randomDecimal has up to 18 digits, with plain ones more often.
func randomDecimal(r *rand.Rand) Decimal {
	digits := 1 + r.IntN(6)
	spread := 8
	if r.IntN(4) == 0 {
		digits, spread = 1+r.IntN(18), 40
	}
	d := Decimal{Mant: r.Int64N(int64(pow10Uint[digits])), Exp: int8(r.IntN(spread) - spread/2 - digits/2)}
	if r.IntN(3) == 0 {
		d.Mant = -d.Mant
	}
	d, _ = ParseDecimal(d.String())
	return d
}

func randomScaling(r *rand.Rand) Scaling {
	if r.IntN(2) == 0 {
		return Scaling{Kind: Linear, Scale: randomDecimal(r), Offset: randomDecimal(r)}
	}
	s := Scaling{Kind: FromRange, RawMin: Decimal{Mant: r.Int64N(10000)}, EngMin: randomDecimal(r), EngMax: randomDecimal(r)}
	s.RawMax = Decimal{Mant: s.RawMin.Mant + 1 + r.Int64N(65535)}
	switch r.IntN(8) {
	case 0:
		s.RawMax.Mant = 1e17 + r.Int64N(9e17)
	case 1:
		s.RawMin = Decimal{Mant: s.RawMin.Mant, Exp: -3}
	}
	// Coefficients of more digits are rounded, which the documentation owns to.
	if s.EngMin.Exp > s.EngMax.Exp+3 || s.EngMax.Exp > s.EngMin.Exp+3 {
		s.EngMin.Exp = s.EngMax.Exp
	}
	s.EngMin.Mant %= 1e9
	s.EngMax.Mant %= 1e9
	return s
}

// randomRaw is registers of typ and the decimal that they mean; ok is false for what has none.
func randomRaw(r *rand.Rand, typ Type) (raw []byte, v *big.Rat, ok bool) {
	n := 2 * typ.Registers()
	x := r.Uint64()
	switch r.IntN(4) {
	case 0:
		x &= 0xFF
	case 1: // a float of few decimals
		if typ == TypeFloat32 {
			x = uint64(math.Float32bits(float32(r.IntN(200000)-100000) / 100))
		}
		if typ == TypeFloat64 {
			x = math.Float64bits(float64(r.IntN(200000)-100000) / 1000)
		}
	}
	if n < 8 {
		x &= 1<<(8*n) - 1
	}
	for i := n - 1; i >= 0; i-- {
		raw = append(raw, byte(x>>(8*i)))
	}
	text := ""
	switch typ {
	case TypeInt16:
		text = strconv.Itoa(int(int16(x)))
	case TypeInt32:
		text = strconv.Itoa(int(int32(x)))
	case TypeInt64:
		text = strconv.FormatInt(int64(x), 10)
	case TypeFloat32:
		text = strconv.FormatFloat(float64(math.Float32frombits(uint32(x))), 'e', -1, 32)
	case TypeFloat64:
		text = strconv.FormatFloat(math.Float64frombits(x), 'e', -1, 64)
	default:
		text = strconv.FormatUint(x, 10)
	}
	if strings.ContainsAny(text, "NI") {
		return nil, nil, false
	}
	v, ok = new(big.Rat).SetString(text)
	return raw, v, ok
}

func TestScalingAgainstOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	types := []Type{TypeInt16, TypeUint16, TypeInt32, TypeUint32, TypeInt64, TypeUint64, TypeFloat32, TypeFloat64}
	kinds := map[Kind]int{}
	for range 20000 {
		tag := &Tag{Traits: &Traits{Type: types[r.IntN(len(types))], Scaling: randomScaling(r)}}
		raw, v, ok := randomRaw(r, tag.Type)
		if !ok {
			continue
		}
		c := Compile(tag)
		var s Sample
		c.Registers(raw, nil, &s)
		kinds[s.Kind]++
		want := oracle15(oracleScale(&tag.Scaling, v))
		got := math.NaN()
		switch s.Kind {
		case Dec:
			got = decimalFloat(int64(s.Bits), int(c.Exp()))
			if magnitude(int64(s.Bits)) > maxMantissa {
				t.Errorf("mantissa %d has more than 15 digits", int64(s.Bits))
			}
		case F64:
			got = math.Float64frombits(s.Bits)
		case None:
			if math.IsInf(want, 0) {
				continue
			}
		}
		if got != want {
			t.Fatalf("%v of % x with %+v = %v, want %v", tag.Type, raw, tag.Scaling, got, want)
		}
	}
	if kinds[Dec] < 500 || kinds[F64] < 1000 {
		t.Errorf("kinds tried: %v", kinds)
	}
}

// Each of the two fast ways must give what the exact one gives, and must be taken often enough to be worth it.
func TestFastFormulaIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	fast := 0
	for range 20000 {
		s := randomScaling(r)
		f := newFormula(&s)
		mant, exp := r.Uint64()>>(r.IntN(50)+10), -r.IntN(6)
		if _, _, ok := f.numerator(false, mant, exp+int(f.aExp)); ok {
			fast++
		}
		got, want := f.value(false, mant, exp), f.exact(false, mant, exp+int(f.aExp))
		if got != want {
			t.Fatalf("%+v of %d e%d: fast %v, exact %v", s, mant, exp, got, want)
		}
	}
	if fast < 8000 {
		t.Errorf("the fast way was taken %d times of 20000", fast)
	}
}

// The short way to a range's formula must give what the long one gives.
func TestSmallRangeIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	small := 0
	for range 5000 {
		s := randomScaling(r)
		if s.Kind != FromRange {
			continue
		}
		f, g := smallRange(&s), bigRange(&s)
		if f == nil {
			continue
		}
		small++
		mant := r.Uint64() >> r.IntN(64)
		if got, want := f.value(true, mant, -2), g.value(true, mant, -2); got != want {
			t.Fatalf("%+v of -%de-2: %v, by the long way %v", s, mant, got, want)
		}
	}
	if small < 1000 {
		t.Errorf("the short way was taken %d times", small)
	}
}
