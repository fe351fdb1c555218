package mapping

import "strconv"

// pow10Float are the powers of ten that a float64 holds exactly.
var pow10Float = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
	1e21, 1e22,
}

// pow10Uint are the powers of ten that a uint64 holds.
var pow10Uint = [...]uint64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// decimalFloat is the float64 nearest to mant × 10^exp, or an infinity.
func decimalFloat(mant int64, exp int) float64 {
	if m := float64(mant); magnitude(mant) <= 1<<53 {
		// Both operands are exact, so the one operation rounds right (Clinger's fast path).
		switch {
		case exp == 0 || mant == 0:
			return m
		case exp < 0 && -exp < len(pow10Float):
			return m / pow10Float[-exp]
		case exp > 0 && exp < len(pow10Float):
			return m * pow10Float[exp]
		}
	}
	var buf [32]byte
	text := strconv.AppendInt(buf[:0], mant, 10)
	text = append(text, 'e')
	text = strconv.AppendInt(text, int64(exp), 10)
	v, _ := strconv.ParseFloat(string(text), 64) // an error is only of range, and then v is right
	return v
}
