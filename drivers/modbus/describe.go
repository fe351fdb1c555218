package modbus

import "tagbridge/mapping"

// Request describes one request of a plan's rounds.
type Request struct {
	UnitID   int
	Function int
	Table    mapping.Table
	Address  int // of the first register or bit
	Count    int // registers or bits
	Tags     []*mapping.Tag
	Wasted   int // registers or bits that no tag is in, read to join two blocks
}

// outline describes b, a request to unit, without its tags and what is wasted.
func outline(unit uint8, b *block) Request {
	return Request{
		UnitID:   int(unit),
		Function: int(b.function()),
		Table:    tables[b.function()],
		Address:  b.start(),
		Count:    int(b.count),
	}
}

// describe is outline with the rest; tags are those of the plan, by index.
func describe(unit uint8, b *block, tags []*mapping.Tag) Request {
	r := outline(unit, b)
	end := b.start()
	for i := range b.items {
		it := &b.items[i]
		r.Tags = append(r.Tags, tags[it.index])
		r.Wasted += max(0, int(it.start)-end)
		end = max(end, it.end())
	}
	return r
}

// Asked implements drivers.Asker. A tag that no request of a round has is asked for alone.
func (p *Plan) Asked(index int) string {
	t := p.tags[index]
	r := request{unit: p.unit, function: p.limits.function(t.Address.Table), address: t.Address.Number, count: uint16(t.Registers())}
	end := int(r.address) + int(r.count)
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.layout {
		if b := &p.layout[i]; b.function() == r.function && b.start() <= int(r.address) && end <= b.start()+int(b.count) {
			r.address, r.count = uint16(b.start()), b.count
			break
		}
	}
	return r.String()
}
