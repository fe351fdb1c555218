package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"tagbridge/sinks"
)

// A record is a header and its payload; the tail and the files hold them one behind the other. All numbers are
// little-endian.
//
//	 0  u8   magic
//	 1  u8   type
//	 2  u16  how many samples
//	 4  u32  length of the payload
//	 8  u64  position of the first sample
//	16  u32  CRC-32C of the payload
//	20  u32  CRC-32C of the bytes 0 to 19
//
// With the two sums apart, a damaged payload costs one record and the samples it held are still counted; only a
// damaged header makes a reader search for the next one.
const (
	headerSize = 24
	magic      = 0xA7
	maxPayload = 16 << 20
	maxSamples = 1 << 14 // of one record; a larger batch becomes several
	maxPos     = 1 << 62 // no plant comes so far: a million samples a second take 146,000 years
)

// The types of records.
const (
	typeSamples = 1 // see samples.go
	typeGroup   = 2 // see group.go
	typeShared  = 4 // likewise
)

// ErrCorrupt is in the error about anything that is not as it was written.
var ErrCorrupt = errors.New("corrupt")

// ErrFormat is in the error about files of a format that this program does not know. They are left as they are.
var ErrFormat = errors.New("format not known to this program")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// header is what stands before a payload.
type header struct {
	typ     uint8
	samples int
	size    int // of the payload
	pos     sinks.Pos
	sum     uint32 // of the payload
}

// defines reports that the record defines a group.
func (h header) defines() bool { return h.typ == typeGroup || h.typ == typeShared }

// end is the position behind the record's samples.
func (h header) end() sinks.Pos { return h.pos + sinks.Pos(h.samples) }

// seal fills in the header of a record whose payload is complete behind headerSize bytes.
func seal(record []byte, typ uint8, samples int) {
	record[0], record[1] = magic, typ
	binary.LittleEndian.PutUint16(record[2:], uint16(samples))
	binary.LittleEndian.PutUint32(record[4:], uint32(len(record)-headerSize))
	binary.LittleEndian.PutUint32(record[16:], crc32.Checksum(record[headerSize:], castagnoli))
	place(record, 0)
}

// place gives a sealed record its position.
func place(record []byte, p sinks.Pos) {
	binary.LittleEndian.PutUint64(record[8:], uint64(p))
	binary.LittleEndian.PutUint32(record[20:], crc32.Checksum(record[:20], castagnoli))
}

// parseHeader reads the header at the start of b.
func parseHeader(b []byte) (header, error) {
	if len(b) < headerSize {
		return header{}, fmt.Errorf("record header of %d bytes: %w", len(b), ErrCorrupt)
	}
	h := peek(b)
	switch {
	case b[0] != magic:
		return header{}, fmt.Errorf("record magic %#02x: %w", b[0], ErrCorrupt)
	case binary.LittleEndian.Uint32(b[20:]) != crc32.Checksum(b[:20], castagnoli):
		return header{}, fmt.Errorf("record header checksum: %w", ErrCorrupt)
	case h.size > maxPayload:
		return header{}, fmt.Errorf("record payload of %d bytes: %w", h.size, ErrCorrupt)
	case h.pos > maxPos:
		return header{}, fmt.Errorf("record position %d: %w", h.pos, ErrCorrupt)
	case h.samples > maxSamples:
		return header{}, fmt.Errorf("record of %d samples: %w", h.samples, ErrCorrupt)
	}
	return h, nil
}

// peek reads a header that is known to be whole, as those in memory are.
func peek(b []byte) header {
	_ = b[headerSize-1]
	return header{
		typ:     b[1],
		samples: int(binary.LittleEndian.Uint16(b[2:])),
		size:    int(binary.LittleEndian.Uint32(b[4:])),
		pos:     sinks.Pos(binary.LittleEndian.Uint64(b[8:])),
		sum:     binary.LittleEndian.Uint32(b[16:]),
	}
}

// payload is what follows the header h at the start of b, checked against its sum.
func (h header) payload(b []byte) ([]byte, error) {
	if len(b) < headerSize+h.size {
		return nil, fmt.Errorf("record payload cut to %d of %d bytes: %w", len(b)-headerSize, h.size, ErrCorrupt)
	}
	p := b[headerSize : headerSize+h.size]
	if crc32.Checksum(p, castagnoli) != h.sum {
		return nil, fmt.Errorf("record payload checksum: %w", ErrCorrupt)
	}
	return p, nil
}
