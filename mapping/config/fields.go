package config

import (
	"slices"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// fieldType is what InfluxDB knows a field as.
type fieldType uint8

// The types of fields. Signed and unsigned ones differ only for sinks that write unsigned.
const (
	fieldUnknown fieldType = iota // the OPC UA server's
	fieldFloat
	fieldInt
	fieldUint
	fieldBool
	fieldText
)

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
	case t.Scaling.Kind != mapping.Unscaled:
		return fieldFloat
	case t.Type == mapping.TypeInt64:
		return fieldInt
	case t.Type == mapping.TypeUint64:
		return fieldUint
	}
	return fieldFloat
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
		fields, unsigned := r.kind.fields(&r.Sink)
		if r.unsigned = unsigned; fields {
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
		for _, t := range dev.Tags {
			w := writer{dev, t, fieldOf(t)}
			f, ok := first[t.Name]
			switch {
			case w.field == fieldUnknown:
			case !ok:
				first[t.Name] = w
			case f.field != w.field && meet(lines, f, w):
				c.fieldProblem(m, f, w)
			}
		}
	}
}

// meet reports a sink that is sent both and writes them as different types.
func meet(lines []*readSink, f, w writer) bool {
	integers := (f.field == fieldInt || f.field == fieldUint) && (w.field == fieldInt || w.field == fieldUint)
	for _, r := range lines {
		if integers && !r.unsigned {
			continue
		}
		if f.tag == nil || r.patterns.Match(f.dev.Name, f.tag.Name) {
			if r.patterns.Match(w.dev.Name, w.tag.Name) {
				return true
			}
		}
	}
	return false
}

func (c *checker) fieldProblem(m string, f, w writer) {
	at := c.d.In(w.tag.Source.File)
	p := source.LineCol(w.tag.Source.Line, 1)
	if f.tag == nil {
		at.Problemf(p, "field %s of measurement %s: %s of %s/%s, and the bridge's own is %s; name another measurement for the device",
			w.tag.Name, m, fieldNames[w.field], w.dev.Name, w.tag.Name, fieldNames[f.field])
		return
	}
	at.Problemf(p, "field %s of measurement %s: %s of %s/%s, but %s of %s/%s (%s:%d); rename one, or name another measurement for a device",
		w.tag.Name, m, fieldNames[w.field], w.dev.Name, w.tag.Name,
		fieldNames[f.field], f.dev.Name, f.tag.Name, f.tag.Source.File, f.tag.Source.Line)
}
