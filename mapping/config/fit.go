package config

import (
	"tagbridge/mapping"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// checkLongest reports each tag that is longer than a request of this device, at its row.
func checkLongest(r *readDevice) {
	for _, t := range r.Tags {
		if t.Registers() > r.MaxRegisters {
			at := r.s.Doc.In(t.Source.File)
			at.Problemf(source.LineCol(t.Source.Line, 1), "type %q: takes %d registers in one request, but max_registers of %s (%s:%d) is %d",
				tagmap.TypeText(t), t.Registers(), r.s.What, r.s.Doc.File, r.s.Place("max_registers").Line, r.MaxRegisters)
		}
	}
}

// checkFit reports tags that no request of this device can read.
func checkFit(r *readDevice) {
	checkGroups(r)
	t := r.list.Longest
	if len(r.Tags) > mapping.MaxGroup {
		r.s.Problemf("tags", "%s has %d tags, at most %d are possible: split it into two devices",
			r.s.What, len(r.Tags), mapping.MaxGroup)
	}
	if t == nil || r.Driver != "modbus" {
		return
	}
	if t.Registers() > r.MaxRegisters && !t.Address.Table.IsBits() {
		checkLongest(r)
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
			r.s.Problemf("function", "function %d reads %s, but tag %s (%s:%d) is in table %s",
				r.Function, what, t.Name, t.Source.File, t.Source.Line, t.Address.Table)
			return
		}
	}
}
