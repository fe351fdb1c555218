package opcua

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"strconv"
	"time"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
	"tagbridge/mapping/node"
)

var le = binary.LittleEndian

// convert finishes s from a scalar.
func (f *filler) convert(c *mapping.Codec, v wire.Variant, b *mapping.Batch, s *mapping.Sample) {
	switch v.Type {
	case wire.TypeBoolean:
		c.Bit(v.Raw[0] != 0, b, s)
	case wire.TypeSByte:
		c.Int(int64(int8(v.Raw[0])), 8, b, s)
	case wire.TypeByte:
		c.Uint(uint64(v.Raw[0]), b, s)
	case wire.TypeInt16:
		c.Int(int64(int16(le.Uint16(v.Raw))), 16, b, s)
	case wire.TypeUInt16:
		c.Uint(uint64(le.Uint16(v.Raw)), b, s)
	case wire.TypeInt32:
		c.Int(int64(int32(le.Uint32(v.Raw))), 32, b, s)
	case wire.TypeUInt32:
		c.Uint(uint64(le.Uint32(v.Raw)), b, s)
	case wire.TypeInt64:
		c.Int64(int64(le.Uint64(v.Raw)), b, s)
	case wire.TypeUInt64:
		c.Uint64(le.Uint64(v.Raw), b, s)
	case wire.TypeFloat:
		c.Float32(math.Float32frombits(le.Uint32(v.Raw)), b, s)
	case wire.TypeDouble:
		c.Float64(math.Float64frombits(le.Uint64(v.Raw)), b, s)
	case wire.TypeNull:
		s.Quality = mapping.BadNoData
	default:
		var ok bool
		if f.text, ok = appendText(f.text[:0], v); !ok {
			s.Quality = mapping.BadTypeMismatch
			return
		}
		c.Text(f.text, b, s)
	}
}

// appendText appends a value that is delivered as text: strings as they are, times as RFC 3339, bytes as base64, status
// codes by their name. false for structures and what has none.
func appendText(dst []byte, v wire.Variant) ([]byte, bool) {
	r := wire.NewReader(v.Raw)
	switch v.Type {
	case wire.TypeString, wire.TypeXML:
		dst = append(dst, r.String()...)
	case wire.TypeLocalizedText:
		dst = append(dst, r.LocalizedText()...)
	case wire.TypeQualifiedName:
		n := r.QualifiedName()
		if n.Space != 0 {
			dst = append(appendUint(dst, n.Space), ':')
		}
		dst = append(dst, n.Name...)
	case wire.TypeDateTime:
		if at, ok := r.DateTime(); ok {
			dst = at.AppendFormat(dst, time.RFC3339Nano)
		}
	case wire.TypeGUID:
		dst = append(dst, guid(v.Raw)...)
	case wire.TypeByteString:
		dst = base64.StdEncoding.AppendEncode(dst, r.Bytes())
	case wire.TypeNodeID:
		dst = append(dst, r.NodeID().String()...)
	case wire.TypeExpandedNodeID:
		n, _ := r.ExpandedNodeID()
		dst = append(dst, n.String()...)
	case wire.TypeStatusCode:
		dst = append(dst, mapping.Quality(r.Status()).String()...)
	default:
		return dst, false
	}
	return dst, r.Err() == nil
}

func appendUint(dst []byte, v uint16) []byte {
	if v >= 10 {
		dst = appendUint(dst, v/10)
	}
	return append(dst, '0'+byte(v%10))
}

// guid is the text of a GUID in the order of the wire.
func guid(raw []byte) string {
	if len(raw) != 16 {
		return ""
	}
	r := wire.NewReader(append([]byte{4, 0, 0}, raw...))
	return node.FormatGUID([]byte(r.NodeID().Text))
}

// text is a String, a LocalizedText or what else can be shown as text.
func text(v wire.Variant) string {
	b, _ := appendText(nil, v)
	return string(b)
}

// integer is an integer of any size.
func integer(v wire.Variant) (int64, bool) {
	if v.Array {
		return 0, false
	}
	switch v.Type {
	case wire.TypeSByte:
		return int64(int8(v.Raw[0])), true
	case wire.TypeByte:
		return int64(v.Raw[0]), true
	case wire.TypeInt16:
		return int64(int16(le.Uint16(v.Raw))), true
	case wire.TypeUInt16:
		return int64(le.Uint16(v.Raw)), true
	case wire.TypeInt32:
		return int64(int32(le.Uint32(v.Raw))), true
	case wire.TypeUInt32:
		return int64(le.Uint32(v.Raw)), true
	case wire.TypeInt64:
		return int64(le.Uint64(v.Raw)), true
	case wire.TypeUInt64:
		return int64(min(le.Uint64(v.Raw), math.MaxInt64)), true
	}
	return 0, false
}

// typeName names the type of v for people.
func typeName(v wire.Variant) string {
	if v.Array {
		return "array of " + v.Type.String()
	}
	return v.Type.String()
}

// display is a scalar as text for people.
func display(v wire.Variant) string {
	if v.Type == wire.TypeUInt64 && !v.Array {
		return strconv.FormatUint(le.Uint64(v.Raw), 10)
	}
	if n, ok := integer(v); ok {
		return strconv.FormatInt(n, 10)
	}
	switch v.Type {
	case wire.TypeBoolean:
		return strconv.FormatBool(v.Raw[0] != 0)
	case wire.TypeFloat:
		return strconv.FormatFloat(float64(math.Float32frombits(le.Uint32(v.Raw))), 'g', -1, 32)
	case wire.TypeDouble:
		return strconv.FormatFloat(math.Float64frombits(le.Uint64(v.Raw)), 'g', -1, 64)
	}
	if b, ok := appendText(nil, v); ok {
		return string(b)
	}
	return v.Type.String()
}
