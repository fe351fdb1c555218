package mapping

import "math"

// float16 finishes a raw float of 16 bits (IEEE 754 binary16): its kind is F32, with the shortest decimal that reads
// back as the same float16. So 23.1, of which a float16 holds 23.09375, is 23.1 as it is for the longer floats.
func (c *Codec) float16(h uint16, s *Sample) {
	if h&0x7C00 == 0x7C00 {
		noValue(s, BadNoData)
		return
	}
	mant, exp := shortest16(h)
	if c.formula != nil {
		c.scaled(mant < 0, magnitude(mant), exp, s)
		return
	}
	v := float32(decimalFloat(mant, exp))
	if h == 0x8000 {
		v = float32(math.Copysign(0, -1))
	}
	c.float32(v, s)
}

// shortest16 is the shortest decimal that reads back as the finite float16 h. A whole number stays as it is: 65504
// would be 65500.
func shortest16(h uint16) (mant int64, exp int) {
	v, gap := half(h & 0x7FFF)
	negative := h&0x8000 != 0
	if v == math.Trunc(v) {
		return signed(uint64(v), negative), 0
	}
	below := gap / 2 // half of the way to the neighbours
	if h&0x3FF == 0 && h&0x7C00 > 0x400 {
		below = gap / 4 // the least of its power of two
	}
	for decimals := 1; ; decimals++ {
		p := pow10Float[decimals]
		m := math.RoundToEven(v * p) // exact: 11 bits by at most 27
		if off := m - v*p; off < gap/2*p && -off < below*p {
			return signed(uint64(m), negative), -decimals
		}
	}
}

// half is the value of a float16 that is finite and not negative, and its distance to the next one.
func half(h uint16) (v, gap float64) {
	frac, exp := float64(h&0x3FF), int(h>>10)
	if exp == 0 { // subnormal
		return math.Ldexp(frac, -24), math.Ldexp(1, -24)
	}
	return math.Ldexp(1024+frac, exp-25), math.Ldexp(1, exp-25)
}
