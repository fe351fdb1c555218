package journal

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"tagbridge/sinks"
)

// The file of an index: magic u32, CRC-32C of all that follows u32, then numbers as varints and texts with their length:
//
//	the segment: number, position, size, sum of its head
//	position after the log before it, after its last record, after its last header; zigzag the time it begins with and the
//	last; where the first block begins
//	groups, how many, then of each: identity, device, place of its definition
//	blocks, how many, then of each: bytes, samples, zigzag change of the oldest time, from it to the newest time, set of groups
//	holes, how many, then of each: position, samples, since, from it until
const indexMagic = 0x31584254 // TBX1

// append appends the file of x.
func (x *index) append(dst []byte) []byte {
	at := len(dst)
	w := fieldWriter{b: binary.LittleEndian.AppendUint32(dst, indexMagic)}
	w.b = binary.LittleEndian.AppendUint32(w.b, 0)
	w.num(x.of.number)
	w.num(uint64(x.of.first))
	w.num(uint64(x.of.size))
	w.num(uint64(x.of.head))
	w.num(uint64(x.prev))
	w.num(uint64(x.end))
	w.num(uint64(x.seen))
	w.int(x.begins)
	w.int(x.last)
	w.num(uint64(x.first))
	w.num(uint64(len(x.groups)))
	for _, g := range x.groups {
		w.b = binary.LittleEndian.AppendUint64(w.b, g.id)
		w.text(g.device)
		w.num(uint64(g.def))
	}
	w.num(uint64(len(x.blocks)))
	last := int64(0)
	for _, b := range x.blocks {
		w.num(uint64(b.size))
		w.num(b.samples)
		w.int(b.min - last)
		w.num(uint64(b.max - b.min))
		w.text(string(b.groups))
		last = b.min
	}
	w.num(uint64(len(x.holes)))
	for _, h := range x.holes {
		w.num(uint64(h.from))
		w.num(uint64(h.to - h.from))
		w.int(h.since)
		w.num(uint64(h.until - h.since))
	}
	sealIndex(w.b[at:])
	return w.b
}

// sealIndex fills in the sum of an index, and returns it.
func sealIndex(b []byte) []byte {
	binary.LittleEndian.PutUint32(b[4:], crc32.Checksum(b[8:], castagnoli))
	return b
}

// parseIndex reads what append wrote. It takes nothing that does not lie within the segment.
func parseIndex(b []byte) (*index, error) {
	switch {
	case len(b) < 8 || binary.LittleEndian.Uint32(b) != indexMagic:
		return nil, fmt.Errorf("index magic: %w", ErrCorrupt)
	case binary.LittleEndian.Uint32(b[4:]) != crc32.Checksum(b[8:], castagnoli):
		return nil, fmt.Errorf("index checksum: %w", ErrCorrupt)
	}
	r := fieldReader{b: b[8:]}
	x := &index{of: segmentID{number: r.num(), first: sinks.Pos(r.num()), size: int64(r.num()), head: uint32(r.num())}}
	x.prev, x.end, x.seen = sinks.Pos(r.num()), sinks.Pos(r.num()), sinks.Pos(r.num())
	x.begins, x.last, x.first = r.int(), r.int(), int64(r.num())
	x.groups = make([]indexGroup, r.count(len(r.b)))
	for i := range x.groups {
		x.groups[i] = indexGroup{id: r.fixed(), device: r.text(), def: int64(r.num())}
		r.failed = r.failed || x.groups[i].def < 0 || x.groups[i].def >= x.of.size
	}
	fits := x.readBlocks(&r)
	x.holes = make([]hole, r.count(len(r.b)))
	for i := range x.holes {
		h := &x.holes[i]
		h.from = sinks.Pos(r.num())
		h.to = h.from + sinks.Pos(r.num())
		h.since = r.int()
		h.until = h.since + int64(r.num())
	}
	if r.failed || len(r.b) > 0 || !fits {
		return nil, fmt.Errorf("fields of the index: %w", ErrCorrupt)
	}
	return x, nil
}

// readBlocks reports whether the blocks end where the segment does.
func (x *index) readBlocks(r *fieldReader) bool {
	x.blocks = make([]indexBlock, r.count(len(r.b)))
	at, last := x.first, int64(0)
	for i := range x.blocks {
		b := &x.blocks[i]
		b.size, b.samples = int64(r.num()), r.num()
		b.min = last + r.int()
		b.max = b.min + int64(r.num())
		b.groups = r.bytes()
		last = b.min
		if b.size <= 0 || b.size > x.of.size-at || b.max < b.min || !eachOf(b.groups, len(x.groups), func(int) bool { return true }) {
			return false
		}
		at += b.size
	}
	return x.first >= 0 && (len(x.blocks) == 0 || at == x.of.size)
}

// fixed is a number of eight bytes.
func (r *fieldReader) fixed() uint64 {
	if len(r.b) < 8 {
		r.b, r.failed = nil, true
		return 0
	}
	v := binary.LittleEndian.Uint64(r.b)
	r.b = r.b[8:]
	return v
}

// bytes are those of a text; they are a part of what is read.
func (r *fieldReader) bytes() []byte {
	n := r.count(len(r.b))
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}
