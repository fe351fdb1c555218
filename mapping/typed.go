package mapping

import "math"

// Values that come typed, from OPC UA, enter here. A tag without a type keeps that of the value; one with a type gets
// the value converted: fractions are rounded, and what the type cannot hold is BadOutOfRange.

// Bit fills in s from a coil, a discrete input or an OPC UA Boolean.
func (c *Codec) Bit(v bool, b *Batch, s *Sample) { c.typedInt(int64(b2u(v)), Bool, 1, b, s) }

// Int fills in s from a typed integer of so many bits, at most 32.
func (c *Codec) Int(v int64, bits uint8, b *Batch, s *Sample) { c.typedInt(v, Int, bits, b, s) }

// Int64 fills in s from a typed integer of 64 bits.
func (c *Codec) Int64(v int64, b *Batch, s *Sample) { c.typedInt(v, Int64, 64, b, s) }

// Uint fills in s from a typed unsigned integer of at most 32 bits.
func (c *Codec) Uint(v uint64, b *Batch, s *Sample) { c.typedInt(int64(v), Uint, 64, b, s) }

// Uint64 fills in s from a typed unsigned integer of 64 bits.
func (c *Codec) Uint64(v uint64, b *Batch, s *Sample) {
	switch {
	case c.invalid != nil && (c.invalid.hasBits(v) || v <= math.MaxInt64 && c.invalid.hasInt(int64(v))):
		noValue(s, BadNoData)
	case c.auto || c.form == formUint64:
		c.unsigned(v, s)
	case v <= math.MaxInt64:
		c.typedInt(int64(v), Uint64, 64, b, s)
	case c.form.isText() || c.form == formBool:
		c.convert(Sample{Kind: Uint64, Bits: v}, b, s)
	case c.form == formFloat32 || c.form == formFloat64:
		c.Float64(float64(v), b, s)
	default:
		noValue(s, BadOutOfRange)
	}
}

// Float32 fills in s from a typed float of 32 bits.
func (c *Codec) Float32(v float32, b *Batch, s *Sample) {
	if v-v != 0 {
		noValue(s, BadNoData)
		return
	}
	mant, exp := shortest32(v)
	switch {
	case c.invalid != nil && (c.invalid.hasFloat(mant, exp) || c.invalid.hasBits(uint64(math.Float32bits(v)))):
		noValue(s, BadNoData)
	case c.auto || c.form == formFloat32:
		c.float32(v, s)
	case c.form.isText():
		c.convert(Sample{Kind: F32, Bits: uint64(math.Float32bits(v))}, b, s)
	default:
		c.Float64(decimalFloat(mant, exp), b, s) // 23.1 stays 23.1
	}
}

// Float64 fills in s from a typed float of 64 bits.
func (c *Codec) Float64(v float64, b *Batch, s *Sample) {
	if v-v != 0 {
		noValue(s, BadNoData)
		return
	}
	if c.invalid != nil && (c.invalid.hasFloat(shortest64(v)) || c.invalid.hasBits(math.Float64bits(v))) {
		noValue(s, BadNoData)
		return
	}
	switch c.form {
	case formFloat64:
		c.float64(v, s)
	case formFloat32, formFloat16:
		if math.Abs(v) > c.largest() {
			noValue(s, BadOutOfRange)
			return
		}
		c.float32(float32(v), s)
	case formText, formChars, formDate, formBool:
		c.convert(Sample{Kind: F64, Bits: math.Float64bits(v)}, b, s)
	default:
		c.wholeFloat(v, b, s)
	}
}

// wholeFloat finishes a float for a tag of an integer type, or of none.
func (c *Codec) wholeFloat(v float64, b *Batch, s *Sample) {
	whole := math.RoundToEven(v)
	switch {
	case c.auto:
		c.float64(v, s)
	case c.form == formUint64 && 0 <= whole && whole < 1<<64:
		c.unsigned(uint64(whole), s)
	case c.form != formUint64 && -1<<63 <= whole && whole < 1<<63:
		c.typedInt(int64(whole), Int64, 64, b, s)
	default:
		noValue(s, BadOutOfRange)
	}
}

// largest is the largest number of c's type, which is a float of 16 or 32 bits.
func (c *Codec) largest() float64 {
	if c.form == formFloat16 {
		return 65504
	}
	return math.MaxFloat32
}

// Text fills in s from a text that is valid UTF-8.
func (c *Codec) Text(v []byte, b *Batch, s *Sample) {
	if !c.auto && !c.form.isText() {
		noValue(s, BadTypeMismatch)
		return
	}
	at := len(b.Blob)
	b.Blob = append(b.Blob, v...)
	c.finishText(at, b, s)
}

// typedInt finishes an integer that came with so many bits.
func (c *Codec) typedInt(v int64, native Kind, bits uint8, b *Batch, s *Sample) {
	if c.invalid != nil && (c.hasPattern(v, bits) || c.invalid.hasInt(v)) {
		noValue(s, BadNoData)
		return
	}
	switch {
	case c.auto && native == Bool && c.formula == nil:
		s.Kind, s.Bits, s.Quality = Bool, uint64(v), Good
	case c.auto:
		c.integer(v, s)
		if s.Kind == None {
			s.Kind = native
		}
	case c.form.isText() || c.form == formBool:
		c.convert(Sample{Kind: Int64, Bits: uint64(v)}, b, s)
	case c.form == formFloat64:
		c.integerAsFloat(v, s)
	case c.form == formFloat32 || c.form == formFloat16:
		c.Float64(float64(v), b, s)
	case c.form == formUint64 && v >= 0:
		c.unsigned(uint64(v), s)
	case c.form == formUint64 || !c.holds(v):
		noValue(s, BadOutOfRange)
	default:
		c.integer(v, s)
	}
}

// hasPattern reports that the bits of v are invalid: those that it came with, or those that it has in c's type.
func (c *Codec) hasPattern(v int64, bits uint8) bool {
	if c.invalid.hasBits(uint64(v)) {
		return true
	}
	return v < 0 && (c.invalid.hasBits(uint64(v)&(^uint64(0)>>(64-bits))) ||
		(c.form == formInt || c.form == formInt64) && !c.auto && c.holds(v) && c.invalid.hasBits(uint64(v)&c.mask))
}

// integerAsFloat keeps all digits of v when it is scaled.
func (c *Codec) integerAsFloat(v int64, s *Sample) {
	if c.formula != nil {
		c.integer(v, s)
		return
	}
	c.double(float64(v), s)
}

// holds reports that v is a number of c's integer type.
func (c *Codec) holds(v int64) bool {
	switch c.form {
	case formInt, formInt64:
		return v<<c.sign>>c.sign == v
	case formBCD:
		bcd, ok := toBCD(uint64(v))
		return ok && v >= 0 && bcd&^c.mask == 0
	case formSign:
		return magnitude(v) <= c.mask>>1
	case formMod10k:
		return magnitude(v) < pow10Uint[4*c.words]
	}
	return uint64(v)&^c.mask == 0
}

// convert finishes a number for a tag of type bool or string.
func (c *Codec) convert(from Sample, b *Batch, s *Sample) {
	if c.form == formBool {
		zero := from.Bits == 0 || from.Kind == F64 && from.Bits == 1<<63
		c.integer(int64(b2u(!zero)), s)
		return
	}
	at := len(b.Blob)
	b.Blob = AppendNumber(b.Blob, &from, 0)
	c.finishText(at, b, s)
}
