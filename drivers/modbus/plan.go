package modbus

import (
	"slices"
	"strings"
	"sync"
	"time"

	"tagbridge/mapping"
)

// Plan is how the tags of one job are read: in which blocks, which tags are refused and when those are tried again.
// It is the Work of its job: its lane's link drives it, anybody may call its exported methods at any time.
type Plan struct {
	unit   uint8
	limits Limits
	tags   []*mapping.Tag

	items     []item   // all that can be asked for, by place
	never     []uint16 // the indices of the others
	layout    []block  // a round, but for what is refused
	bad       quarantine
	cuts      cuts
	image     image
	stale     bool                   // layout and cuts no longer fit together
	round     round                  // the present one
	epoch     int                    // the connection of the last round
	functions [readInput + 1]support // by number
	misses    misses                 // requests that were not answered the last time
	heard     block                  // the last that was answered
	answered  bool                   // something was, at some time
	refusal   refusal                // of everything
	turn      int                    // counts the tries of unsupported tables
	trial     time.Time              // not before, a silent request is tried again

	mu sync.Mutex // guards layout against the exported methods
}

// support is what a unit has said about a function.
type support uint8

const (
	unheard support = iota
	supported
	unsupported
)

// NewPlan plans the reading of tags, which are those of a job's group, index for index, with their codecs. The tags
// are checked ones; one that no request can hold all the same is BadConfigurationError for ever.
func NewPlan(tags []*mapping.Tag, codecs []*mapping.Codec, unitID int, l Limits) *Plan {
	p := &Plan{
		unit:   uint8(unitID),
		limits: l,
		tags:   tags,
		items:  make([]item, 0, len(tags)),
		stale:  true,
	}
	sizes := make([]int, len(tags))
	for i, t := range tags {
		sizes[i] = rawSize(t)
	}
	p.image.init(sizes, shiftOf(l.Wide))
	for i, t := range tags {
		it := item{
			codec:    codecs[i],
			image:    p.image.where[i],
			index:    uint16(i),
			function: l.function(t.Address.Table),
		}
		if !it.place(t, l) {
			p.never = append(p.never, it.index)
			p.bad.set(it.index, &fault{never: true})
			continue
		}
		p.items = append(p.items, it)
	}
	slices.SortFunc(p.items, compareItems)
	p.cuts.items = p.items
	p.bad.tags, p.bad.round = tags, &p.round
	p.renew()
	return p
}

// KeepTogether has the plan, which has not been used, read in one request what is tied: holds says for a tag where the last
// one begins that goes with it. What a device refuses to give at once is still asked for in parts.
func (p *Plan) KeepTogether(holds map[*mapping.Tag]int) {
	for i := range p.items {
		p.items[i].holds = uint16(holds[p.tags[p.items[i].index]])
	}
	p.renew()
}

// renew lays the blocks out anew, as what is refused has changed.
func (p *Plan) renew() {
	live := p.bad.part(p.items)
	blocks := layout(live, p.limits, fences{cuts: p.cuts.list, out: p.bad.out, ties: true})
	p.mu.Lock()
	p.layout = blocks
	p.mu.Unlock()
	p.stale = false
}

// Raw appends the bytes of tag index as they were last read from the wire: registers in its order, a bit as one byte.
func (p *Plan) Raw(dst []byte, index int) []byte {
	if index >= len(p.tags) {
		return dst // computed
	}
	return p.image.raw(dst, index, rawSize(p.tags[index]))
}

// rawSize is how many bytes of an answer are kept of t.
func rawSize(t *mapping.Tag) int {
	if t.Address.Table.IsBits() {
		return 1
	}
	return t.RegisterBytes() * max(t.Registers(), 0)
}

// Err says why tag index was refused, and what was asked; "" when it was not.
func (p *Plan) Err(index int) string { return p.bad.text(uint16(index)) }

// Learned are the cuts that the plan keeps to now, by place. It is safe to call at any time.
func (p *Plan) Learned() []Cut {
	p.cuts.mu.Lock()
	defer p.cuts.mu.Unlock()
	return slices.Clone(p.cuts.learned)
}

// Recall has the plan, which has not been used, keep to cuts that were learned before, until they are put to the test
// again. They decide how blocks are joined and nothing else: each tag is asked for.
func (p *Plan) Recall(cuts []Cut, now time.Time) {
	p.cuts.recall(cuts, now)
	p.renew()
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

// Tag is that of index.
func (p *Plan) Tag(index int) *mapping.Tag { return p.tags[index] }

// Asked implements drivers.Asker. A tag that no request of a round has is asked for alone.
func (p *Plan) Asked(index int) string {
	if index >= len(p.tags) {
		return ""
	}
	t := p.tags[index]
	first, count := t.Span()
	r := request{unit: p.unit, function: p.limits.function(t.Address.Table), address: uint16(first), count: uint16(count), wide: p.limits.Wide}
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

// Advice implements drivers.Adviser: what to look at when a tag cannot be read for the first time, unless the reason says
// so.
func (p *Plan) Advice(index int, q mapping.Quality, reason string) string {
	if index >= len(p.tags) || strings.ContainsAny(reason, ";?") {
		return ""
	}
	switch q {
	case mapping.BadTimeout, mapping.BadNoCommunication:
		return "; is the unit on, and is unit_id right?"
	case mapping.BadConfigurationError:
		return "; is the address right? " + meant(p.tags[index].Address)
	}
	return ""
}
