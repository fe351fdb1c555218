package config

import (
	"fmt"
	"slices"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// Reach is what one request can ask for.
func (d *Device) Reach() mapping.Reach {
	return mapping.Reach{Registers: d.Modbus.MaxRegisters, Bits: d.Modbus.MaxBits, Single: d.Modbus.Single, OneTable: d.Modbus.Function != 0}
}

// checkTies warns of values that are put together of more than one answer: a device that changes them in between gives
// something that never was.
func checkTies(r *readDevice) {
	ties := mapping.Ties(r.Tags)
	if len(ties) == 0 {
		return
	}
	_, loose := r.Reach().Fit(ties, r.Tags)
	for i := range loose {
		l := &loose[i]
		if slices.ContainsFunc(loose, func(o mapping.Loose) bool { return l.Because(&o) }) {
			continue // which is told
		}
		for k := range r.list.Formulas {
			f := &r.list.Formulas[k]
			if f.Tag != l.Tag || f.Judges && l.Tag.IsComputed() {
				continue
			}
			f.Cell().Warnf(r.s.Doc, "%s do not come out of one answer, so that a change between two can be seen in part: %s", l.Names(), l.Why)
		}
	}
}

// checkRequests reports tags that no request of this Modbus device can read.
func checkRequests(r *readDevice) {
	t := r.list.Longest
	if t == nil {
		return
	}
	checkTies(r)
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

// checkLongest reports each tag that is longer than a request of this device, at its row or its exponent.
func checkLongest(r *readDevice) {
	limit := fmt.Sprintf("max_registers of %s (%s:%d) is %d", r.s.What, r.s.Doc.File, r.s.Place("max_registers").Line, r.Modbus.MaxRegisters)
	for _, t := range r.Tags {
		if n := t.Registers(); n > r.Modbus.MaxRegisters && !t.Address.Table.IsBits() {
			r.s.Doc.In(t.Source.File).Problemf(source.LineCol(t.Source.Line, 1), "type %q: takes %d registers in one request, but %s", tagmap.TypeText(t), n, limit)
		}
	}
	for i := range r.list.Exponents {
		c := &r.list.Exponents[i]
		if _, n := c.Tag.Span(); n > r.Modbus.MaxRegisters && c.Tag.Registers() <= r.Modbus.MaxRegisters {
			c.Problemf(r.s.Doc, "value and exponent must come out of one answer: from one to the other are %d registers, but %s", n, limit)
		}
	}
}

// checkSingle reports each tag that needs two registers of one answer, at its exponent.
func checkSingle(r *readDevice) {
	for i := range r.list.Exponents {
		r.list.Exponents[i].Problemf(r.s.Doc, "value and exponent must come out of one answer, but %s has single_register: true", r.s.What)
	}
}
