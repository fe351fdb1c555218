package mapping

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

// Order is the byte order of a value, A being its most significant byte.
type Order uint8

// The byte orders. CDAB reverses the words, BADC swaps the bytes of each word, DCBA does both.
const (
	ABCD Order = iota
	CDAB
	BADC
	DCBA
)

// OrderNames are the names of the orders in tag maps, by Order.
var OrderNames = [...]string{"ABCD", "CDAB", "BADC", "DCBA"}

func (o Order) String() string { return OrderNames[o] }

// SwapsWords reports an order whose least significant word comes first.
func (o Order) SwapsWords() bool { return o == CDAB || o == DCBA }

// SwapsBytes reports an order whose words have their least significant byte first.
func (o Order) SwapsBytes() bool { return o == BADC || o == DCBA }
