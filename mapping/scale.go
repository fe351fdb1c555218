package mapping

import (
	"math/bits"
)

// minDecExp is the least exponent of kind Dec: numbers of 15 digits print fast down to it.
const minDecExp = -15

// maxMantissa is the greatest mantissa of 15 digits, what every float64 can tell apart.
const maxMantissa = 1e15 - 1

// compileScaling chooses kind Dec where every raw value of the type gives at most 15 digits, else a formula with
// result F64.
func (c *Codec) compileScaling(t *Tag) {
	f := newFormula(&t.Scaling)
	c.kind, c.formula = F64, f
	low, high, ok := rawRange(t)
	if !ok {
		return
	}
	exp, mul, add, ok := f.integers(clampExp(t))
	if ok && fits15(mul, add, low) && fits15(mul, add, high) && clampFits15(t, exp) {
		c.kind, c.exp, c.mul, c.add, c.formula = Dec, int8(exp), mul, add, nil
	}
}

// rawRange is the least and greatest raw value of an integer type of less than 64 bits.
func rawRange(t *Tag) (low, high int64, ok bool) {
	kind := effectiveType(t)
	if k := typeTable[kind].kind; k != Int && k != Uint || kind == TypeAuto {
		return 0, 0, false
	}
	return kind.Bounds(t.Length)
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
