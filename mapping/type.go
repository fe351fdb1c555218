package mapping

import (
	"fmt"
	"strconv"
	"strings"
)

// Type is the data type of a tag as its map names it.
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
)

// TypeNames are the names of the types in tag maps, by Type; a string's length is written behind it, string:N.
var TypeNames = [...]string{
	"", "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64",
	"float16", "float32", "float64", "string", "bcd16", "bcd32",
}

// MaxLength is how many bytes a string can have: more do not fit one Modbus answer.
const MaxLength = 250

// ParseType reads a type of the tag map, in capitals or not; length is the N of string:N, 1 to MaxLength, else 0.
func ParseType(s string) (t Type, length int, err error) {
	name, size, sized := strings.Cut(s, ":")
	for i, known := range TypeNames {
		if i == int(TypeAuto) || !strings.EqualFold(name, known) {
			continue
		}
		t = Type(i)
		switch {
		case t == TypeString && !sized:
			return 0, 0, fmt.Errorf("type %q: no length: want string:N, N bytes", s)
		case t == TypeString:
			length, err = parseLength(s, size)
			return t, length, err
		case sized:
			return 0, 0, fmt.Errorf("type %q: only a string has a length", s)
		}
		return t, 0, nil
	}
	return 0, 0, fmt.Errorf("type %q: no such type", s)
}

func parseLength(s, size string) (int, error) {
	n, err := strconv.Atoi(size)
	switch {
	case !isDigits(size):
		return 0, fmt.Errorf("type %q: length %q is not a number", s, size)
	case err != nil || n < 1 || n > MaxLength:
		return 0, fmt.Errorf("type %q: length %s: want 1 to %d bytes", s, size, MaxLength)
	}
	return n, nil
}

func (t Type) String() string { return TypeNames[t] }

// Registers is how many 16-bit registers a value of t takes; 0 for TypeString and TypeAuto, whose size is not theirs.
func (t Type) Registers() int {
	switch t {
	case TypeAuto, TypeString:
		return 0
	case TypeInt32, TypeUint32, TypeFloat32, TypeBCD32:
		return 2
	case TypeInt64, TypeUint64, TypeFloat64:
		return 4
	}
	return 1
}

// IsNumber reports types that can be scaled and compared with limits.
func (t Type) IsNumber() bool { return t != TypeBool && t != TypeString }
