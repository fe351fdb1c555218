package mapping

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// Registers decodes raw, exactly Tag.Registers() × Tag.RegisterBytes() bytes in the order of the wire, and fills in s's Kind, Bits and
// Quality. A text goes to b.Blob.
func (c *Codec) Registers(raw []byte, b *Batch, s *Sample) {
	if c.form.isText() {
		c.text(raw, b, s)
		return
	}
	v := c.load(raw)
	if c.invalid != nil && c.invalid.hasBits(v) {
		noValue(s, BadNoData)
		return
	}
	switch c.form {
	case formUint:
		c.integer(int64(v), s)
	case formInt:
		c.integer(int64(v<<c.sign)>>c.sign, s)
	case formBool:
		c.integer(int64(b2u(v != 0)), s)
	case formInt64:
		c.integer(int64(v), s)
	case formUint64:
		c.unsigned(v, s)
	case formFloat32:
		c.float32(math.Float32frombits(uint32(v)), s)
	case formFloat64:
		c.float64(math.Float64frombits(v), s)
	case formFloat16:
		c.float16(uint16(v), s)
	case formBCD:
		c.bcd(v, s)
	case formSign:
		c.integer(c.signed(v), s)
	case formMod10k:
		c.mod10k(v, s)
	}
}

// text decodes registers whose value is a text.
func (c *Codec) text(raw []byte, b *Batch, s *Sample) {
	switch c.form {
	case formChars:
		c.registersChars(raw, b, s)
	case formDate:
		c.registersDate(raw, b, s)
	default:
		c.registersText(raw, b, s)
	}
}

// load puts the bits of a number in order and right-aligns them.
func (c *Codec) load(raw []byte) uint64 {
	const odd = 0x00FF00FF00FF00FF
	var v uint64
	switch c.words {
	case 1:
		v = uint64(binary.BigEndian.Uint16(raw))
	case 2:
		w := binary.BigEndian.Uint32(raw)
		if c.order.SwapsWords() {
			w = bits.RotateLeft32(w, 16)
		}
		v = uint64(w)
	case 3:
		first, last := uint64(binary.BigEndian.Uint16(raw)), uint64(binary.BigEndian.Uint16(raw[4:]))
		if c.order.SwapsWords() {
			first, last = last, first
		}
		v = first<<32 | uint64(binary.BigEndian.Uint16(raw[2:]))<<16 | last
	default:
		v = binary.BigEndian.Uint64(raw)
		if c.order.SwapsWords() {
			v = bits.RotateLeft64(v, 32)
			v = v&0x0000FFFF0000FFFF<<16 | v>>16&0x0000FFFF0000FFFF
		}
	}
	if c.order.SwapsBytes() {
		v = v&odd<<8 | v>>8&odd
	}
	return v >> c.down & c.mask
}

// noValue makes s a sample without a value.
func noValue(s *Sample, q Quality) { s.Kind, s.Bits, s.Quality = None, 0, q }

// integer finishes a raw integer that fits int64: unscaled of kind Bool, Int, Uint or Int64, or scaled.
func (c *Codec) integer(v int64, s *Sample) {
	q := Good
	switch {
	case c.kind == Dec:
		v = v*c.mul + c.add
	case c.formula != nil:
		c.scaled(v < 0, magnitude(v), 0, s)
		return
	}
	if c.limits != nil {
		v, q = c.limits.ints.apply(v)
	}
	s.Kind, s.Bits, s.Quality = c.kind, uint64(v), q
}

// unsigned finishes a raw uint64.
func (c *Codec) unsigned(v uint64, s *Sample) {
	if c.formula != nil {
		c.scaled(false, v, 0, s)
		return
	}
	q := Good
	if c.limits != nil {
		v, q = c.limits.uints.apply(v)
	}
	s.Kind, s.Bits, s.Quality = Uint64, v, q
}

// float32 finishes a raw float of 32 bits. NaN and infinities mean that there is no value.
func (c *Codec) float32(v float32, s *Sample) {
	if d := v - v; d != 0 { // NaN for both
		noValue(s, BadNoData)
		return
	}
	if c.formula != nil {
		mant, exp := shortest32(v)
		c.scaled(mant < 0, magnitude(mant), exp, s)
		return
	}
	q := Good
	if c.limits != nil {
		v, q = c.limits.singles.apply(v)
	}
	s.Kind, s.Bits, s.Quality = F32, uint64(math.Float32bits(v)), q
}

// float64 finishes a raw float of 64 bits.
func (c *Codec) float64(v float64, s *Sample) {
	if d := v - v; d != 0 {
		noValue(s, BadNoData)
		return
	}
	if c.formula != nil {
		mant, exp := shortest64(v)
		c.scaled(mant < 0, magnitude(mant), exp, s)
		return
	}
	c.double(v, s)
}

// scaled finishes a raw decimal by the formula.
func (c *Codec) scaled(negative bool, mant uint64, exp int, s *Sample) {
	v := c.formula.value(negative, mant, exp+int(c.by))
	if math.IsInf(v, 0) {
		noValue(s, BadNoData)
		return
	}
	c.double(v, s)
}

func (c *Codec) double(v float64, s *Sample) {
	q := Good
	if c.limits != nil {
		v, q = c.limits.doubles.apply(v)
	}
	s.Kind, s.Bits, s.Quality = F64, math.Float64bits(v), q
}

// bcd finishes binary coded decimals: four bits a digit, the most significant first, without a sign.
func (c *Codec) bcd(v uint64, s *Sample) {
	// Adding 6 to each digit carries out of it when it is above 9; the carries show as changed bits of the next one.
	const sixes, ones = 0x66666666, 0x111111110
	if (v+sixes^v^sixes)&ones != 0 {
		noValue(s, BadDecodingError)
		return
	}
	var n, place int64 = 0, 1
	for ; v != 0; v >>= 4 {
		n += int64(v&0xF) * place
		place *= 10
	}
	c.integer(n, s)
}

// signed is the number whose uppermost bit is its sign and the others its magnitude.
func (c *Codec) signed(v uint64) int64 {
	n := int64(v & (c.mask >> 1))
	if v != uint64(n) {
		return -n
	}
	return n
}

// mod10k finishes registers of four decimal digits each, the most significant first. Each may be negative.
func (c *Codec) mod10k(v uint64, s *Sample) {
	var n int64
	for i := int(c.words) - 1; i >= 0; i-- {
		digits := int64(int16(v >> (16 * i)))
		if magnitude(digits) > 9999 {
			noValue(s, BadDecodingError)
			return
		}
		n = n*10000 + digits
	}
	c.integer(n, s)
}
