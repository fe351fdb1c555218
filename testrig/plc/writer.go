package plc

import (
	"slices"

	"tagbridge/mapping"
)

// writer moves the registers of one tag.
type writer struct {
	tag    *mapping.Tag
	image  *image // of a tag with an exponent
	field  field
	text   []byte // of the image, for a text; field is unused then
	signal signal
	pinned bool // set by hand: stays as it is
}

// newWriters chooses which tags drive the registers, so that no two write the same bits: of overlapping tags one
// drives and the others follow.
func newWriters(m *image, o UnitOptions) []writer {
	tags := slices.Clone(o.Tags)
	slices.SortStableFunc(tags, func(a, b *mapping.Tag) int { return rank(a) - rank(b) })
	next, taken := seeds(o.Seed), make(map[extentKey]uint16)
	out := exponents(m, tags, taken) // before the values that they belong to
	for _, t := range tags {
		seed := next()
		if !claim(taken, t) {
			continue
		}
		w := writer{tag: t}
		if t.Type.IsText() {
			w.text = m.find(t.Address.Table, int(t.Address.Number), t.Registers())
		} else {
			w.field, _ = fieldOf(m, t)
		}
		if w.text == nil && w.field.data == nil {
			continue
		}
		w.signal = signalOf(t, seed, &o)
		if t.ScaleBy != 0 {
			w.image = m
		}
		out = append(out, w)
	}
	return out
}

// rank orders tags by their right to drive registers: values that mean something as a whole, bytes, bits, and last
// words that say nothing about their content, such as a status word whose bits are tags too.
func rank(t *mapping.Tag) int {
	switch {
	case t.Address.Part == mapping.Bit || t.Type == mapping.TypeBits:
		return 2
	case t.Address.Part != mapping.Whole:
		return 1
	case t.Registers() > 1 || t.Scaling.Kind != mapping.Unscaled || len(t.Enum) > 0 || t.Min.Set || t.Max.Set:
		return 0
	}
	return 3
}

type extentKey struct {
	table  mapping.Table
	number int
}

// claim takes the bits of t; false, and nothing taken, when another tag has one of them.
func claim(taken map[extentKey]uint16, t *mapping.Tag) bool {
	mask := uint16(0xFFFF)
	switch {
	case t.Type == mapping.TypeBits && t.Registers() == 1:
		mask = (1<<t.Length - 1) << t.Address.Bit
	case t.Type == mapping.TypeBits:
	case t.Address.Part == mapping.Bit:
		mask = 1 << t.Address.Bit
	case t.Address.Part == mapping.HiByte:
		mask = 0xFF00
	case t.Address.Part == mapping.LoByte:
		mask = 0x00FF
	}
	if t.Address.Part != mapping.Whole && t.Order.SwapsBytes() {
		mask = mask<<8 | mask>>8
	}
	n := max(t.Registers(), 1)
	for i := range n {
		if taken[extentKey{t.Address.Table, int(t.Address.Number) + i}]&mask != 0 {
			return false
		}
	}
	for i := range n {
		taken[extentKey{t.Address.Table, int(t.Address.Number) + i}] |= mask
	}
	return true
}

// write puts the value of moment at into the registers.
func (w *writer) write(at moment) {
	switch {
	case w.pinned:
	case w.text != nil:
		putAny(w.text, w.tag, w.signal.text(at))
	default:
		v := w.signal.at(at)
		if w.image != nil {
			v = w.unscaled(v)
		}
		bits := encode(w.tag, v)
		for i := 1; len(w.tag.Invalid) > 0 && w.invalid(v, bits) && i < 5; i++ {
			v += float64(1 - 2*(i%2)*i) // beside it: it means "no value"
			bits = encode(w.tag, v)
		}
		w.field.set(bits)
	}
}

func (w *writer) invalid(v float64, bits uint64) bool {
	for _, inv := range w.tag.Invalid {
		if inv.Hex && inv.Bits == bits&w.field.mask || !inv.Hex && approx(inv.Value) == v {
			return true
		}
	}
	return false
}
