package modbus

import (
	"slices"

	"tagbridge/mapping"
)

// A unit that answers exception 1 may not have the function, so that none of the table's tags can be read; or not the
// address, as some devices use it, so that the others can. That is told by asking for another tag of the table.

// doubtTable has a witness asked before why, an exception 1 to the present request, is taken for the whole table. It is
// false when there is no other tag, when one was asked before, and when the table has been found out to be unsupported.
func (p *Plan) doubtTable(why fault) bool {
	r := &p.round
	bl := &r.queue[r.at]
	fn := bl.function()
	if bl.doubted || p.functions[fn] == unsupported {
		return false
	}
	for i := len(p.items) - 1; i >= 0; i-- {
		if it := &p.items[i]; it.function == fn && !samePlace(it, &bl.items[0]) {
			bl.doubted = true
			w := newBlock(p.items[i : i+1])
			w.doubt = &why
			p.round.ask(w)
			return true
		}
	}
	return false
}

// refuseTable takes it that the unit does not know why's function: no more of it is asked for.
func (p *Plan) refuseTable(why fault, b *mapping.Batch) {
	r := &p.round
	fn := why.asked.function
	why.refused, why.table = true, true
	of := func(it item) bool { return it.function == fn }
	first := slices.IndexFunc(p.items, of)
	items := p.items[first:]
	if n := slices.IndexFunc(items, func(it item) bool { return !of(it) }); n >= 0 {
		items = items[:n]
	}
	if p.functions[fn] != unsupported {
		p.functions[fn] = unsupported
		p.round.changed(change{function: fn, err: why.code.Error() + ": " + why.asked.String()})
	}
	p.bad.fail(items, why, b)
	rest := slices.DeleteFunc(r.queue[r.at:], func(bl block) bool { return bl.function() == fn })
	r.queue = r.queue[:r.at+len(rest)]
}

// hear notes that the unit knows function fn. What was left out because it did not is asked for in this round.
func (p *Plan) hear(fn uint8) {
	again := p.functions[fn] == unsupported
	p.functions[fn] = supported
	if again {
		p.round.changed(change{function: fn})
		p.restoreTable(fn)
	}
}

// retryTables adds to due a tag of each table that is due, another one each time: the table is as it was if that is refused.
func (p *Plan) retryTables(due, tables []item) []item {
	if len(tables) == 0 {
		return due
	}
	p.turn++
	for len(tables) > 0 {
		n := 1
		for n < len(tables) && tables[n].function == tables[0].function {
			n++
		}
		due = append(due, tables[p.turn%n])
		tables = tables[n:]
	}
	slices.SortFunc(due, compareItems)
	return due
}

// restoreTable adds to the round what was left out because the unit did not have function fn, which it has.
func (p *Plan) restoreTable(fn uint8) {
	r := &p.round
	var items []item
	for _, it := range p.bad.out {
		f := p.bad.faults[it.index]
		if f == nil || !f.table || it.function != fn || isIn(r.queue[r.at:], it) {
			continue
		}
		items = append(items, it)
	}
	alone := p.limits
	alone.MaxGap = 0
	r.queue = append(r.queue, layout(items, alone, fences{cuts: p.cuts.list})...)
}

// isIn reports that one of blocks asks for it.
func isIn(blocks []block, it item) bool {
	return slices.ContainsFunc(blocks, func(b block) bool {
		return !b.witness && slices.ContainsFunc(b.items, func(o item) bool { return o.index == it.index })
	})
}
