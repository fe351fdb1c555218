package wire

// Kinds of structures (Part 3, 8.50). In those with subtyped values, Optional marks the fields whose values can be of a
// subtype, and none that can be absent.
const (
	StructPlain         = 0
	StructOptional      = 1
	StructUnion         = 2
	StructSubtyped      = 3
	StructSubtypedUnion = 4
)

// Definition is how a structure is encoded: its DataTypeDefinition.
type Definition struct {
	Encoding NodeID // of its default binary encoding
	Kind     uint32
	Fields   []Field
}

// Field is one member of a structure.
type Field struct {
	Name     string
	Type     NodeID
	Rank     int32 // -1: one value, 1: an array, above: a matrix of so many dimensions; else it is not laid down
	Optional bool
}

// The encodings of definitions and properties.
var (
	StructureDefinition = Numeric(122)
	EnumDefinition      = Numeric(123)
	RangeEncoding       = Numeric(886)
	UnitEncoding        = Numeric(889)
	EnumValueEncoding   = Numeric(8251)
)

// Definition reads a StructureDefinition.
func (r *Reader) Definition() Definition {
	d := Definition{Encoding: r.NodeID()}
	r.skipNodeID()
	d.Kind = r.Uint32()
	fields, n := list[Field](r, 20)
	for range n {
		f := Field{Name: r.String()}
		r.localized()
		f.Type = r.NodeID()
		f.Rank = r.Int32()
		for range r.Count(4) {
			r.Uint32()
		}
		r.Uint32()
		f.Optional = r.Bool()
		fields = append(fields, f)
	}
	d.Fields = fields
	return d
}

// EnumText is a value of an enumeration and its text.
type EnumText struct {
	Value int64
	Text  string
}

// EnumTexts reads an EnumDefinition.
func (r *Reader) EnumTexts() []EnumText {
	all, n := list[EnumText](r, 14)
	for range n {
		e := EnumText{Value: int64(r.Uint64()), Text: r.LocalizedText()}
		r.localized()
		if name := r.String(); e.Text == "" {
			e.Text = name
		}
		all = append(all, e)
	}
	return all
}

// EnumValue reads an EnumValueType.
func (r *Reader) EnumValue() EnumText {
	e := EnumText{Value: int64(r.Uint64()), Text: r.LocalizedText()}
	r.localized()
	return e
}

// Unit reads the display name of an EUInformation.
func (r *Reader) Unit() string {
	r.Bytes()
	r.Int32()
	name := r.LocalizedText()
	if about := r.LocalizedText(); name == "" {
		name = about
	}
	return name
}

// Range reads a Range.
func (r *Reader) Range() (low, high float64) {
	low = r.Float64()
	return low, r.Float64()
}
