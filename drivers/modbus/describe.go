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

func (p *Plan) describe(b *block) Request {
	r := Request{
		UnitID:   int(p.unit),
		Function: int(b.function()),
		Table:    tables[b.function()],
		Address:  b.start(),
		Count:    int(b.count),
	}
	end := b.start()
	for i := range b.items {
		it := &b.items[i]
		r.Tags = append(r.Tags, p.tags[it.index])
		r.Wasted += max(0, int(it.start)-end)
		end = max(end, it.end())
	}
	return r
}
