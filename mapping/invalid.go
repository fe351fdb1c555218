package mapping

import (
	"math"
	"sort"
)

// invalid is the raw values of a tag that mean "no value". What comes from registers is compared as bits, in which
// also the decimal ones are given; typed values are compared with the decimals, and with the bits in the type that they
// came in.
type invalid struct {
	bits   []uint64
	values []Decimal
	texts  []string
}

// compileInvalid is nil for a tag without any.
func compileInvalid(list []Invalid, c *Codec) *invalid {
	if len(list) == 0 {
		return nil
	}
	n := &invalid{}
	for _, v := range list {
		switch {
		case c.form.isText() && c.form != formDate:
			n.texts = append(n.texts, v.Text)
		case v.Hex:
			n.bits = append(n.bits, v.Bits)
		default:
			n.values = append(n.values, v.Value)
			if !c.auto { // only the value itself tells which bits it has
				n.bits = append(n.bits, c.rawBits(v.Value)...)
			}
		}
	}
	return n
}

// rawBits is the bit patterns that decode as d: none, one, or two for the zeros of a float.
func (c *Codec) rawBits(d Decimal) []uint64 {
	switch c.form {
	case formFloat16:
		return rawHalf(d)
	case formFloat32:
		v := d.float32()
		return withNegativeZero(uint64(math.Float32bits(v)), 1<<31)
	case formFloat64:
		return withNegativeZero(math.Float64bits(d.Float64()), 1<<63)
	}
	m := roundMagnitude(d, 0, false)
	whole := roundMagnitude(d, 0, true) == m
	switch c.form {
	case formSign:
		return c.signBits(d.Mant < 0, m, whole)
	case formMod10k:
		return c.mod10kBits(d.Mant < 0, m, whole)
	case formBCD:
		bcd, ok := toBCD(m)
		if whole && ok && d.Mant >= 0 && bcd&^c.mask == 0 {
			return []uint64{bcd}
		}
		return nil
	}
	v := m
	if d.Mant < 0 {
		v = -m
	}
	if whole && c.decodesAs(v&c.mask, d.Mant < 0, m) {
		return []uint64{v & c.mask}
	}
	return nil
}

// signBits is ±m with a bit for its sign; a zero may have either.
func (c *Codec) signBits(negative bool, m uint64, whole bool) []uint64 {
	sign := c.mask>>1 + 1
	switch {
	case !whole || m >= sign:
		return nil
	case negative:
		return withNegativeZero(m|sign, sign)
	}
	return withNegativeZero(m, sign)
}

// mod10kBits is ±m in registers of four digits, each of which has the sign.
func (c *Codec) mod10kBits(negative bool, m uint64, whole bool) []uint64 {
	var v uint64
	for i := range int(c.words) {
		digits := m % 10000
		m /= 10000
		if negative {
			digits = -digits
		}
		v |= digits & 0xFFFF << (16 * i)
	}
	if !whole || m != 0 {
		return nil
	}
	return []uint64{v}
}

// decodesAs reports that the integer ±m comes back from its bits: that it is one of c's type.
func (c *Codec) decodesAs(v uint64, negative bool, m uint64) bool {
	if c.form != formInt && c.form != formInt64 {
		return !negative && v == m && (c.form != formBool || m <= 1)
	}
	back := int64(v<<c.sign) >> c.sign
	return magnitude(back) == m && (back < 0) == negative
}

func withNegativeZero(bits, sign uint64) []uint64 {
	if bits&^sign == 0 {
		return []uint64{0, sign}
	}
	return []uint64{bits}
}

// rawHalf finds the float16 that decodes as d; they are in order of value.
func rawHalf(d Decimal) []uint64 {
	const infinity, sign = 0x7C00, 0x8000
	abs := d
	abs.Mant = int64(magnitude(d.Mant))
	h := sort.Search(infinity, func(h int) bool {
		mant, exp := shortest16(uint16(h))
		return Decimal{Mant: mant, Exp: int8(exp)}.Cmp(abs) >= 0
	})
	if h == infinity {
		return nil
	}
	if mant, exp := shortest16(uint16(h)); (Decimal{Mant: mant, Exp: int8(exp)}).Cmp(abs) != 0 {
		return nil
	}
	if d.Mant < 0 {
		h |= sign
	}
	return withNegativeZero(uint64(h), sign)
}

func toBCD(v uint64) (bcd uint64, ok bool) {
	for shift := 0; v != 0; shift += 4 {
		if shift > 60 {
			return 0, false
		}
		bcd |= v % 10 << shift
		v /= 10
	}
	return bcd, true
}

func (n *invalid) hasBits(v uint64) bool {
	for _, b := range n.bits {
		if b == v {
			return true
		}
	}
	return false
}

func (n *invalid) hasText(v []byte) bool {
	for _, t := range n.texts {
		if t == string(v) {
			return true
		}
	}
	return false
}

func (n *invalid) hasInt(v int64) bool {
	for _, d := range n.values {
		if d.Cmp(Decimal{Mant: v}) == 0 {
			return true
		}
	}
	return false
}

func (n *invalid) hasFloat(mant int64, exp int) bool {
	for _, d := range n.values {
		if d.Mant == 0 && mant == 0 || decimalFloat(mant, exp) == d.Float64() {
			return true
		}
	}
	return false
}
