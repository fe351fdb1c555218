package mapping

import "math"

// moved reports whether the number s, of the kind of the last one sent, is farther from it than the deadband, band. A step
// of just the deadband is not: the noise of binary fractions on both sides of 0.1 is allowed for.
func (t *tagState) moved(s *Sample, exp int8, band float64) bool {
	if s.Bits == t.bits {
		return false
	}
	if t.flags&percent != 0 {
		band = 0 // of a range that only the server knew, and did not tell
	}
	switch s.Kind {
	case Int, Int64:
		return float64(distance(int64(s.Bits), int64(t.bits))) > band
	case Uint, Uint64:
		return float64(max(s.Bits, t.bits)-min(s.Bits, t.bits)) > band
	case Dec:
		steps := float64(distance(int64(s.Bits), int64(t.bits)))
		return steps*math.Pow10(int(exp)) > band*(1+0x1p-50)
	case F32:
		a, b := float64(math.Float32frombits(uint32(s.Bits))), float64(math.Float32frombits(uint32(t.bits)))
		return math.Abs(a-b) > band+noise(a, b, band, 0x1p-23)
	case F64:
		a, b := math.Float64frombits(s.Bits), math.Float64frombits(t.bits)
		return math.Abs(a-b) > band+noise(a, b, band, 0x1p-52)
	}
	return true
}

// noise is what the last binary digits of a and b can add to their distance; without a deadband every digit counts.
func noise(a, b, band, digit float64) float64 {
	if band == 0 {
		return 0
	}
	return max(math.Abs(a), math.Abs(b), band) * digit
}

func distance(a, b int64) uint64 {
	if a < b {
		return uint64(b) - uint64(a)
	}
	return uint64(a) - uint64(b)
}
