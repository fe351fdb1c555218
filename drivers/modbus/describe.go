package modbus

import (
	"fmt"

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
	Wasted   int  // registers or bits that no tag is in, read to join two blocks
	Wide     bool // registers of four bytes
}

// outline describes b without its tags and what is wasted.
func (p *Plan) outline(b *block) Request {
	return Request{
		UnitID:   int(p.unit),
		Function: int(b.function()),
		Table:    tables[b.function()],
		Address:  b.start(),
		Count:    int(b.count),
		Wide:     p.limits.Wide,
	}
}

// describe is outline with the rest.
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

// meant is which other register a manual may mean that prints the number of a.
func meant(a mapping.Address) string {
	if number, wire, ok := a.AsPrinted(); ok {
		return fmt.Sprintf("If the manual's %d is the number on the wire, write %s; it may also count from 0: %s:%d", number, wire, a.Table, int(a.Number)+1)
	}
	if counted, ok := a.AsCounted(); ok {
		return fmt.Sprintf("If the manual's %d is a Modicon number, write %s; it may also count from 1: %s:%d", a.Number, counted, a.Table, int(a.Number)-1)
	}
	return "What a manual calls 40001 may be holding:0 or holding:1"
}
