package modbus

import (
	"sync"

	"tagbridge/mapping"
)

// image is the bytes of a plan's tags as they were last read from the wire, and the decoding of them. It is safe for
// concurrent use.
type image struct {
	mu    sync.Mutex
	shift int      // how often a number of registers is doubled to be one of bytes
	where []uint32 // by index: the tag's place in bytes
	bytes []byte   // a tag's, after one that is 1 once there are any
}

// init has place for tags of these sizes in bytes, by index.
func (m *image) init(sizes []int, shift int) {
	m.shift = shift
	m.where = make([]uint32, len(sizes))
	end := 0
	for i, n := range sizes {
		m.where[i] = uint32(end)
		end += 1 + n
	}
	m.bytes = make([]byte, end)
}

// takeRegisters decodes the registers that answer bl. It is the hot path: no map, no allocation.
func (m *image) takeRegisters(bl *block, raw []byte, b *mapping.Batch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	first, shift := bl.items[0].start, m.shift&3
	for i := range bl.items {
		it := &bl.items[i]
		place := raw[int(it.start-first)<<shift:]
		value := place[int(it.at)<<shift:][:int(it.own)<<shift]
		kept := m.bytes[it.image:]
		kept[0] = 1
		copy(kept[1:], value)
		b.Samples = append(b.Samples, mapping.Sample{Index: it.index})
		if it.scaled {
			it.codec.RegistersBy(value, place[int(it.by)<<shift:][:1<<shift], b, &b.Samples[len(b.Samples)-1])
			continue
		}
		it.codec.Registers(value, b, &b.Samples[len(b.Samples)-1])
	}
}

// takeBits decodes the bits that answer bl, packed from the least significant one of each byte on.
func (m *image) takeBits(bl *block, raw []byte, b *mapping.Batch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	first := bl.items[0].start
	for i := range bl.items {
		it := &bl.items[i]
		at := it.start - first
		value := raw[at/8] >> (at % 8) & 1
		kept := m.bytes[it.image:]
		kept[0], kept[1] = 1, value
		b.Samples = append(b.Samples, mapping.Sample{Index: it.index})
		it.codec.Bit(value == 1, b, &b.Samples[len(b.Samples)-1])
	}
}

// has reports that it has been read. It is for the goroutine that reads.
func (m *image) has(it *item) bool { return m.bytes[it.image] != 0 }

// raw appends the bytes of tag index as they were last read, n of them; nothing before that.
func (m *image) raw(dst []byte, index, n int) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := m.where[index]
	if m.bytes[at] == 0 {
		return dst
	}
	return append(dst, m.bytes[at+1:][:n]...)
}
