package modbus

import (
	"slices"

	"tagbridge/mapping"
)

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

// Requests are the requests of a round as it is now, without the tags that are refused.
func (p *Plan) Requests() []Request {
	p.mu.Lock()
	blocks := slices.Clone(p.layout)
	p.mu.Unlock()
	requests := make([]Request, 0, len(blocks))
	for i := range blocks {
		requests = append(requests, p.describe(&blocks[i]))
	}
	return requests
}

// Outlines are the same requests without their tags and what is wasted: cheap however many tags there are.
func (p *Plan) Outlines() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	requests := make([]Request, len(p.layout))
	for i := range p.layout {
		requests[i] = p.outline(&p.layout[i])
	}
	return requests
}

func (p *Plan) outline(b *block) Request {
	return Request{
		UnitID:   int(p.unit),
		Function: int(b.function()),
		Table:    tables[b.function()],
		Address:  b.start(),
		Count:    int(b.count),
	}
}

func (p *Plan) describe(b *block) Request {
	r := p.outline(b)
	end := b.start()
	for i := range b.items {
		it := &b.items[i]
		r.Tags = append(r.Tags, p.tags[it.index])
		r.Wasted += max(0, int(it.start)-end)
		end = max(end, it.end())
	}
	return r
}
