package mapping

// Codec turns what was read for one tag into samples: decode, order, invalid, scale, clamp, plausible range. It is
// compiled once from a checked tag, immutable, and safe for concurrent use; none of its methods allocates, but for a
// Batch.Blob that has to grow.
type Codec struct {
	kind Kind
	exp  int8
}

// Compile makes the codec of a checked tag. It keeps nothing of t.
func Compile(t *Tag) *Codec { return &Codec{} }

// Kind is the kind of every sample with a value; None where only the OPC UA server knows it.
func (c *Codec) Kind() Kind { return c.kind }

// Exp is the exponent of samples of kind Dec, else 0.
func (c *Codec) Exp() int8 { return c.exp }

// Registers decodes raw, exactly 2 × Tag.Registers() bytes in the order of the wire, and fills in s's Kind, Bits and
// Quality. A text goes to b.Blob.
func (c *Codec) Registers(raw []byte, b *Batch, s *Sample) {}

// Bit fills in s from a coil, a discrete input or an OPC UA Boolean.
func (c *Codec) Bit(v bool, b *Batch, s *Sample) {}

// Int fills in s from a typed integer of at most 32 bits.
func (c *Codec) Int(v int64, b *Batch, s *Sample) {}

// Uint fills in s from a typed unsigned integer of at most 32 bits.
func (c *Codec) Uint(v uint64, b *Batch, s *Sample) {}

// Int64 fills in s from a typed integer of 64 bits.
func (c *Codec) Int64(v int64, b *Batch, s *Sample) {}

// Uint64 fills in s from a typed unsigned integer of 64 bits.
func (c *Codec) Uint64(v uint64, b *Batch, s *Sample) {}

// Float32 fills in s from a typed float of 32 bits.
func (c *Codec) Float32(v float32, b *Batch, s *Sample) {}

// Float64 fills in s from a typed float of 64 bits.
func (c *Codec) Float64(v float64, b *Batch, s *Sample) {}

// Text fills in s from a text that is valid UTF-8.
func (c *Codec) Text(v []byte, b *Batch, s *Sample) {}

// NewSeries is what sinks are told of t: its name, unit, labels and enumeration, and the kind that c gives.
func NewSeries(t *Tag, c *Codec) *Series {
	return &Series{
		Tag: t.Name, Field: t.Name, Unit: t.Unit, Labels: t.Labels, Enum: t.Enum, Kind: c.Kind(), Exp: c.Exp(),
	}
}
