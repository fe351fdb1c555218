package journal

import (
	"encoding/binary"
	"slices"

	"tagbridge/mapping"
)

// Values by their kind: Bool one byte; Int, Int64 and Dec a zigzag varint, Uint and Uint64 a varint; F32 four bytes,
// F64 eight; Text its length as a varint and its bytes; None nothing.

// appendValues appends the values of samples one behind the other.
func appendValues(dst []byte, b *mapping.Batch, samples []mapping.Sample) []byte {
	dst = slices.Grow(dst, binary.MaxVarintLen64*len(samples))
	for i := range samples {
		dst = appendValue(dst, b, &samples[i])
	}
	return dst
}

func appendValue(dst []byte, b *mapping.Batch, s *mapping.Sample) []byte {
	switch s.Kind {
	case mapping.F32:
		return binary.LittleEndian.AppendUint32(dst, uint32(s.Bits))
	case mapping.Dec, mapping.Int, mapping.Int64:
		return appendVarint(dst, zigzag(int64(s.Bits)))
	case mapping.Uint, mapping.Uint64:
		return appendVarint(dst, s.Bits)
	case mapping.Bool:
		return append(dst, byte(s.Bits)&1)
	case mapping.F64:
		return binary.LittleEndian.AppendUint64(dst, s.Bits)
	case mapping.Text:
		text := b.Text(s)
		return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
	}
	return dst
}

// appendVarint is binary.AppendUvarint, in line for the lengths that scaled registers have.
func appendVarint(dst []byte, v uint64) []byte {
	switch {
	case v < 1<<7:
		return append(dst, byte(v))
	case v < 1<<14:
		return append(dst, byte(v)|0x80, byte(v>>7))
	case v < 1<<21:
		return append(dst, byte(v)|0x80, byte(v>>7)|0x80, byte(v>>14))
	}
	return binary.AppendUvarint(dst, v)
}

// parseValue reads the value of s, whose kind is set, from the start of p, and returns its size, or -1 when it is not
// whole. A text goes to b.Blob.
func parseValue(p []byte, b *mapping.Batch, s *mapping.Sample) int {
	switch s.Kind {
	case mapping.None:
		return 0
	case mapping.F32:
		if len(p) < 4 {
			return -1
		}
		s.Bits = uint64(binary.LittleEndian.Uint32(p))
		return 4
	case mapping.F64:
		if len(p) < 8 {
			return -1
		}
		s.Bits = binary.LittleEndian.Uint64(p)
		return 8
	case mapping.Bool:
		if len(p) < 1 || p[0] > 1 {
			return -1
		}
		s.Bits = uint64(p[0])
		return 1
	}
	return parseVarValue(p, b, s)
}

// parseVarValue is parseValue of the kinds that begin with a varint.
func parseVarValue(p []byte, b *mapping.Batch, s *mapping.Sample) int {
	v, size := parseVarint(p)
	switch {
	case size <= 0:
		return -1
	case s.Kind == mapping.Uint || s.Kind == mapping.Uint64:
		s.Bits = v
	case s.Kind != mapping.Text:
		s.Bits = uint64(unzigzag(v))
	case v > uint64(len(p)-size):
		return -1
	default:
		b.PutText(s, p[size:size+int(v)])
		size += int(v)
	}
	return size
}

// parseVarint is binary.Uvarint, in line for the lengths that scaled registers have.
func parseVarint(p []byte) (uint64, int) {
	if len(p) >= 3 {
		a, b, c := uint64(p[0]), uint64(p[1]), uint64(p[2])
		switch {
		case a < 0x80:
			return a, 1
		case b < 0x80:
			return a&0x7F | b<<7, 2
		case c < 0x80:
			return a&0x7F | b&0x7F<<7 | c<<14, 3
		}
	}
	return binary.Uvarint(p)
}

// zigzag makes small numbers of both signs small.
func zigzag(v int64) uint64 { return uint64(v<<1) ^ uint64(v>>63) }

func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }
