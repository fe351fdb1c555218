package plc

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"tagbridge/mapping"
)

// half widens an IEEE 754 binary16 number.
func half(h uint16) float64 {
	sign, exp, frac := h>>15, int(h>>10&31), float64(h&1023)
	var f float64
	switch exp {
	case 0:
		f = math.Ldexp(frac, -24)
	case 31:
		f = math.Inf(1)
		if frac != 0 {
			return math.NaN()
		}
	default:
		f = math.Ldexp(1024+frac, exp-25)
	}
	if sign == 1 {
		return -f
	}
	return f
}

// toHalf is the nearest IEEE 754 binary16 number, ties to even.
func toHalf(f float64) uint16 {
	var sign uint16
	if math.Signbit(f) {
		sign, f = 1<<15, -f
	}
	switch {
	case math.IsNaN(f):
		return sign | 0x7E00
	case f >= 65520:
		return sign | 0x7C00
	case f < 0x1p-14: // a subnormal, or the smallest normal by carry
		return sign | uint16(math.RoundToEven(f*0x1p24))
	}
	m, exp := math.Frexp(f) // 0.5 <= m < 1
	frac := math.RoundToEven(m * 2048)
	return sign | uint16((exp+13)<<10+int(frac)) // frac is 1024 to 2048: its top bit counts into the exponent
}

// shortHalf is the number of fewest digits whose nearest binary16 number is h: 45.8, not 45.8125. Whole numbers are
// kept.
func shortHalf(h uint16) float64 {
	exact := half(h)
	if exact == math.Trunc(exact) {
		return exact
	}
	for digits := 1; digits < 6; digits++ {
		f, err := strconv.ParseFloat(strconv.FormatFloat(exact, 'g', digits, 64), 64)
		if err == nil && toHalf(f) == h {
			return f
		}
	}
	return exact
}

// bcd is v in binary coded decimal.
func bcd(v uint64) uint64 {
	var b uint64
	for i := 0; v > 0; i += 4 {
		b |= v % 10 << i
		v /= 10
	}
	return b
}

// fromBCD is the number that digits stands for; ok is false for a digit above 9.
func fromBCD(digits uint64) (v uint64, ok bool) {
	for i := 60; i >= 0; i -= 4 {
		d := digits >> i & 15
		if d > 9 {
			return 0, false
		}
		v = v*10 + d
	}
	return v, true
}

// typeOf is the type of t, the default of its address filled in.
func typeOf(t *mapping.Tag) mapping.Type {
	switch {
	case t.Address.Table.IsBits() || t.Address.Part == mapping.Bit && t.Type != mapping.TypeBits:
		return mapping.TypeBool
	case t.Type == mapping.TypeAuto:
		return mapping.TypeUint16
	}
	return t.Type
}

// rangeOf is the least and greatest value of a type. Of float types, what a plant would hold.
func rangeOf(t *mapping.Tag) (lo, hi float64) {
	switch typeOf(t) {
	case mapping.TypeBool:
		return 0, 1
	case mapping.TypeInt8:
		return math.MinInt8, math.MaxInt8
	case mapping.TypeUint8:
		return 0, math.MaxUint8
	case mapping.TypeInt16:
		return math.MinInt16, math.MaxInt16
	case mapping.TypeUint16:
		return 0, math.MaxUint16
	case mapping.TypeInt32:
		return math.MinInt32, math.MaxInt32
	case mapping.TypeUint32:
		return 0, math.MaxUint32
	case mapping.TypeInt64:
		return -1 << 53, 1 << 53
	case mapping.TypeUint64:
		return 0, 1 << 53
	case mapping.TypeFloat16:
		return -65504, 65504
	case mapping.TypeBCD16:
		return 0, 9999
	case mapping.TypeBCD32:
		return 0, 99999999
	case mapping.TypeBCD8:
		return 0, 99
	case mapping.TypeInt24:
		return -1 << 23, 1<<23 - 1
	case mapping.TypeUint24:
		return 0, 1<<24 - 1
	case mapping.TypeInt48:
		return -1 << 47, 1<<47 - 1
	case mapping.TypeUint48:
		return 0, 1<<48 - 1
	case mapping.TypeSM16:
		return -math.MaxInt16, math.MaxInt16
	case mapping.TypeSM32:
		return -math.MaxInt32, math.MaxInt32
	case mapping.TypeBits:
		return 0, math.Pow(2, float64(t.Length)) - 1
	case mapping.TypeMod10k:
		return 0, min(math.Pow(10000, float64(t.Length))-1, 1<<53)
	}
	return -math.MaxFloat32, math.MaxFloat32
}

// isFloat reports types whose values are not whole numbers.
func isFloat(t mapping.Type) bool {
	return t == mapping.TypeFloat16 || t == mapping.TypeFloat32 || t == mapping.TypeFloat64
}

// encode is the bits of a raw value of type t, right-aligned, two's complement.
func encode(t *mapping.Tag, v float64) uint64 {
	switch typeOf(t) {
	case mapping.TypeFloat16:
		return uint64(toHalf(v))
	case mapping.TypeFloat32:
		return uint64(math.Float32bits(float32(v)))
	case mapping.TypeFloat64:
		return math.Float64bits(v)
	case mapping.TypeBCD8, mapping.TypeBCD16, mapping.TypeBCD32:
		return bcd(uint64(v))
	case mapping.TypeSM16:
		return uint64(math.Abs(v)) | signBit(v)<<15
	case mapping.TypeSM32:
		return uint64(math.Abs(v)) | signBit(v)<<31
	case mapping.TypeMod10k:
		return mod10k(int64(v))
	}
	if v < 0 {
		return uint64(int64(v))
	}
	return uint64(v)
}

func signBit(v float64) uint64 {
	if v < 0 {
		return 1
	}
	return 0
}

// mod10k is v with four decimal digits in each 16 bits.
func mod10k(v int64) uint64 {
	var b uint64
	for i := range 4 {
		b |= uint64(uint16(int16(v%10000))) << (16 * i)
		v /= 10000
	}
	return b
}

// fromMod10k is the number that registers of four digits stand for.
func fromMod10k(b uint64, registers int) (v int64, ok bool) {
	weight := int64(1)
	for i := range registers {
		digits := int64(int16(b >> (16 * i)))
		if digits > 9999 || digits < -9999 {
			return 0, false
		}
		v += weight * digits
		weight *= 10000
	}
	return v, true
}

// round15 is r at 15 significant digits, ties to even.
func round15(r *big.Rat) *big.Rat {
	if r.Sign() == 0 {
		return r
	}
	text := new(big.Float).SetPrec(256).SetRat(r).Text('e', 0)
	exp, _ := strconv.Atoi(text[strings.IndexByte(text, 'e')+1:])
	unit := power(exp - 14) // of the last digit; one too large after 9.9…
	if new(big.Rat).Abs(new(big.Rat).Quo(r, unit)).Cmp(big.NewRat(1e14, 1)) < 0 {
		unit.Mul(unit, big.NewRat(1, 10))
	}
	q := new(big.Rat).Quo(r, unit)
	whole, rest := new(big.Int).QuoRem(q.Num(), q.Denom(), new(big.Int))
	twice := new(big.Int).Abs(rest.Lsh(rest, 1))
	if c := twice.Cmp(q.Denom()); c > 0 || c == 0 && whole.Bit(0) == 1 {
		whole.Add(whole, big.NewInt(int64(r.Sign())))
	}
	return unit.Mul(unit, new(big.Rat).SetInt(whole))
}

// power is 10^exp.
func power(exp int) *big.Rat {
	n := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(exp, -exp))), nil)
	if exp < 0 {
		return new(big.Rat).SetFrac(big.NewInt(1), n)
	}
	return new(big.Rat).SetInt(n)
}

// rat is d as an exact fraction.
func rat(d mapping.Decimal) *big.Rat {
	r := new(big.Rat).SetInt64(d.Mant)
	return r.Mul(r, power(int(d.Exp)))
}

// approx is d as a float64.
func approx(d mapping.Decimal) float64 {
	f, _ := rat(d).Float64()
	return f
}
