package mapping

// Codec turns what was read for one tag into samples: decode, order, invalid, scale, clamp, plausible range. It is
// compiled once from a checked tag, immutable, and safe for concurrent use; none of its methods allocates, but for a
// Batch.Blob that has to grow.
type Codec struct {
	form    form
	kind    Kind
	exp     int8
	order   Order
	words   uint8  // registers of a number: 1, 2 or 4
	down    uint8  // a part of a register: shift to the right, then mask
	sign    uint8  // bits above those of a signed number
	auto    bool   // OPC UA: the kind is that of the value
	length  uint16 // bytes of a text
	mask    uint64
	mul     int64    // kind Dec: mantissa = raw × mul + add
	add     int64    //
	formula *formula // kind F64 by scaling
	invalid *invalid
	limits  *limits
}

// form says how the bits of a raw value are to be understood.
type form uint8

const (
	formUint form = iota // at most 32 bits
	formInt              // at most 32 bits, by sign extension
	formBool             // not zero
	formUint64
	formInt64
	formFloat16
	formFloat32
	formFloat64
	formBCD
	formText
)

// shape is what a type makes of its bits.
type shape struct {
	form form
	kind Kind
	bits uint8
}

// shapes by Type.
var shapes = [...]shape{
	TypeAuto:    {formUint, Uint, 16},
	TypeBool:    {formBool, Bool, 16},
	TypeInt8:    {formInt, Int, 8},
	TypeUint8:   {formUint, Uint, 8},
	TypeInt16:   {formInt, Int, 16},
	TypeUint16:  {formUint, Uint, 16},
	TypeInt32:   {formInt, Int, 32},
	TypeUint32:  {formUint, Uint, 32},
	TypeInt64:   {formInt64, Int64, 64},
	TypeUint64:  {formUint64, Uint64, 64},
	TypeFloat16: {formFloat16, F32, 16},
	TypeFloat32: {formFloat32, F32, 32},
	TypeFloat64: {formFloat64, F64, 64},
	TypeString:  {formText, Text, 0},
	TypeBCD16:   {formBCD, Uint, 16},
	TypeBCD32:   {formBCD, Uint, 32},
}

// Compile makes the codec of a checked tag. It keeps nothing of t.
func Compile(t *Tag) *Codec {
	kind := effectiveType(t)
	sh := shapes[kind]
	c := &Codec{form: sh.form, kind: sh.kind, order: t.Order, words: uint8(kind.Registers()), length: uint16(t.Length)}
	c.sign, c.mask = 64-sh.bits, ^uint64(0)>>(64-sh.bits)
	switch t.Address.Part {
	case Bit:
		c.down, c.mask = t.Address.Bit, 1
	case HiByte:
		c.down, c.mask = 8, 0xFF
	case LoByte:
		c.mask = 0xFF
	}
	if t.Address.Part != Whole {
		c.words = 1
	}
	c.auto = kind == TypeAuto
	if kind.IsNumber() && t.Scaling.Kind != Unscaled {
		c.compileScaling(t, kind)
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
