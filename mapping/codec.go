package mapping

import (
	"math"
	"time"
)

// Codec turns what was read for one tag into samples: decode, order, invalid, scale, clamp, plausible range. It is
// compiled once from a checked tag, immutable, and safe for concurrent use; none of its methods allocates, but for a
// Batch.Blob that has to grow.
type Codec struct {
	form    form
	kind    Kind
	exp     int8
	order   Order
	words   uint8  // registers of a number: 1 to 4
	down    uint8  // a part of a register: shift to the right, then mask
	sign    uint8  // bits above those of a signed number
	auto    bool   // OPC UA: the kind is that of the value
	length  uint16 // bytes of a text, or the format of a date
	by      int16  // exponent of the raw value
	mask    uint64
	mul     int64    // kind Dec: mantissa = raw × mul + add
	add     int64    //
	formula *formula // kind F64 by scaling
	invalid *invalid
	limits  *limits
	zone    *time.Location // of a date; nil: UTC
}

// form says how the bits of a raw value are to be understood.
type form uint8

const (
	formUint form = iota // at most 48 bits
	formInt              // at most 48 bits, by sign extension
	formBool             // not zero
	formUint64
	formInt64
	formFloat16
	formFloat32
	formFloat64
	formBCD
	formSign   // a bit for the sign, then the magnitude
	formMod10k // four decimal digits a register
	formText
	formChars // a character a register
	formDate
)

// isText reports forms whose values are texts.
func (f form) isText() bool { return f >= formText }

// Compile makes the codec of a checked tag. It keeps nothing of t.
func Compile(t *Tag) *Codec {
	kind := effectiveType(t)
	in := &typeTable[kind]
	c := &Codec{form: in.form, kind: in.kind, order: t.Order, words: uint8(kind.registersOf(t.Length)), length: uint16(t.Length)}
	size := uint8(kind.Bits(t.Length))
	c.sign, c.mask = 64-size, ^uint64(0)>>(64-size)
	switch {
	case kind == TypeBits:
		c.down, c.words = t.Address.Bit, uint8(kind.registersOf(int(t.Address.Bit)+t.Length))
	case t.Address.Part == Bit:
		c.down, c.mask = t.Address.Bit, 1
	case t.Address.Part == HiByte:
		c.down, c.mask = 8, 0xFF
	case t.Address.Part == LoByte:
		c.mask = 0xFF
	}
	if t.Address.Part != Whole && kind != TypeBits {
		c.words = 1
	}
	if t.Wide {
		c.words += c.words & 1 // it is the low end of whole registers
		if kind == TypeBool && t.Address.Part == Whole {
			c.mask = math.MaxUint32
		}
	}
	if !c.form.isText() {
		c.words = max(1, min(c.words, 4)) // of a tag that nobody has checked
	}
	if kind == TypeDatetime {
		c.loadZone(t.Zone)
	}
	c.auto = kind == TypeAuto
	switch {
	case kind.IsNumber() && t.ScaleBy != 0:
		c.compileScaleBy(t)
	case kind.IsNumber() && t.Scaling.Kind != Unscaled:
		c.compileScaling(t)
	}
	if c.auto && c.formula == nil {
		c.kind = None
	}
	c.invalid = compileInvalid(t.Invalid, c)
	c.limits = compileLimits(t, c)
	return c
}

// effectiveType fills in the default of registers and bits; TypeAuto is left to values that come with a type.
func effectiveType(t *Tag) Type {
	switch {
	case t.Type != TypeAuto || t.Typed():
		return t.Type
	case t.Address.Table.IsBits() || t.Address.Part == Bit:
		return TypeBool
	}
	return TypeUint16
}

// Kind is the kind of every sample with a value; None where only the OPC UA server knows it.
func (c *Codec) Kind() Kind { return c.kind }

// Exp is the exponent of samples of kind Dec, else 0.
func (c *Codec) Exp() int8 { return c.exp }

// NewSeriesTraits is what sinks are told of t beside its name: unit, labels and enumeration, and the kind that c gives.
// It is the same for all tags that share c and their Traits.
func NewSeriesTraits(t *Tag, c *Codec) *SeriesTraits {
	return &SeriesTraits{Unit: t.Unit, Labels: t.Labels, Enum: t.Enum, Kind: c.Kind(), Exp: c.Exp()}
}

// NewSeries is what sinks are told of t, whose traits are those of NewSeriesTraits.
func NewSeries(t *Tag, traits *SeriesTraits) *Series {
	return &Series{Tag: t.Name, Field: t.Name, SeriesTraits: traits}
}
