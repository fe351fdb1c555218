package mapping

// Place is a whole register by its table and number; 0: none.
type Place uint32

// PlaceOf is the place of a.
func PlaceOf(a Address) Place { return 1 + Place(a.Table)<<16 + Place(a.Number) }

// Address is where p is; false when it is nowhere.
func (p Place) Address() (Address, bool) {
	if p == 0 {
		return Address{}, false
	}
	return Address{Table: Table((p - 1) >> 16 & 3), Number: uint16(p - 1)}, true
}

// String is p as a tag map has it; "" when there is none.
func (p Place) String() string {
	a, ok := p.Address()
	if !ok {
		return ""
	}
	return a.String()
}

// Span is the registers that one request has to ask for to read t: its own, and that of its exponent.
func (t *Tag) Span() (first, count int) {
	first, count = int(t.Address.Number), t.Registers()
	by, ok := t.ScaleBy.Address()
	if !ok || by.Table != t.Address.Table {
		return first, count
	}
	end := max(first+count, int(by.Number)+1)
	first = min(first, int(by.Number))
	return first, end - first
}

// Scaled reports that values of t are not what its type makes of the registers.
func (t *Traits) Scaled() bool { return t.Scaling.Kind != Unscaled || t.ScaleBy != 0 }

// maxExponent is the greatest that a scale factor of SunSpec can be, and the least without its sign; 0x8000 stands for none.
const maxExponent = 10

// compileScaleBy makes the formula that RegistersBy puts exponents into.
func (c *Codec) compileScaleBy(t *Tag) {
	s := t.Scaling
	if s.Kind == Unscaled {
		s = Scaling{Kind: Linear, Scale: Decimal{Mant: 1}}
	}
	c.kind, c.formula = F64, newFormula(&s)
}

// RegistersBy is Registers for a tag with ScaleBy: the raw value is raw times ten to the power of exponent, a register in the
// order of the wire. Without an exponent there is no value.
func (c *Codec) RegistersBy(raw, exponent []byte, b *Batch, s *Sample) {
	n := c.exponentOf(exponent)
	if n < -maxExponent || n > maxExponent || c.formula == nil {
		noValue(s, BadNoData)
		return
	}
	one := *c
	one.by = n
	one.Registers(raw, b, s)
}
