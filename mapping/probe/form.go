package probe

import (
	"encoding/binary"
	"math"
	"math/bits"
	"sync"

	"tagbridge/mapping"
)

// form is one way to read registers.
type form struct {
	kind      mapping.Type
	order     mapping.Order
	length    int // of types that have one
	part      mapping.Part
	bit       uint8 // the lowest, of a range of bits
	registers int
	cost      float64 // how unusual it is
	codec     *mapping.Codec
	twin      mapping.Type // gives the same for numbers that fit both; TypeAuto: none
	rare      bool         // nobody looks for it where a usual type reads the same registers as the same number
}

// usual are the types that a number may have, the usual ones first, with what speaks against each.
var usual = []struct {
	kind mapping.Type
	cost float64
	twin mapping.Type
}{
	{mapping.TypeInt16, 0, mapping.TypeUint16}, {mapping.TypeUint16, 0, mapping.TypeInt16},
	{mapping.TypeFloat32, 1, 0},
	{mapping.TypeInt32, 2, mapping.TypeUint32}, {mapping.TypeUint32, 2, mapping.TypeInt32},
	{mapping.TypeFloat64, 3, 0},
	{mapping.TypeInt64, 4, mapping.TypeUint64}, {mapping.TypeUint64, 4, mapping.TypeInt64},
	{mapping.TypeBCD16, 5, 0}, {mapping.TypeBCD32, 6, 0}, {mapping.TypeFloat16, 7, 0},
}

// odd are types that few devices have.
var odd = []struct {
	kind   mapping.Type
	length int
	cost   float64
	twin   mapping.Type
}{
	{mapping.TypeInt24, 0, 8, mapping.TypeUint24}, {mapping.TypeUint24, 0, 8, mapping.TypeInt24},
	{mapping.TypeInt48, 0, 6, mapping.TypeUint48}, {mapping.TypeUint48, 0, 6, mapping.TypeInt48},
	{mapping.TypeSM16, 0, 8, 0}, {mapping.TypeSM32, 0, 8, 0},
	{mapping.TypeMod10k, 2, 7, 0}, {mapping.TypeMod10k, 3, 7, 0}, {mapping.TypeMod10k, 4, 7, 0},
}

// cost of what is rarer than any type.
const (
	swappedCost = 3   // bytes swapped within a register that is a value of its own
	middleCost  = 1   // the orders that are neither of the two usual ones
	byteCost    = 9   // half a register
	wordCost    = 0.5 // words swapped
	rangeCost   = 14  // some bits of a register
	leastBits   = 3
)

// forms are the ways in which a number may be kept, but for ranges.
var forms = sync.OnceValue(func() []form {
	var list []form
	for _, u := range usual {
		list = appendForms(list, form{kind: u.kind, registers: u.kind.Registers(), cost: u.cost, twin: u.twin})
	}
	for _, u := range odd {
		f := form{kind: u.kind, length: u.length, cost: u.cost, twin: u.twin, rare: true}
		f.registers = f.tag().Registers()
		list = appendForms(list, f)
	}
	for _, p := range []mapping.Part{mapping.HiByte, mapping.LoByte} {
		list = append(list,
			form{kind: mapping.TypeInt8, part: p, registers: 1, cost: byteCost, twin: mapping.TypeUint8},
			form{kind: mapping.TypeUint8, part: p, registers: 1, cost: byteCost, twin: mapping.TypeInt8},
			form{kind: mapping.TypeBCD8, part: p, registers: 1, cost: byteCost + 2})
	}
	return compiled(list)
})

// appendForms appends f in each order that makes a difference.
func appendForms(list []form, f form) []form {
	orders := []mapping.Order{mapping.ABCD, mapping.CDAB, mapping.BADC, mapping.DCBA}
	if f.registers == 1 {
		orders = []mapping.Order{mapping.ABCD, mapping.BADC}
	}
	base := f.cost
	for _, f.order = range orders {
		switch {
		case f.registers == 1 && f.order != mapping.ABCD:
			f.cost = base + swappedCost
		case f.order == mapping.CDAB:
			f.cost = base + wordCost
		case f.order != mapping.ABCD:
			f.cost = base + middleCost
		default:
			f.cost = base
		}
		list = append(list, f)
	}
	return list
}

// ranges are the ranges of bits in a register that are neither a byte nor all of it. There are so many that one of them gives
// nearly any small number: they are for where nothing else does.
var ranges = sync.OnceValue(func() []form {
	var list []form
	for n := 15; n >= leastBits; n-- {
		for bit := 0; bit+n <= 16; bit++ {
			if n == 8 && bit%8 == 0 {
				continue
			}
			cost := rangeCost + 0.1*float64(15-n)
			if n%4 != 0 {
				cost++
			}
			list = appendForms(list, form{kind: mapping.TypeBits, length: n, part: mapping.Bit, bit: uint8(bit), registers: 1, cost: cost, rare: true})
		}
	}
	return compiled(list)
})

func compiled(list []form) []form {
	for i := range list {
		list[i].codec = mapping.Compile(list[i].tag())
	}
	return list
}

func (f *form) tag() *mapping.Tag {
	return &mapping.Tag{
		Address: mapping.Address{Table: mapping.Holding, Part: f.part, Bit: f.bit},
		Traits:  &mapping.Traits{Type: f.kind, Length: f.length, Order: f.order},
	}
}

// number is what raw, as many registers as f takes, gives; ok is false when it is none.
func (f *form) number(raw []byte) (v float64, ok bool) {
	var b mapping.Batch
	var s mapping.Sample
	f.codec.Registers(raw, &b, &s)
	if v, ok = numberOf(&s); ok && f.kind == mapping.TypeFloat16 {
		v = half(raw, f.order)
	}
	return v, ok
}

// half is a float16 as devices show it: all its digits, not the few that tell it from its neighbours.
func half(raw []byte, order mapping.Order) float64 {
	w := binary.BigEndian.Uint16(raw)
	if order.SwapsBytes() {
		w = bits.ReverseBytes16(w)
	}
	v, exp := float64(w&0x3FF), int(w>>10&0x1F)
	if exp > 0 {
		v += 1 << 10
	}
	v = math.Ldexp(v, max(exp, 1)-25)
	if w>>15 == 1 {
		v = -v
	}
	return v
}

// numberOf is s as a number; ok is false when it is none.
func numberOf(s *mapping.Sample) (v float64, ok bool) {
	switch s.Kind {
	case mapping.Int, mapping.Int64:
		return float64(int64(s.Bits)), true
	case mapping.Uint, mapping.Uint64:
		return float64(s.Bits), true
	case mapping.F32:
		return float64(math.Float32frombits(uint32(s.Bits))), true
	case mapping.F64:
		return math.Float64frombits(s.Bits), true
	}
	return 0, false
}

// isSigned reports the types that are proposed where their twin gives the same: a value that sinks below 0 stays right.
func isSigned(t mapping.Type) bool {
	return t == mapping.TypeInt8 || t == mapping.TypeInt16 || t == mapping.TypeInt32 || t == mapping.TypeInt64 ||
		t == mapping.TypeInt24 || t == mapping.TypeInt48
}

func isFloat(t mapping.Type) bool {
	return t == mapping.TypeFloat16 || t == mapping.TypeFloat32 || t == mapping.TypeFloat64
}
