package sparkplug

import (
	"math"

	"tagbridge/mapping"
)

// DataType is the type of a metric or of a property (Sparkplug 3.0.0, 6.4.16).
type DataType uint8

// The types that are used.
const (
	Int32   DataType = 3
	Int64   DataType = 4
	UInt32  DataType = 7
	UInt64  DataType = 8
	Float   DataType = 9
	Double  DataType = 10
	Boolean DataType = 11
	String  DataType = 12
)

// ofKind are the types of values whose kind is known beforehand. Int and Uint may be wider than 32 bits: see typeOf.
var ofKind = [...]DataType{
	mapping.None: Double, mapping.Bool: Boolean, mapping.Int: Int32, mapping.Uint: UInt32, mapping.Int64: Int64,
	mapping.Uint64: UInt64, mapping.F32: Float, mapping.F64: Double, mapping.Dec: Double, mapping.Text: String,
}

// typeOf is the type that holds s, which has a value.
func typeOf(s *mapping.Sample) DataType {
	switch {
	case s.Kind == mapping.Int && !isInt32(int64(s.Bits)):
		return Int64
	case s.Kind == mapping.Uint && s.Bits > math.MaxUint32:
		return UInt64
	}
	return ofKind[s.Kind]
}

func isInt32(v int64) bool { return v == int64(int32(v)) }

// holds reports that a metric of type t can carry s, which has a value.
func (t DataType) holds(s *mapping.Sample) bool {
	switch t {
	case String:
		return true
	case Int32:
		return s.Kind == mapping.Int && isInt32(int64(s.Bits))
	case UInt32:
		return s.Kind == mapping.Uint && s.Bits <= math.MaxUint32
	case Int64:
		return s.Kind == mapping.Int || s.Kind == mapping.Int64 || s.Kind == mapping.Uint
	case UInt64:
		return s.Kind == mapping.Uint || s.Kind == mapping.Uint64
	case Float:
		return s.Kind == mapping.F32
	case Double:
		return s.Kind >= mapping.Int && s.Kind <= mapping.Dec
	case Boolean:
		return s.Kind == mapping.Bool
	}
	return false
}

// with is the type of a metric that has had values of t and of u: it holds all of either. What has both integers of 64
// bits and fractions becomes Double, and loses the last digits of integers over 2^53.
func (t DataType) with(u DataType) DataType {
	switch {
	case t == u:
		return t
	case t >= Boolean || u >= Boolean:
		return String
	case t.isFloat() || u.isFloat():
		return Double
	case t.isUnsigned() && u.isUnsigned():
		return UInt64
	case t == UInt64 || u == UInt64:
		return String
	}
	return Int64
}

func (t DataType) isFloat() bool    { return t == Float || t == Double }
func (t DataType) isUnsigned() bool { return t == UInt32 || t == UInt64 }

// wide is t for integers of up to 64 bits.
func (t DataType) wide() DataType {
	switch t {
	case Int32:
		return Int64
	case UInt32:
		return UInt64
	}
	return t
}
