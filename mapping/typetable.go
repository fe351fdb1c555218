package mapping

import "math"

// typeInfo is what there is to know of a type.
type typeInfo struct {
	name      string
	form      form
	kind      Kind
	bits      uint8 // of a number
	registers uint8 // 0: the length says it
	only      bool  // registers have it, and nothing else
	low, high int64 // its whole numbers; equal: it has others too, or none
	// What comes after the colon of its name: a length of at most so many, or one of words, of which the first has no number.
	most  int
	what  string // that are counted
	words []string
}

// typeTable has a line for each type, by Type: whoever needs to know something of types asks it.
var typeTable = [...]typeInfo{
	TypeAuto:    {name: "", form: formUint, kind: Uint, bits: 16},
	TypeBool:    {name: "bool", form: formBool, kind: Bool, bits: 16, registers: 1, high: 1},
	TypeInt8:    {name: "int8", form: formInt, kind: Int, bits: 8, registers: 1, low: math.MinInt8, high: math.MaxInt8},
	TypeUint8:   {name: "uint8", form: formUint, kind: Uint, bits: 8, registers: 1, high: math.MaxUint8},
	TypeInt16:   {name: "int16", form: formInt, kind: Int, bits: 16, registers: 1, low: math.MinInt16, high: math.MaxInt16},
	TypeUint16:  {name: "uint16", form: formUint, kind: Uint, bits: 16, registers: 1, high: math.MaxUint16},
	TypeInt32:   {name: "int32", form: formInt, kind: Int, bits: 32, registers: 2, low: math.MinInt32, high: math.MaxInt32},
	TypeUint32:  {name: "uint32", form: formUint, kind: Uint, bits: 32, registers: 2, high: math.MaxUint32},
	TypeInt64:   {name: "int64", form: formInt64, kind: Int64, bits: 64, registers: 4, low: math.MinInt64, high: math.MaxInt64},
	TypeUint64:  {name: "uint64", form: formUint64, kind: Uint64, bits: 64, registers: 4, high: math.MaxInt64},
	TypeFloat16: {name: "float16", form: formFloat16, kind: F32, bits: 16, registers: 1},
	TypeFloat32: {name: "float32", form: formFloat32, kind: F32, bits: 32, registers: 2},
	TypeFloat64: {name: "float64", form: formFloat64, kind: F64, bits: 64, registers: 4},
	TypeString:  {name: "string", form: formText, kind: Text, most: MaxLength, what: "bytes"},
	TypeBCD16:   {name: "bcd16", form: formBCD, kind: Uint, bits: 16, registers: 1, only: true, high: 9999},
	TypeBCD32:   {name: "bcd32", form: formBCD, kind: Uint, bits: 32, registers: 2, only: true, high: 99_999_999},

	// The low bits of the registers, after the order; those above are not looked at.
	TypeInt24:  {name: "int24", form: formInt, kind: Int, bits: 24, registers: 2, only: true, low: -1 << 23, high: 1<<23 - 1},
	TypeUint24: {name: "uint24", form: formUint, kind: Uint, bits: 24, registers: 2, only: true, high: 1<<24 - 1},
	TypeInt48:  {name: "int48", form: formInt, kind: Int, bits: 48, registers: 3, only: true, low: -1 << 47, high: 1<<47 - 1},
	TypeUint48: {name: "uint48", form: formUint, kind: Uint, bits: 48, registers: 3, only: true, high: 1<<48 - 1},

	TypeSM16:     {name: "sm16", form: formSign, kind: Int, bits: 16, registers: 1, only: true, low: -math.MaxInt16, high: math.MaxInt16},
	TypeSM32:     {name: "sm32", form: formSign, kind: Int, bits: 32, registers: 2, only: true, low: -math.MaxInt32, high: math.MaxInt32},
	TypeBits:     {name: "bits", form: formUint, kind: Uint, only: true, most: 32, what: "bits"},
	TypeMod10k:   {name: "mod10k", form: formMod10k, kind: Int, only: true, most: 4, what: "registers"},
	TypeChars:    {name: "chars", form: formChars, kind: Text, only: true, most: MaxLength / 2, what: "characters"},
	TypeBCD8:     {name: "bcd8", form: formBCD, kind: Uint, bits: 8, registers: 1, only: true, high: 99},
	TypeDatetime: {name: "datetime", form: formDate, kind: Text, only: true, words: dateFormats[:]},
}
