package sparkplug

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"tagbridge/mapping"
)

// The fields of a payload, of a metric, of a property set and of a property (Sparkplug 3.0.0, 6.4).
const (
	payloadTimestamp = 1
	payloadMetrics   = 2
	payloadSeq       = 3

	metricName       = 1
	metricAlias      = 2
	metricTimestamp  = 3
	metricDatatype   = 4
	metricHistorical = 5
	metricNull       = 7
	metricProperties = 9
	metricInt        = 10
	metricLong       = 11
	metricFloat      = 12
	metricDouble     = 13
	metricBoolean    = 14
	metricString     = 15

	setKeys   = 1
	setValues = 2

	propertyType   = 1
	propertyInt    = 3
	propertyLong   = 4
	propertyDouble = 6
	propertyString = 8
)

// begin appends a field whose length is not known yet; end fills it in. at is where its content begins.
func begin(dst []byte, field protowire.Number) (out []byte, at int) {
	dst = append(protowire.AppendTag(dst, field, protowire.BytesType), 0)
	return dst, len(dst)
}

// end fills in the length of the field whose content, from at on, is complete: most have less than 128 bytes.
func end(dst []byte, at int) []byte {
	n := len(dst) - at
	if n < 0x80 {
		dst[at-1] = byte(n)
		return dst
	}
	var room [9]byte
	more := protowire.SizeVarint(uint64(n)) - 1
	dst = append(dst, room[:more]...)
	copy(dst[at+more:], dst[at:at+n])
	protowire.AppendVarint(dst[:at-1], uint64(n))
	return dst
}

func appendNumber(dst []byte, field protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(dst, field, protowire.VarintType), v)
}

func appendText(dst []byte, field protowire.Number, text string) []byte {
	return protowire.AppendString(protowire.AppendTag(dst, field, protowire.BytesType), text)
}

func appendFloat64(dst []byte, field protowire.Number, v float64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(dst, field, protowire.Fixed64Type), math.Float64bits(v))
}

// appendValue appends the value of s, a sample of b, as that of a metric of type t, which holds it. Negative integers of 32
// bits are written as such, not as ones of 64; unsigned ones of 32 bits as decoders expect them, in the field of 64.
func appendValue(dst []byte, t DataType, b *mapping.Batch, s *mapping.Sample) []byte {
	switch t {
	case Int32:
		return appendNumber(dst, metricInt, uint64(uint32(s.Bits)))
	case UInt32, UInt64, Int64:
		return appendNumber(dst, metricLong, s.Bits)
	case Boolean:
		return appendNumber(dst, metricBoolean, s.Bits&1)
	case Float:
		return protowire.AppendFixed32(protowire.AppendTag(dst, metricFloat, protowire.Fixed32Type), uint32(s.Bits))
	case Double:
		return appendFloat64(dst, metricDouble, float64Of(b, s))
	}
	if s.Kind == mapping.Text {
		return protowire.AppendBytes(protowire.AppendTag(dst, metricString, protowire.BytesType), b.Text(s))
	}
	dst, at := begin(dst, metricString)
	if s.Kind == mapping.Bool {
		return end(append(dst, [...]string{"false", "true"}[s.Bits&1]...), at)
	}
	return end(mapping.AppendNumber(dst, s, b.Group.Series[s.Index].Exp), at)
}

// float64Of is the number that s, a sample of b, has.
func float64Of(b *mapping.Batch, s *mapping.Sample) float64 {
	switch s.Kind {
	case mapping.Int, mapping.Int64:
		return float64(int64(s.Bits))
	case mapping.Uint, mapping.Uint64:
		return float64(s.Bits)
	case mapping.F32:
		return float64(math.Float32frombits(uint32(s.Bits)))
	case mapping.Dec:
		return mapping.Decimal{Mant: int64(s.Bits), Exp: b.Group.Series[s.Index].Exp}.Float64()
	}
	return math.Float64frombits(s.Bits)
}
