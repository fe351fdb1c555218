package mapping

import (
	"math"
	"strconv"
)

// AppendNumber appends the shortest decimal that reads back as the number of s: whole floats without a point, very
// large and very small ones with an exponent. exp is the Exp of its series. A sample that is no number appends nothing.
func AppendNumber(dst []byte, s *Sample, exp int8) []byte {
	dst, _ = appendNumber(dst, s, exp)
	return dst
}

// AppendJSONNumber is AppendNumber, but a number of a float kind always has a point or an exponent.
func AppendJSONNumber(dst []byte, s *Sample, exp int8) []byte {
	dst, whole := appendNumber(dst, s, exp)
	if whole && s.Kind.IsFloat() {
		dst = append(dst, '.', '0')
	}
	return dst
}

// appendNumber says also whether the number was written with digits only.
func appendNumber(dst []byte, s *Sample, exp int8) (out []byte, whole bool) {
	switch s.Kind {
	case Int, Int64:
		return strconv.AppendInt(dst, int64(s.Bits), 10), true
	case Uint, Uint64:
		return strconv.AppendUint(dst, s.Bits, 10), true
	case F32:
		return appendFloat32(dst, math.Float32frombits(uint32(s.Bits)))
	case F64:
		return appendFloat64(dst, math.Float64frombits(s.Bits))
	case Dec:
		return appendDecimal(dst, int64(s.Bits), int(exp))
	}
	return dst, false
}

// appendDecimal writes mant × 10^exp.
func appendDecimal(dst []byte, mant int64, exp int) ([]byte, bool) {
	m := magnitude(mant)
	if exp > 0 || exp < -15 || exp < -6 && m < pow10Uint[-exp-6] {
		return appendFloat64(dst, decimalFloat(mant, exp))
	}
	if mant < 0 {
		dst = append(dst, '-')
	}
	return appendFixed(dst, m, -exp)
}

// appendFixed writes m ÷ 10^decimals without trailing zeros; decimals is at most 22.
func appendFixed(dst []byte, m uint64, decimals int) (out []byte, whole bool) {
	for decimals >= 3 && m%1000 == 0 {
		m, decimals = m/1000, decimals-3
	}
	for decimals > 0 && m%10 == 0 {
		m, decimals = m/10, decimals-1
	}
	if decimals == 0 {
		return strconv.AppendUint(dst, m, 10), true
	}
	var buf [24]byte
	at := len(buf)
	for ; decimals > 0; decimals-- {
		at--
		buf[at], m = byte('0'+m%10), m/10
	}
	at--
	buf[at] = '.'
	for {
		at--
		buf[at], m = byte('0'+m%10), m/10
		if m == 0 {
			return append(dst, buf[at:]...), false
		}
	}
}

// appendFloat64 tries a number of at most six decimals first, then one of 15 digits: a quarter and a half of what the
// general way costs.
func appendFloat64(dst []byte, v float64) ([]byte, bool) {
	a := math.Abs(v)
	if m, ok := decimals64(a); ok {
		return appendFixed(appendSign(dst, v), m, 6)
	}
	if m, decimals, ok := digits15(a); ok {
		return appendFixed(appendSign(dst, v), m, decimals)
	}
	return appendGeneral(dst, v, a, 64)
}

// appendFloat32 is appendFloat64 for the shorter decimals of a float32.
func appendFloat32(dst []byte, v float32) ([]byte, bool) {
	a := math.Abs(float64(v))
	if m, decimals, ok := decimals32(a); ok {
		return appendFixed(appendSign(dst, float64(v)), m, decimals)
	}
	if m, decimals, ok := noise32(a); ok {
		return appendFixed(appendSign(dst, float64(v)), m, decimals)
	}
	return appendGeneral(dst, float64(v), a, 32)
}

func appendSign(dst []byte, v float64) []byte {
	if math.Signbit(v) {
		return append(dst, '-')
	}
	return dst
}

// appendGeneral writes any float with the notation of JSON: an exponent below 1e-6 and from 1e21 on.
func appendGeneral(dst []byte, v, a float64, size int) ([]byte, bool) {
	if a < 1e-6 && a != 0 || a >= 1e21 {
		dst = strconv.AppendFloat(dst, v, 'e', -1, size)
		if n := len(dst); dst[n-2] == '0' && dst[n-3] == '-' { // 6e-08 is 6e-8
			dst[n-2], dst = dst[n-1], dst[:n-1]
		}
		return dst, false
	}
	n := len(dst)
	dst = strconv.AppendFloat(dst, v, 'f', -1, size)
	for _, c := range dst[n:] {
		if c == '.' {
			return dst, false
		}
	}
	return dst, true
}

// IsFinite reports that the value of s, where it is of a float kind, is a number: no codec lets another pass, and no text
// format has them.
func (s *Sample) IsFinite() bool {
	switch s.Kind {
	case F32:
		const exponent = 0xFF << 23
		return s.Bits&exponent != exponent
	case F64:
		const exponent = 0x7FF << 52
		return s.Bits&exponent != exponent
	}
	return true
}
