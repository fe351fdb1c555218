package config

import "tagbridge/mapping"

// checkLongest reports each tag that is longer than a request of this device, at its row.
func (d *doc) checkLongest(r *readDevice) {
	for _, t := range r.Tags {
		if t.Registers() > r.MaxRegisters {
			at := &doc{l: d.l, file: t.Source.File}
			at.problemf(place{t.Source.Line, 1}, "type %q: takes %d registers in one request, but max_registers of %s (%s:%d) is %d",
				typeText(t), t.Registers(), r.s.what, d.file, r.s.place("max_registers").line, r.MaxRegisters)
		}
	}
}

// checkFit reports tags that no request of this device can read.
func (d *doc) checkFit(r *readDevice) {
	d.checkGroups(r)
	t := r.list.longest
	if len(r.Tags) > mapping.MaxGroup {
		d.problemf(r.s.place("tags"), "%s has %d tags, at most %d are possible: split it into two devices",
			r.s.what, len(r.Tags), mapping.MaxGroup)
	}
	if t == nil || r.Driver != "modbus" {
		return
	}
	if t.Registers() > r.MaxRegisters && !t.Address.Table.IsBits() {
		d.checkLongest(r)
	}
	if r.Function == 0 {
		return
	}
	bits, what := r.Function <= 2, "registers"
	if bits {
		what = "single bits"
	}
	for _, t := range r.Tags {
		if t.Address.Table.IsBits() != bits {
			d.problemf(r.s.place("function"), "function %d reads %s, but tag %s (%s:%d) is in table %s",
				r.Function, what, t.Name, t.Source.File, t.Source.Line, t.Address.Table)
			return
		}
	}
}
