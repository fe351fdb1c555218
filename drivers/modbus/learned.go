package modbus

import (
	"cmp"
	"slices"
	"time"
)

// Cut is what splitting found out about a device: a block of this function that reaches over an address is refused,
// while both of its sides are answered.
type Cut struct {
	Function int `json:"function"`
	Address  int `json:"address"` // at which a block has to begin
	Hole     int `json:"hole"`    // registers or bits before it that nobody may ask for; 0: the block was too large
	Largest  int `json:"largest"` // of the sides, the most that was answered at once
}

// Learned are the cuts that the plan keeps to now, by place. It is safe to call at any time.
func (p *Plan) Learned() []Cut {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.learned)
}

// Recall has the plan, which has not been used, keep to cuts that were learned before, until they are put to the test
// again. They decide how blocks are joined and nothing else: each tag is asked for.
func (p *Plan) Recall(cuts []Cut, now time.Time) {
	for _, c := range cuts {
		is := func(it item) bool { return int(it.function) == c.Function && int(it.start) == c.Address }
		if slices.ContainsFunc(p.items, is) {
			p.cuts = append(p.cuts, cut{
				function: uint8(c.Function), at: uint16(c.Address), pause: lastPause, due: now.Add(lastPause),
			})
			p.learned = append(p.learned, c)
		}
	}
	slices.SortFunc(p.learned, compareCuts)
	p.renew()
}

func compareCuts(a, b Cut) int {
	return cmp.Or(cmp.Compare(a.Function, b.Function), cmp.Compare(a.Address, b.Address))
}

func (c *cut) is(k Cut) bool { return k.Function == int(c.function) && k.Address == int(c.at) }

// learn notes a cut for whoever asks.
func (p *Plan) learn(c cut) {
	end := 0
	for i := range p.items {
		if it := &p.items[i]; it.function == c.function && it.start < c.at {
			end = max(end, it.end())
		}
	}
	k := Cut{
		Function: int(c.function), Address: int(c.at), Hole: max(0, int(c.at)-end), Largest: int(c.size),
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.learned = slices.DeleteFunc(p.learned, c.is)
	p.learned = append(p.learned, k)
	slices.SortFunc(p.learned, compareCuts)
}

// unlearn forgets cuts that b, which was answered, reaches over.
func (p *Plan) unlearn(b *block) {
	for i := range p.cuts {
		c := &p.cuts[i]
		if !c.down || c.function != b.function() || int(c.at) <= b.start() || int(c.at) >= b.start()+int(b.count) {
			continue
		}
		p.mu.Lock()
		p.learned = slices.DeleteFunc(p.learned, c.is)
		p.mu.Unlock()
	}
}
