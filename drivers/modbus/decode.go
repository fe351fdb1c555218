package modbus

import "tagbridge/mapping"

// takeRegisters decodes the registers that answer bl. It is the hot path: no map, no allocation.
func (p *Plan) takeRegisters(bl *block, raw []byte, b *mapping.Batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := bl.items[0].start
	for i := range bl.items {
		it := &bl.items[i]
		value := raw[2*int(it.start-first):][:2*int(it.size)]
		kept := p.image[it.image:]
		kept[0] = 1
		copy(kept[1:], value)
		b.Samples = append(b.Samples, mapping.Sample{Index: it.index})
		it.codec.Registers(value, b, &b.Samples[len(b.Samples)-1])
	}
}

// takeBits decodes the bits that answer bl, packed from the least significant one of each byte on.
func (p *Plan) takeBits(bl *block, raw []byte, b *mapping.Batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := bl.items[0].start
	for i := range bl.items {
		it := &bl.items[i]
		at := it.start - first
		value := raw[at/8] >> (at % 8) & 1
		kept := p.image[it.image:]
		kept[0], kept[1] = 1, value
		b.Samples = append(b.Samples, mapping.Sample{Index: it.index})
		it.codec.Bit(value == 1, b, &b.Samples[len(b.Samples)-1])
	}
}
