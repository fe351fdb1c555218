package config

import (
	"tagbridge/mapping"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// checkRequests reports tags that no request of this Modbus device can read.
func checkRequests(r *readDevice) {
	t := r.list.Longest
	if t == nil {
		return
	}
	if _, n := t.Span(); n > r.Modbus.MaxRegisters && !t.Address.Table.IsBits() {
		checkLongest(r)
	}
	if r.Modbus.Single {
		checkSingle(r)
	}
	if r.Modbus.Function == 0 {
		return
	}
	bits, what := r.Modbus.Function <= 2, "registers"
	if bits {
		what = "single bits"
	}
	for _, t := range mapping.WithoutComputed(r.Tags) {
		if t.Address.Table.IsBits() != bits {
			r.s.Problemf("function", "function %d reads %s, but tag %s (%s:%d) is in table %s",
				r.Modbus.Function, what, t.Name, t.Source.File, t.Source.Line, t.Address.Table)
			return
		}
	}
}

// checkLongest reports each tag that is longer than a request of this device, at its row.
func checkLongest(r *readDevice) {
	for _, t := range r.Tags {
		at := r.s.Doc.In(t.Source.File)
		if _, n := t.Span(); n > r.Modbus.MaxRegisters && t.ScaleBy != 0 && t.Registers() <= r.Modbus.MaxRegisters {
			at.Problemf(source.LineCol(t.Source.Line, 1), "scale_by %q: value and exponent must come out of one answer: from one to the other are %d registers, but max_registers of %s (%s:%d) is %d",
				t.ScaleBy, n, r.s.What, r.s.Doc.File, r.s.Place("max_registers").Line, r.Modbus.MaxRegisters)
		} else if n > r.Modbus.MaxRegisters {
			at.Problemf(source.LineCol(t.Source.Line, 1), "type %q: takes %d registers in one request, but max_registers of %s (%s:%d) is %d",
				tagmap.TypeText(t), n, r.s.What, r.s.Doc.File, r.s.Place("max_registers").Line, r.Modbus.MaxRegisters)
		}
	}
}

// checkSingle reports each tag that needs two registers of one answer, at its row.
func checkSingle(r *readDevice) {
	for _, t := range r.Tags {
		if t.ScaleBy != 0 {
			r.s.Doc.In(t.Source.File).Problemf(source.LineCol(t.Source.Line, 1), "scale_by %q: value and exponent must come out of one answer, but %s has single_register: true",
				t.ScaleBy, r.s.What)
		}
	}
}
