package mapping

import (
	"math"
	"math/big"
	"math/bits"
)

// rangeFormula brings a range to one fraction in lowest terms.
func rangeFormula(s *Scaling) *formula {
	if f := smallRange(s); f != nil {
		return f
	}
	return bigRange(s)
}

// bigRange is rangeFormula for any range. Factors of ten go to the exponents, and so do, rounded, digits beyond 19 of a
// coefficient, which takes ends as far apart as 1e-9 and 1e12 in one range.
func bigRange(s *Scaling) *formula {
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
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(max(int64(d.Exp), -int64(d.Exp))), nil)
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

// smallRange is rangeFormula where 62 bits are enough, a tenth of the work: as nearly always. Else it is nil.
func smallRange(s *Scaling) *formula {
	engExp, rawExp := min(s.EngMin.Exp, s.EngMax.Exp), min(s.RawMin.Exp, s.RawMax.Exp)
	engMin, ok1 := s.EngMin.in(engExp)
	engMax, ok2 := s.EngMax.in(engExp)
	rawMin, ok3 := s.RawMin.in(rawExp)
	rawMax, ok4 := s.RawMax.in(rawExp)
	a, d := engMax-engMin, rawMax-rawMin
	x, ok5 := multiply(engMin, d)
	y, ok6 := multiply(rawMin, a)
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) || d == 0 {
		return nil
	}
	b := x - y
	if d < 0 {
		a, b, d = -a, -b, -d
	}
	common := gcd(gcd(magnitude(a), magnitude(b)), uint64(d))
	f := &formula{
		a: magnitude(a) / common, aNeg: a < 0, aExp: int16(engExp) - int16(rawExp),
		bLo: magnitude(b) / common, bNeg: b < 0, bExp: int16(engExp),
		d: uint64(d) / common,
	}
	f.finish()
	for ; f.a != 0 && f.a%10 == 0; f.aExp++ {
		f.a /= 10
	}
	for ; f.bHi == 0 && f.bLo != 0 && f.bLo%10 == 0; f.bExp++ {
		f.bLo /= 10
	}
	return f
}

// in is d as a multiple of 10^exp, which is not above d's own; ok is false when that needs more than 61 bits.
func (d Decimal) in(exp int8) (m int64, ok bool) {
	m, ok = timesPow10(magnitude(d.Mant), d.Mant < 0, int(d.Exp)-int(exp))
	return m, ok && magnitude(m) < 1<<61
}

func multiply(a, b int64) (product int64, ok bool) {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	return signed(lo, (a < 0) != (b < 0)), hi == 0 && lo < 1<<62
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
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
