package mapping

import (
	"math"
	"math/big"
	"math/bits"
)

// minDecExp is the least exponent of kind Dec: numbers of 15 digits print fast down to it.
const minDecExp = -15

// maxMantissa is the greatest mantissa of 15 digits, what every float64 can tell apart.
const maxMantissa = 1e15 - 1

// compileScaling chooses kind Dec where every raw value of the type gives at most 15 digits, else a formula with
// result F64.
func (c *Codec) compileScaling(t *Tag, kind Type) {
	f := newFormula(&t.Scaling)
	c.kind, c.formula = F64, f
	low, high, ok := rawRange(kind)
	if !ok {
		return
	}
	exp, mul, add, ok := f.integers(clampExp(t))
	if ok && fits15(mul, add, low) && fits15(mul, add, high) && clampFits15(t, exp) {
		c.kind, c.exp, c.mul, c.add, c.formula = Dec, int8(exp), mul, add, nil
	}
}

// rawRange is the least and greatest raw value of an integer type of at most 32 bits.
func rawRange(t Type) (low, high int64, ok bool) {
	switch t {
	case TypeInt8, TypeInt16, TypeInt32:
		high = int64(1)<<(shapes[t].bits-1) - 1
		return -high - 1, high, true
	case TypeUint8, TypeUint16, TypeUint32:
		return 0, int64(1)<<shapes[t].bits - 1, true
	case TypeBCD16:
		return 0, 9999, true
	case TypeBCD32:
		return 0, 99999999, true
	}
	return 0, 0, false
}

// clampExp is the exponent that the ends of a clamp need to be exact.
func clampExp(t *Tag) int {
	exp := 0
	if t.Clamp&ClampLow != 0 {
		exp = min(exp, int(t.Scaling.EngMin.Exp))
	}
	if t.Clamp&ClampHigh != 0 {
		exp = min(exp, int(t.Scaling.EngMax.Exp))
	}
	return exp
}

func fits15(mul, add, raw int64) bool {
	hi, lo := bits.Mul64(magnitude(mul), magnitude(raw))
	return hi == 0 && lo <= maxMantissa && magnitude(add) <= maxMantissa && magnitude(mul*raw+add) <= maxMantissa
}

// clampFits15 reports that the ends at which values are held have at most 15 digits.
func clampFits15(t *Tag, exp int) bool {
	return (t.Clamp&ClampLow == 0 || roundMagnitude(t.Scaling.EngMin, exp, true) <= maxMantissa) &&
		(t.Clamp&ClampHigh == 0 || roundMagnitude(t.Scaling.EngMax, exp, true) <= maxMantissa)
}

// formula is (a × raw × 10^aExp + b × 10^bExp) ÷ d.
type formula struct {
	a, d     uint64
	bHi, bLo uint64 // magnitude of b
	aNeg     bool
	bNeg     bool
	aExp     int16
	bExp     int16
}

func newFormula(s *Scaling) *formula {
	if s.Kind == FromRange {
		return rangeFormula(s)
	}
	return &formula{
		a: magnitude(s.Scale.Mant), aNeg: s.Scale.Mant < 0, aExp: int16(s.Scale.Exp),
		bLo: magnitude(s.Offset.Mant), bNeg: s.Offset.Mant < 0, bExp: int16(s.Offset.Exp),
		d: 1,
	}
}

// rangeFormula brings a range to one fraction in lowest terms. Factors of ten go to the exponents, and so do, rounded,
// digits beyond 19 of a coefficient, which takes ends as far apart as 1e-9 and 1e12 in one range.
func rangeFormula(s *Scaling) *formula {
	rawMin, engMin := rat(s.RawMin), rat(s.EngMin)
	slope := new(big.Rat).Sub(rat(s.EngMax), engMin)
	if span := new(big.Rat).Sub(rat(s.RawMax), rawMin); span.Sign() != 0 { // as the map's check has it
		slope.Quo(slope, span)
	}
	offset := engMin.Sub(engMin, rawMin.Mul(rawMin, slope))

	d := new(big.Int).Mul(slope.Denom(), offset.Denom())
	d.Quo(d, new(big.Int).GCD(nil, nil, slope.Denom(), offset.Denom()))
	a := new(big.Int).Mul(slope.Num(), new(big.Int).Quo(d, slope.Denom()))
	b := new(big.Int).Mul(offset.Num(), new(big.Int).Quo(d, offset.Denom()))

	dExp := shorten(d, 64)
	aExp, bExp := shorten(a, 64), shorten(b, 128)
	f := &formula{
		a: new(big.Int).Abs(a).Uint64(), aNeg: a.Sign() < 0, aExp: int16(aExp - dExp),
		bNeg: b.Sign() < 0, bExp: int16(bExp - dExp),
		d: d.Uint64(),
	}
	b.Abs(b)
	f.bLo = new(big.Int).And(b, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
	f.bHi = b.Rsh(b, 64).Uint64()
	f.finish()
	return f
}

func rat(d Decimal) *big.Rat {
	r := new(big.Rat).SetInt64(d.Mant)
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(d.Exp, -d.Exp))), nil)
	if d.Exp < 0 {
		return r.Quo(r, new(big.Rat).SetInt(ten))
	}
	return r.Mul(r, new(big.Rat).SetInt(ten))
}

// shorten divides v by powers of ten, as long as nothing is lost and then, rounding, until it has at most size bits;
// it returns the power.
func shorten(v *big.Int, size int) (exp int) {
	ten, rest := big.NewInt(10), new(big.Int)
	for v.Sign() != 0 {
		q, r := new(big.Int).QuoRem(v, ten, rest)
		if r.Sign() != 0 && v.BitLen() <= size {
			break
		}
		if r.CmpAbs(big.NewInt(5)) >= 0 {
			q.Add(q, big.NewInt(int64(v.Sign())))
		}
		v.Set(q)
		exp++
	}
	return exp
}

// finish makes d = 1 of a d of twos and fives only, such as that of 4000..20000 to 0..100.
func (f *formula) finish() {
	a, d, exp := f.a, f.d, 0
	bHi, bLo := f.bHi, f.bLo
	for d > 1 {
		factor, divisor := uint64(10), uint64(10) // of a and b, of d: 10/2 = 5, 10/5 = 2
		switch {
		case d%10 == 0:
			factor = 1
		case d%2 == 0:
			factor, divisor = 5, 2
		case d%5 == 0:
			factor, divisor = 2, 5
		default:
			return
		}
		hi, lo := bits.Mul64(a, factor)
		carry, low := bits.Mul64(bLo, factor)
		over, high := bits.Mul64(bHi, factor)
		if hi != 0 || over != 0 || high+carry < high {
			return
		}
		a, bHi, bLo, d = lo, high+carry, low, d/divisor
		exp--
	}
	f.a, f.bHi, f.bLo, f.d = a, bHi, bLo, d
	f.aExp, f.bExp = f.aExp+int16(exp), f.bExp+int16(exp)
}

// integers is f as whole numbers: value = (mul × raw + add) × 10^exp, where exp is at most limit.
func (f *formula) integers(limit int) (exp int, mul, add int64, ok bool) {
	exp = min(0, limit)
	if f.a != 0 {
		exp = min(exp, int(f.aExp))
	}
	if f.bHi|f.bLo != 0 {
		exp = min(exp, int(f.bExp))
	}
	if f.d != 1 || f.bHi != 0 || exp < minDecExp {
		return 0, 0, 0, false
	}
	mul, fit := timesPow10(f.a, f.aNeg, int(f.aExp)-exp)
	add, fit2 := timesPow10(f.bLo, f.bNeg, int(f.bExp)-exp)
	return exp, mul, add, fit && fit2
}

// timesPow10 is ±m × 10^n where that fits 62 bits.
func timesPow10(m uint64, negative bool, n int) (int64, bool) {
	if m == 0 {
		return 0, true
	}
	if n >= len(pow10Uint) {
		return 0, false
	}
	hi, lo := bits.Mul64(m, pow10Uint[n])
	return signed(lo, negative), hi == 0 && lo < 1<<62
}
