package mapping

import (
	"encoding/binary"
	"math/bits"
)

// Some devices give four bytes for each register that is asked for. Of such registers a value is the low end of the whole
// number that its registers make in their order: a uint32 is one register, a uint16 the low half of one, a uint64 two. A
// text is their bytes, one after the other.

// RegisterBytes is how many bytes of an answer a register of t is.
func (t *Traits) RegisterBytes() int {
	if t.Wide {
		return 4
	}
	return 2
}

// wide is how many registers of t's device hold what takes n of two bytes.
func (t *Traits) wide(n int) int {
	if t.Wide {
		return (n + 1) / 2
	}
	return n
}

// FitsWide reports types that registers of four bytes can hold: the others say what each register of two bytes is.
func (t Type) FitsWide(length int) bool {
	switch t {
	case TypeMod10k, TypeChars:
		return false
	case TypeDatetime:
		return length == dateEpoch || length == dateEpochMS
	}
	return true
}

// exponentOf is the exponent in a register in the order of the wire, two or four bytes.
func (c *Codec) exponentOf(register []byte) int16 {
	last := register[len(register)-2:] // of one of four bytes, the low end
	if c.order.SwapsWords() {
		last = register[:2]
	}
	by := binary.BigEndian.Uint16(last)
	if c.order.SwapsBytes() {
		by = bits.ReverseBytes16(by)
	}
	return int16(by)
}
