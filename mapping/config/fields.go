package config

import (
	"slices"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// fieldType is what InfluxDB knows a field as.
type fieldType uint8

// The types of fields. Those of fewer than 64 bits, and unsigned ones, differ from others only for sinks that say so.
const (
	fieldUnknown fieldType = iota // the OPC UA server's
	fieldFloat
	fieldInt
	fieldUint
	fieldBool
	fieldText
	fieldShort  // an integer of at most 32 bits
	fieldUshort // an unsigned one
)

// fieldRules are which types a sink tells apart.
type fieldRules struct{ unsigned, integers bool }

// as is the type that the sink writes a field as.
func (r fieldRules) as(f fieldType) fieldType {
	switch {
	case (f == fieldShort || f == fieldUshort) && !r.integers:
		return fieldFloat
	case f == fieldShort:
		return fieldInt
	case f == fieldUint || f == fieldUshort:
		if r.unsigned {
			return fieldUint
		}
		return fieldInt
	}
	return f
}

var fieldNames = [...]string{"", "a number (float)", "a 64-bit integer", "an unsigned 64-bit integer", "a bool", "a text"}

// fieldOf is the type of the field that t writes in the wide layout.
func fieldOf(t *mapping.Tag) fieldType {
	switch {
	case t.Type == mapping.TypeAuto:
		return fieldUnknown
	case t.Type == mapping.TypeBool:
		return fieldBool
	case t.Type.IsText():
		return fieldText
	case t.Scaled():
		return fieldFloat
	case t.Type == mapping.TypeInt64:
		return fieldInt
	case t.Type == mapping.TypeUint64:
		return fieldUint
	case t.Type.IsFloat():
		return fieldFloat
	}
	if low, _, ok := t.Type.Bounds(t.Length); ok && low == 0 {
		return fieldUshort
	}
	return fieldShort
}

// writer is the first tag that writes a field.
type writer struct {
	dev   *readDevice
	tag   *mapping.Tag // nil: the bridge itself
	field fieldType
}

// fields reports tags that would write one field of one measurement with different types: InfluxDB takes the
// first that arrives and refuses the other from then on. Within a device names are unique, so only devices that share
// a measurement are looked at.
func (c *checker) fields() {
	var lines []*readSink
	for i := range c.sinks {
		r := &c.sinks[i]
		if r.kind.fields == nil {
			continue
		}
		rules, fields := r.kind.fields(&r.Sink)
		if r.rules = rules; fields {
			lines = append(lines, r)
		}
	}
	if len(lines) == 0 {
		return
	}
	byMeasurement := map[string][]*readDevice{}
	for i := range c.devices {
		dev := &c.devices[i]
		byMeasurement[dev.Measurement] = append(byMeasurement[dev.Measurement], dev)
	}
	for i := range c.devices {
		m := c.devices[i].Measurement
		group := byMeasurement[m]
		delete(byMeasurement, m) // each once
		if len(group) > 1 || m == ownMeasurement && len(group) > 0 {
			c.measurement(m, group, lines)
		}
	}
}

// ownMeasurement holds the bridge's own health of its devices.
const ownMeasurement = "tagbridge"

func (c *checker) measurement(m string, group []*readDevice, lines []*readSink) {
	first := map[string]writer{}
	if m == ownMeasurement {
		first["online"], first["latency_ms"] = writer{field: fieldBool}, writer{field: fieldFloat}
		if slices.ContainsFunc(c.sinks, func(s readSink) bool { return s.Events }) {
			first["event"] = writer{field: fieldText}
		}
	}
	seen := map[*tagmap.List]bool{}
	for _, dev := range group {
		if seen[dev.list] {
			continue
		}
		seen[dev.list] = true
		for _, t := range slices.Concat(dev.Tags, dev.Alarms) {
			w := writer{dev, t, fieldOf(t)}
			f, ok := first[t.Name]
			switch {
			case w.field == fieldUnknown || t.Withheld():
			case !ok:
				first[t.Name] = w
			case f.field != w.field:
				if r := meet(lines, f, w); r != nil {
					c.fieldProblem(m, f, w, r.rules)
				}
			}
		}
	}
}

// meet is a sink that is sent both and writes them as different types; nil: there is none.
func meet(lines []*readSink, f, w writer) *readSink {
	for _, r := range lines {
		if r.rules.as(f.field) == r.rules.as(w.field) {
			continue
		}
		if f.tag == nil || r.patterns.Match(f.dev.Name, f.tag.Name) {
			if r.patterns.Match(w.dev.Name, w.tag.Name) {
				return r
			}
		}
	}
	return nil
}

func (c *checker) fieldProblem(m string, f, w writer, r fieldRules) {
	at := c.d.In(w.tag.Source.File)
	p := source.LineCol(w.tag.Source.Line, 1)
	if f.tag == nil {
		at.Problemf(p, "field %s of measurement %s: %s of %s/%s, and the bridge's own is %s; name another measurement for the device",
			w.tag.Name, m, fieldNames[r.as(w.field)], w.dev.Name, w.tag.Name, fieldNames[r.as(f.field)])
		return
	}
	at.Problemf(p, "field %s of measurement %s: %s of %s/%s, but %s of %s/%s (%s:%d); rename one, or name another measurement for a device",
		w.tag.Name, m, fieldNames[r.as(w.field)], w.dev.Name, w.tag.Name,
		fieldNames[r.as(f.field)], f.dev.Name, f.tag.Name, f.tag.Source.File, f.tag.Source.Line)
}
