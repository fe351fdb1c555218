package mapping

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Type is the data type of a tag as its map names it. What there is to know of each is in typeTable.
type Type uint8

// The types of a tag map. TypeAuto is the OPC UA server's own.
const (
	TypeAuto Type = iota
	TypeBool
	TypeInt8
	TypeUint8
	TypeInt16
	TypeUint16
	TypeInt32
	TypeUint32
	TypeInt64
	TypeUint64
	TypeFloat16
	TypeFloat32
	TypeFloat64
	TypeString
	TypeBCD16
	TypeBCD32
	TypeInt24
	TypeUint24
	TypeInt48
	TypeUint48
	TypeSM16 // sign and magnitude
	TypeSM32
	TypeBits   // some bits of one or two registers
	TypeMod10k // registers of four decimal digits each
	TypeChars  // registers of one character each
	TypeBCD8
	TypeDatetime
)

// MaxLength is how many bytes a string can have: more do not fit one Modbus answer.
const MaxLength = 250

// AllTypes are the types that a row of a tag map can have.
func AllTypes() []Type {
	list := make([]Type, 0, len(typeTable)-1)
	for t := TypeAuto + 1; int(t) < len(typeTable); t++ {
		list = append(list, t)
	}
	return list
}

// TypeNames are the names of the types as a tag map has them, each with what comes after its colon: string:N.
func TypeNames() []string {
	var names []string
	for _, t := range AllTypes() {
		names = append(names, t.written())
	}
	return names
}

// written is how t is written in a tag map.
func (t Type) written() string {
	switch in := &typeTable[t]; {
	case in.words != nil:
		return in.name + ":" + strings.Join(in.words[1:], "|")
	case in.most > 0:
		return in.name + ":N"
	}
	return typeTable[t].name
}

// ParseType reads a type of the tag map, in capitals or not. length is what comes after its colon: the N of string:N and the
// like, the number of the format of a datetime; 0 for a type that has none.
func ParseType(s string) (t Type, length int, err error) {
	name, size, sized := strings.Cut(s, ":")
	for _, t := range AllTypes() {
		in := &typeTable[t]
		if !strings.EqualFold(name, in.name) {
			continue
		}
		switch {
		case in.words != nil:
			length, err = in.parseWord(s, size)
			return t, length, err
		case in.most > 0 && !sized:
			return 0, 0, fmt.Errorf("type %q: no length: want %s:N, N %s", s, in.name, in.what)
		case in.most > 0:
			length, err = in.parseLength(s, size)
			return t, length, err
		case sized:
			return 0, 0, fmt.Errorf("type %q: %s has no length", s, in.name)
		}
		return t, 0, nil
	}
	return 0, 0, fmt.Errorf("type %q: no such type", s)
}

func (in *typeInfo) parseLength(s, size string) (int, error) {
	n, err := strconv.Atoi(size)
	switch {
	case !isDigits(size):
		return 0, fmt.Errorf("type %q: length %q is not a number", s, size)
	case err != nil || n < 1 || n > in.most:
		return 0, fmt.Errorf("type %q: length %s: want 1 to %d %s", s, size, in.most, in.what)
	}
	return n, nil
}

func (in *typeInfo) parseWord(s, word string) (int, error) {
	i := slices.IndexFunc(in.words, func(w string) bool { return w != "" && strings.EqualFold(w, word) })
	if i < 0 {
		return 0, fmt.Errorf("type %q: after %s: comes one of %s", s, in.name, strings.Join(in.words[1:], ", "))
	}
	return i, nil
}

func (t Type) String() string { return typeTable[t].name }

// Text is t as a tag map has it, with what comes after its colon.
func (t Type) Text(length int) string {
	switch in := &typeTable[t]; {
	case in.words != nil && 0 < length && length < len(in.words):
		return in.name + ":" + in.words[length]
	case in.most > 0 && length > 0:
		return in.name + ":" + strconv.Itoa(length)
	}
	return typeTable[t].name
}

// TypeText is the type of t as its map has it; "" where it is left to an OPC UA server.
func (t *Tag) TypeText() string { return t.Type.Text(t.Length) }

// Registers is how many 16-bit registers a value of t takes; 0 where that is not the type's to say: of TypeAuto, and of those
// with a length.
func (t Type) Registers() int { return int(typeTable[t].registers) }

// registersOf is Registers with a length.
func (t Type) registersOf(length int) int {
	switch t {
	case TypeString:
		return (length + 1) / 2
	case TypeMod10k, TypeChars:
		return length
	case TypeBits:
		return (length + 15) / 16
	case TypeDatetime:
		return int(dateRegisters[min(uint(length), uint(len(dateRegisters)-1))])
	}
	return t.Registers()
}

// Bits is how many bits a raw value of t has; 0 where it is no number, and where that is not known.
func (t Type) Bits(length int) int {
	switch t {
	case TypeBits:
		return length
	case TypeMod10k:
		return 16 * length
	case TypeDatetime:
		if n := 16 * t.registersOf(length); n <= 64 {
			return n
		}
	}
	return int(typeTable[t].bits)
}

// Bounds are the least and the greatest of the whole numbers that t has; ok is false for types that have others too, or none.
// Those of uint64 end at int64's.
func (t Type) Bounds(length int) (low, high int64, ok bool) {
	switch in := &typeTable[t]; t {
	case TypeBits:
		return 0, 1<<min(max(length, 0), 32) - 1, true
	case TypeMod10k:
		high = int64(pow10Uint[4*min(max(length, 0), in.most)]) - 1
		return -high, high, true
	default:
		return in.low, in.high, in.low < in.high
	}
}

// IsText reports types whose values are texts.
func (t Type) IsText() bool { return typeTable[t].kind == Text }

// IsNumber reports types that can be scaled and compared with limits.
func (t Type) IsNumber() bool { return t != TypeBool && !t.IsText() }

// IsFloat reports types whose numbers are not whole.
func (t Type) IsFloat() bool { return typeTable[t].kind.IsFloat() }

// OnlyRegisters reports types that only registers have: values that come with a type are never of them.
func (t Type) OnlyRegisters() bool { return typeTable[t].only }

// IsPart reports that t may be that of a byte of a register.
func (t Type) IsPart() bool { return typeTable[t].bits == 8 }
