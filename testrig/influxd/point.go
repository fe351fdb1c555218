package influxd

import "strings"

// Point is one line of line protocol.
type Point struct {
	Measurement string
	Tags        []Tag // in the order of the line
	Fields      []Field
	Time        int64 // nanoseconds since 1970 UTC
}

// Tag is a tag of a point.
type Tag struct{ Name, Value string }

// Field is a field of a point. Value is a float64, int64, uint64, bool or string.
type Field struct {
	Name  string
	Value any
}

// Tag is the value of the tag of that name, or "".
func (p *Point) Tag(name string) string {
	for _, t := range p.Tags {
		if t.Name == name {
			return t.Value
		}
	}
	return ""
}

// Field is the value of the field of that name, or nil.
func (p *Point) Field(name string) any {
	for _, f := range p.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}

// series is what InfluxDB tells points of one time apart by, besides the fields: measurement and tags.
func (p *Point) series() string {
	var b strings.Builder
	b.WriteString(p.Measurement)
	for _, t := range p.Tags {
		b.WriteByte(0)
		b.WriteString(t.Name)
		b.WriteByte(0)
		b.WriteString(t.Value)
	}
	return b.String()
}
