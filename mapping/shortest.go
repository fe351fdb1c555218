package mapping

import (
	"math"
	"strconv"
)

// The shortest decimal form of a float is found for most plant data without the general algorithm: the number times a
// power of ten, rounded, is tried. That is the shortest form, but for trailing zeros, when it reads back as the float
// and no other with as many decimals could: the spacing of floats must be below that of the decimals.

// decimals64 is a × 10^6 when that gives the shortest form of a, a finite float64 that is not negative.
func decimals64(a float64) (m uint64, ok bool) {
	const limit = 1e9 // floats below are less than 1.2e-7 apart
	if a >= limit {
		return 0, false
	}
	m = uint64(a*1e6 + 0.5)
	return m, float64(m)/1e6 == a
}

// digits15 is a × 10^decimals when that gives the shortest form of a, a float64, in at most 15 digits: as scaled values
// have, of which no two are the same float64. For 1e-6 <= a < 1e15 the product is near enough to the mantissa, below
// 1e15, to be rounded to it.
func digits15(a float64) (m uint64, decimals int, ok bool) {
	if !(a >= 1e-6 && a < 1e15) { // nor NaN
		return 0, 0, false
	}
	exp2 := int(math.Float64bits(a)>>52) - 1023
	decimals = 14 - exp2*1233>>12 // 14 less the decimal exponent, or that of half the number
	p := pow10Float[decimals]
	if a*p >= 1e15 {
		decimals--
		p = pow10Float[decimals]
	}
	m = uint64(a*p + 0.5)
	return m, decimals, float64(m)/p == a
}

// decimals32 is a × 10^decimals when that gives the shortest form of a, the value of a finite float32 that is not
// negative. The quotient is taken in float64: it cannot come so near to the middle between two float32 that rounding
// twice would go wrong, as a middle has 25 bits and the power of ten at most 20.
func decimals32(a float64) (m uint64, decimals int, ok bool) {
	switch {
	case a < 16: // less than 1e-6 apart
		decimals = 6
	case a < 1<<10: // 6.2e-5
		decimals = 4
	case a < 1<<14: // 9.8e-4
		decimals = 3
	case a < 1<<17: // 7.9e-3
		decimals = 2
	case a < 1<<20: // 0.063
		decimals = 1
	default:
		return uint64(a), 0, a < 1<<24 && a == math.Trunc(a)
	}
	p := pow10Float[decimals]
	m = uint64(a*p + 0.5)
	return m, decimals, float32(float64(m)/p) == float32(a)
}

// noise32 is a × 10^decimals when that gives the shortest form of a, the value of a float32, in six to nine digits. It
// asks for each number of digits whether the nearest decimal of so many lies between the middles of a and its neighbours.
// What comes near a middle or the half between two decimals, and powers of two, whose neighbours are not equally far,
// is left to the general way.
func noise32(a float64) (m uint64, decimals int, ok bool) {
	bits := math.Float64bits(a)
	if !(a >= 1e-6 && a < 1<<24) || bits<<12 == 0 { // nor NaN
		return 0, 0, false
	}
	exp2 := int(bits>>52) - 1023
	reach := math.Float64frombits(uint64(1023+exp2-24)<<52) * (1 - 1e-6) // half of the way to a neighbour
	six := 5 - exp2*1233>>12                                             // as in digits15
	if six >= 0 && a*pow10Float[six] >= 1e6 {
		six--
	}
	for decimals = max(0, six); decimals <= six+3; decimals++ {
		p := pow10Float[decimals]
		x := a * p
		m = uint64(x + 0.5)
		off := math.Abs(float64(m)/p - a)
		switch {
		case off < reach:
			return m, decimals, math.Abs(x-float64(m)) < 0.5-1e-6
		case off < reach*(1+3e-6):
			return 0, 0, false
		}
	}
	return 0, 0, false
}

// shortest32 is the shortest decimal that reads back as v, which is finite.
func shortest32(v float32) (mant int64, exp int) {
	if m, decimals, ok := decimals32(math.Abs(float64(v))); ok {
		return signed(m, v < 0), -decimals
	}
	if m, decimals, ok := noise32(math.Abs(float64(v))); ok {
		return signed(m, v < 0), -decimals
	}
	return shortestGeneral(float64(v), 32)
}

// shortest64 is the shortest decimal that reads back as v, which is finite.
func shortest64(v float64) (mant int64, exp int) {
	if m, ok := decimals64(math.Abs(v)); ok {
		return signed(m, v < 0), -6
	}
	if m, decimals, ok := digits15(math.Abs(v)); ok {
		return signed(m, v < 0), -decimals
	}
	return shortestGeneral(v, 64)
}

// shortestGeneral takes the digits from the standard library's text, d.ddde±dd.
func shortestGeneral(v float64, size int) (mant int64, exp int) {
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], math.Abs(v), 'e', -1, size)
	i, decimals := 0, 0
	for point := false; text[i] != 'e'; i++ {
		if text[i] == '.' {
			point = true
			continue
		}
		mant = mant*10 + int64(text[i]-'0')
		if point {
			decimals++
		}
	}
	for _, c := range text[i+2:] {
		exp = exp*10 + int(c-'0')
	}
	if text[i+1] == '-' {
		exp = -exp
	}
	return signed(uint64(mant), v < 0), exp - decimals
}

func signed(m uint64, negative bool) int64 {
	if negative {
		return -int64(m)
	}
	return int64(m)
}
