package probe

import (
	"math"

	"tagbridge/mapping"
)

// form is one way to read registers.
type form struct {
	kind      mapping.Type
	order     mapping.Order
	part      mapping.Part
	registers int
	cost      float64 // how unusual it is
	codec     *mapping.Codec
	twin      mapping.Type // gives the same for numbers that fit both; TypeAuto: none
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

// cost of what is rarer than any type.
const (
	swappedCost = 3   // bytes swapped within a register that is a value of its own
	middleCost  = 1   // the orders that are neither of the two usual ones
	byteCost    = 9   // half a register
	wordCost    = 0.5 // words swapped
)

// forms are all ways in which a number may be kept.
func forms() []form {
	var list []form
	for _, u := range usual {
		orders := []mapping.Order{mapping.ABCD, mapping.CDAB, mapping.BADC, mapping.DCBA}
		if u.kind.Registers() == 1 {
			orders = []mapping.Order{mapping.ABCD, mapping.BADC}
		}
		for _, o := range orders {
			f := form{kind: u.kind, order: o, registers: u.kind.Registers(), cost: u.cost, twin: u.twin}
			switch {
			case f.registers == 1 && o != mapping.ABCD:
				f.cost += swappedCost
			case o == mapping.CDAB:
				f.cost += wordCost
			case o != mapping.ABCD:
				f.cost += middleCost
			}
			list = append(list, f)
		}
	}
	for _, p := range []mapping.Part{mapping.HiByte, mapping.LoByte} {
		list = append(list,
			form{kind: mapping.TypeInt8, part: p, registers: 1, cost: byteCost, twin: mapping.TypeUint8},
			form{kind: mapping.TypeUint8, part: p, registers: 1, cost: byteCost, twin: mapping.TypeInt8})
	}
	for i := range list {
		list[i].codec = mapping.Compile(list[i].tag())
	}
	return list
}

func (f *form) tag() *mapping.Tag {
	return &mapping.Tag{
		Address: mapping.Address{Table: mapping.Holding, Part: f.part},
		Traits:  &mapping.Traits{Type: f.kind, Order: f.order},
	}
}

// number is what raw, as many registers as f takes, gives; ok is false when it is none.
func (f *form) number(raw []byte) (v float64, ok bool) {
	var b mapping.Batch
	var s mapping.Sample
	f.codec.Registers(raw, &b, &s)
	return numberOf(&s)
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
	return t == mapping.TypeInt8 || t == mapping.TypeInt16 || t == mapping.TypeInt32 || t == mapping.TypeInt64
}

func isFloat(t mapping.Type) bool {
	return t == mapping.TypeFloat16 || t == mapping.TypeFloat32 || t == mapping.TypeFloat64
}
