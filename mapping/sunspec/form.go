package sunspec

// kind is what is done with a type.
type kind uint8

const (
	pad      kind = iota
	exponent      // of other points
	number
	enum
	bits
	text
)

// A form is how a type of points is read.
type form struct {
	kind      kind
	registers int
	column    string // its type in a tag map
	invalid   string // raw value that means that there is none; "": zeros of a text, NaN of a float
	signed    bool
}

// forms are the types that models have.
var forms = map[string]*form{
	"pad":        {kind: pad, registers: 1},
	"sunssf":     {exponent, 1, "int16", "0x8000", true},
	"int16":      {number, 1, "int16", "0x8000", true},
	"int32":      {number, 2, "int32", "0x80000000", true},
	"uint16":     {number, 1, "uint16", "0xFFFF", false},
	"uint32":     {number, 2, "uint32", "0xFFFFFFFF", false},
	"uint64":     {number, 4, "uint64", "0xFFFFFFFFFFFFFFFF", false},
	"acc32":      {number, 2, "uint32", "0", false},
	"acc64":      {number, 4, "uint64", "0", false},
	"count":      {number, 1, "uint16", "0", false},
	"float32":    {number, 2, "float32", "", true},
	"enum16":     {enum, 1, "uint16", "0xFFFF", false},
	"bitfield16": {bits, 1, "uint16", "0xFFFF", false},
	"bitfield32": {bits, 2, "uint32", "0xFFFFFFFF", false},
	"string":     {text, 0, "string", "", false},
}

// missing reports that raw, the registers of a point of form f, means that the device has no such value.
func (f *form) missing(raw []byte) bool {
	switch {
	case f.kind == text:
		return allBytes(raw, 0) || allBytes(raw, 0xFF)
	case f.column == "float32":
		return raw[0]&0x7F == 0x7F && raw[1]&0x80 != 0 && (raw[1]&0x7F|raw[2]|raw[3]) != 0
	case f.invalid == "0":
		return allBytes(raw, 0)
	case f.signed:
		return raw[0] == 0x80 && allBytes(raw[1:], 0)
	}
	return allBytes(raw, 0xFF)
}

func allBytes(raw []byte, b byte) bool {
	for _, c := range raw {
		if c != b {
			return false
		}
	}
	return true
}

// integer is raw as a whole number; of a uint64 over half of its range it is not right.
func (f *form) integer(raw []byte) int64 {
	var v uint64
	for _, b := range raw {
		v = v<<8 | uint64(b)
	}
	if unused := 64 - 8*len(raw); f.signed {
		return int64(v<<unused) >> unused
	}
	return int64(v)
}
