package wire

import (
	"fmt"
	"iter"
)

// Type is a built-in type (Part 6, 5.1.2).
type Type uint8

// The built-in types.
const (
	TypeNull Type = iota
	TypeBoolean
	TypeSByte
	TypeByte
	TypeInt16
	TypeUInt16
	TypeInt32
	TypeUInt32
	TypeInt64
	TypeUInt64
	TypeFloat
	TypeDouble
	TypeString
	TypeDateTime
	TypeGUID
	TypeByteString
	TypeXML
	TypeNodeID
	TypeExpandedNodeID
	TypeStatusCode
	TypeQualifiedName
	TypeLocalizedText
	TypeExtension
	TypeDataValue
	TypeVariant
	TypeDiagnosticInfo
)

var typeNames = [...]string{
	"Null", "Boolean", "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float", "Double",
	"String", "DateTime", "Guid", "ByteString", "XmlElement", "NodeId", "ExpandedNodeId", "StatusCode",
	"QualifiedName", "LocalizedText", "Structure", "DataValue", "Variant", "DiagnosticInfo",
}

func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return fmt.Sprintf("type %d", uint8(t))
}

// sizes of the types that have one, else 0.
var sizes = [...]uint8{
	TypeBoolean: 1, TypeSByte: 1, TypeByte: 1, TypeInt16: 2, TypeUInt16: 2, TypeInt32: 4, TypeUInt32: 4, TypeInt64: 8,
	TypeUInt64: 8, TypeFloat: 4, TypeDouble: 8, TypeDateTime: 8, TypeGUID: 16, TypeStatusCode: 4, TypeDiagnosticInfo: 0,
}

// Variant is a value of any built-in type, or an array of one. Its bytes are a part of the message it came in.
type Variant struct {
	Type  Type
	Array bool
	Count int    // elements of an array
	Raw   []byte // the value, or the elements one behind the other
	Dims  []byte // of an array of several dimensions: their lengths, Int32 each
}

// Variant reads one (Part 6, 5.2.2.16), checking all of it.
func (r *Reader) Variant() Variant {
	mask := r.Uint8()
	v := Variant{Type: Type(mask & 0x3F), Array: mask&0x80 != 0}
	if v.Type == TypeNull {
		return Variant{}
	}
	if size := v.Type.size(); size > 0 && !v.Array {
		v.Raw = r.take(size)
		return v
	}
	v.Count = 1
	if v.Array {
		v.Count = r.Count(max(1, v.Type.size()))
	}
	at := r.at
	r.SkipElements(v.Type, v.Count)
	if r.err != nil {
		return Variant{}
	}
	v.Raw = r.b[at:r.at:r.at]
	if mask&0x40 != 0 {
		v.Dims = r.take(4 * r.Count(4))
	}
	return v
}

func (t Type) size() int {
	if int(t) < len(sizes) {
		return int(sizes[t])
	}
	return 0
}

// SkipElements reads over n values of type t.
func (r *Reader) SkipElements(t Type, n int) {
	if size := t.size(); size > 0 {
		r.take(size * n)
		return
	}
	for range n {
		r.skip(t)
		if r.err != nil {
			return
		}
	}
}

// skip reads over one value of a type without a fixed size.
func (r *Reader) skip(t Type) {
	switch t {
	case TypeString, TypeByteString, TypeXML:
		r.Bytes()
	case TypeNodeID, TypeExpandedNodeID:
		r.skipNodeID()
	case TypeQualifiedName:
		r.take(2)
		r.Bytes()
	case TypeLocalizedText:
		r.localized()
	case TypeExtension:
		r.skipNodeID()
		if r.Uint8() != 0 {
			r.Bytes()
		}
	case TypeDataValue, TypeVariant:
		if !r.enter() {
			return
		}
		defer r.leave()
		if t == TypeVariant {
			r.Variant()
			return
		}
		var d DataValue
		r.DataValue(&d)
	case TypeDiagnosticInfo:
		r.diagnostics()
	default: // reserved: a ByteString (Part 6, 5.2.2.16)
		r.Bytes()
	}
}

// Element is element i of an array, counted through all dimensions.
func (v Variant) Element(i int) (Variant, bool) {
	if !v.Array || i < 0 || i >= v.Count {
		return Variant{}, false
	}
	if e, ok := v.Fixed(i); ok {
		return e, true
	}
	r := Reader{b: v.Raw}
	r.SkipElements(v.Type, i)
	at := r.at
	r.SkipElements(v.Type, 1)
	if r.err != nil {
		return Variant{}, false
	}
	return Variant{Type: v.Type, Raw: v.Raw[at:r.at]}, true
}

// Fixed is element i, which there is, of an array whose elements have a fixed size; else false.
func (v Variant) Fixed(i int) (Variant, bool) {
	size := v.Type.size()
	if size == 0 {
		return Variant{}, false
	}
	return Variant{Type: v.Type, Raw: v.Raw[i*size:][:size]}, true
}

// All are the elements of an array, in order. What is left of them ends at one that cannot be read.
func (v Variant) All() iter.Seq2[int, Variant] {
	return func(yield func(int, Variant) bool) {
		r := Reader{b: v.Raw}
		for i := range v.Count {
			at := r.at
			r.SkipElements(v.Type, 1)
			if !v.Array || r.err != nil || !yield(i, Variant{Type: v.Type, Raw: v.Raw[at:r.at:r.at]}) {
				return
			}
		}
	}
}

// Dimensions are the lengths of an array's dimensions.
func (v Variant) Dimensions() []int {
	if !v.Array {
		return nil
	}
	r := Reader{b: v.Dims}
	var dims []int
	product := 1
	for range len(v.Dims) / 4 {
		n := int(r.Int32())
		dims = append(dims, n)
		if n < 0 || n > v.Count {
			return []int{v.Count}
		}
		product *= max(n, 1)
		if product > v.Count {
			return []int{v.Count}
		}
	}
	if len(dims) < 2 || product != v.Count {
		return []int{v.Count}
	}
	return dims
}

// DataValue is a value with its status and times; a time of 0 is none.
type DataValue struct {
	Value  Variant
	Status Status
	Source int64 // nanoseconds since 1970 UTC
	Server int64
}

// DataValue reads one (Part 6, 5.2.2.17) into d.
func (r *Reader) DataValue(d *DataValue) {
	*d = DataValue{}
	mask := r.Uint8()
	if mask&0x01 != 0 {
		d.Value = r.Variant()
	}
	if mask&0x02 != 0 {
		d.Status = r.Status()
	}
	if mask&0x04 != 0 {
		d.Source = r.Time()
	}
	if mask&0x10 != 0 {
		r.Uint16()
	}
	if mask&0x08 != 0 {
		d.Server = r.Time()
	}
	if mask&0x20 != 0 {
		r.Uint16()
	}
	if mask&0xC0 != 0 {
		r.fail(fmt.Errorf("data value with unknown fields %#02x", mask))
	}
}
