package mapping

import "math/bits"

// value is f of the raw decimal ±mant × 10^exp: computed exactly, rounded to 15 digits, then to the nearest float64.
// An infinity means that the result is beyond any float64.
func (f *formula) value(negative bool, mant uint64, exp int) float64 {
	exp += int(f.aExp)
	if n, e, ok := f.numerator(negative, mant, exp); ok {
		if f.d == 1 && magnitude(n) <= maxMantissa {
			return decimalFloat(n, e)
		}
		if v, ok := f.quotient(n, e); ok {
			return v
		}
	}
	return f.exact(negative, mant, exp)
}

// numerator is a × raw + b as n × 10^e, where 62 bits are enough for every step; exp is that of a × raw.
func (f *formula) numerator(negative bool, mant uint64, exp int) (n int64, e int, ok bool) {
	hi, p := bits.Mul64(f.a, mant)
	if hi != 0 || p >= 1<<62 || f.bHi != 0 {
		return 0, 0, false
	}
	n, e = signed(p, negative != f.aNeg), exp
	if f.bLo == 0 {
		return n, e, true
	}
	b := f.bLo
	switch diff := exp - int(f.bExp); {
	case diff >= 0:
		e = int(f.bExp)
		n, ok = timesPow10(p, n < 0, diff)
		ok = ok && b < 1<<62
	default:
		var m int64
		m, ok = timesPow10(b, false, -diff)
		b = uint64(m)
	}
	return n + signed(b, f.bNeg), e, ok
}

// quotient is n × 10^e ÷ d by one division of 128 bits by 64. It fails where n is too small beside d.
func (f *formula) quotient(n int64, e int) (float64, bool) {
	m := magnitude(n)
	if m == 0 {
		return 0, true
	}
	up := max(0, 17-digits10(m)+digits10(f.d)) // so that the quotient has 17 digits or more
	if up >= len(pow10Uint) {
		return 0, false
	}
	hi, lo := bits.Mul64(m, pow10Uint[up])
	q, rest := bits.Div64(hi, lo, f.d)
	return round15(n < 0, q, rest != 0, e-up), true
}

// digits10 is how many decimal digits v has, 1 for 0.
func digits10(v uint64) int {
	n := bits.Len64(v|1) * 1233 >> 12 // × log10 of 2
	if n < len(pow10Uint) && v >= pow10Uint[n] {
		n++
	}
	return max(n, 1)
}

// round15 is the float64 nearest to m × 10^e rounded half to even to 15 digits. sticky says that something is left
// below the last digit of m, which then has more than 15.
func round15(negative bool, m uint64, sticky bool, e int) float64 {
	if drop := digits10(m) - 15; drop > 0 {
		p := pow10Uint[drop]
		rest := m % p
		m, e = m/p, e+drop
		if rest > p/2 || rest == p/2 && (sticky || m&1 == 1) {
			m++
		}
	}
	return decimalFloat(signed(m, negative), e)
}
