package config

import "tagbridge/mapping"

// checkFit reports tags that no request of this device can read.
func (d *doc) checkFit(r *readDevice) {
	t := r.list.longest
	if len(r.Tags) > mapping.MaxGroup {
		d.problemf(r.s.place("tags"), "%s has %d tags, at most %d are possible: split it into two devices",
			r.s.what, len(r.Tags), mapping.MaxGroup)
	}
	if t == nil || r.Driver != "modbus" {
		return
	}
	if t.Registers() > r.MaxRegisters && !t.Address.Table.IsBits() {
		d.problemf(r.s.place("max_registers"), "max_registers: tag %s (%s:%d) needs %d registers in one request",
			t.Name, t.Source.File, t.Source.Line, t.Registers())
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
