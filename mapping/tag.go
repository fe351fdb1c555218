package mapping

import (
	"slices"
	"time"

	"tagbridge/mapping/node"
)

// Table is one of the four tables of Modbus (application protocol V1.1b3, 4.3).
type Table uint8

// The tables, in the order of their Modicon digits.
const (
	Coil     Table = iota // digit 0, function 1
	Discrete              // digit 1, function 2
	Input                 // digit 3, function 4
	Holding               // digit 4, function 3
)

// TableNames are the names of the tables in addresses, by Table.
var TableNames = [...]string{"coil", "discrete", "input", "holding"}

func (t Table) String() string { return TableNames[t] }

// IsBits reports tables of single bits.
func (t Table) IsBits() bool { return t == Coil || t == Discrete }

// Part is the part of a register that an address names.
type Part uint8

// The parts of a register.
const (
	Whole  Part = iota
	Bit         // Address.Bit, 0 the least significant
	HiByte      // the most significant byte, after the order
	LoByte
)

// Address is where a Modbus tag begins.
type Address struct {
	Table  Table
	Number uint16 // 0-based, as on the wire
	Part   Part
	Bit    uint8 // for Part Bit
}

// Bound is a number that may be absent.
type Bound struct {
	Decimal
	Set bool
}

// ScaleKind says how a tag is scaled.
type ScaleKind uint8

// The kinds of scaling.
const (
	Unscaled  ScaleKind = iota // scale 1 and offset 0: the value keeps its type
	Linear                     // raw × Scale + Offset
	FromRange                  // EngMin + (raw − RawMin) × (EngMax − EngMin) / (RawMax − RawMin)
)

// Scaling is how engineering values come from raw ones.
type Scaling struct {
	Kind           ScaleKind
	Scale, Offset  Decimal
	RawMin, RawMax Decimal
	EngMin, EngMax Decimal // kept for clamp and deadband too
}

// Clamp says at which ends of the engineering range values are held.
type Clamp uint8

// The clamps.
const (
	ClampNone Clamp = 0
	ClampLow  Clamp = 1
	ClampHigh Clamp = 2
	ClampBoth Clamp = 3
)

// Invalid is a raw value that means "no value".
type Invalid struct {
	Hex   bool    // compare Bits with the bits after the order, else Value with the decoded value
	Bits  uint64  // right-aligned
	Value Decimal // for decimal ones
	Text  string  // as written: for strings, and for messages
}

// Report says which samples of a tag are sent.
type Report uint8

// The ways to report.
const (
	ReportAll Report = iota
	ReportChange
	ReportNone // it is read for formulas and whoever looks at it, and sent to no sink
)

// Deadband is how far a value must move from the last one sent. Percent ones are resolved to engineering units when
// the map is loaded where the range is known; what is left in percent is of the OPC UA server's EURange, and resolved
// when that is known.
type Deadband struct {
	Value   float64 // engineering units, or percent
	Percent bool
}

// Source is the place of a tag in its map.
type Source struct {
	File string
	Line int
}

// Tag is one row of a tag map, checked and with its device's defaults filled in. Immutable once loaded. There may be
// hundreds of thousands, so that what many have in common is behind one pointer.
type Tag struct {
	Name        string
	Address     Address       // Modbus
	Node        *node.Address // OPC UA; nil: a Modbus tag
	Element     node.Element  // OPC UA: part of the value
	Computed    *Computed     // from other tags, or judged by them; nil: neither
	Alarm       *Alarm        // how its values are judged; nil: they are not
	Description string
	Source      Source
	*Traits     // never nil; shared by tags that agree in all of it
}

// Traits are what a tag is beside its name and place. A map of thousands of tags has a few of them.
type Traits struct {
	Type      Type
	Order     Order
	Clamp     Clamp
	Report    Report
	EnumAuto  bool // OPC UA: the texts of values are the server's
	Length    int  // what comes after the colon of the type, see ParseType
	Poll      time.Duration
	Scaling   Scaling
	ScaleBy   Place // of the exponent of ten that goes with the raw value
	Min, Max  Bound
	Deadband  Deadband
	Heartbeat time.Duration // 0: none
	Unit      string
	Invalid   []Invalid
	Enum      []EnumText // sorted by value
	Labels    []Label    // the device's and the row's, sorted by name
	Zone      string     // TypeDatetime: the time zone of the device's clock; "": UTC
	Wide      bool       // Modbus: each register of the device answers with four bytes
}

// Equal reports that t and o have the same content.
func (t *Traits) Equal(o *Traits) bool {
	return t == o || t.Type == o.Type && t.EnumAuto == o.EnumAuto && t.Length == o.Length && t.Order == o.Order && t.Poll == o.Poll &&
		t.Scaling == o.Scaling && t.Clamp == o.Clamp && t.Min == o.Min && t.Max == o.Max &&
		t.Unit == o.Unit && t.Report == o.Report && t.Deadband == o.Deadband && t.Heartbeat == o.Heartbeat &&
		t.Zone == o.Zone && t.Wide == o.Wide && t.ScaleBy == o.ScaleBy && slices.Equal(t.Invalid, o.Invalid) && slices.Equal(t.Enum, o.Enum) && slices.Equal(t.Labels, o.Labels)
}

// Withheld reports a tag of which no sink gets anything.
func (t *Traits) Withheld() bool { return t.Report == ReportNone }

// Registers is how many registers (or, in a table of bits, bits) the tag covers from its address on.
func (t *Tag) Registers() int {
	switch {
	case t.IsComputed():
		return 0
	case t.Address.Table.IsBits():
		return 1
	case t.Type == TypeBits:
		return t.wide(t.Type.registersOf(int(t.Address.Bit) + t.Length))
	case t.Address.Part != Whole:
		return 1
	}
	return t.wide(t.Type.registersOf(t.Length))
}

// EachElement reports an OPC UA tag that stands for all elements of an array: its element has a [*]. The tags that it
// makes are named after it, with their index behind: TAG[0].
func (t *Tag) EachElement() bool { return t.Element.Each() >= 0 }
