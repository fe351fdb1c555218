package encode

import (
	"bytes"
	"strings"

	"tagbridge/mapping"
)

// CSVHeader is the first line of a CSV file.
const CSVHeader = "time,bridge,device,tag,value,text,quality,unit\n"

// CSV writes samples as rows of comma-separated values (RFC 4180, lines ended by a line feed alone), in the columns of
// CSVHeader. A bad sample's value is empty, an empty string's is "". Numbers are written as in JSON. The zero value is
// ready.
type CSV struct {
	groups mapping.PerGroup[*csvGroup]
	stamp  stamp
}

// csvGroup is what is the same for every sample of a group: the cells of bridge and device, and in texts 2i and 2i+1 the
// tag of series i and its unit.
type csvGroup struct {
	head  []byte
	parts arena
}

// Append appends every sample of b as a row.
func (c *CSV) Append(dst []byte, b *mapping.Batch) []byte {
	p := c.groups.Lookup(b.Group, prepareCSV)
	for i := range b.Samples {
		dst = c.row(dst, p, b, &b.Samples[i])
	}
	return dst
}

func prepareCSV(g *mapping.Group) *csvGroup {
	var p csvGroup
	p.head = append(p.head, ',')
	p.head = appendCSVCell(p.head, g.Bridge)
	p.head = append(p.head, ',')
	p.head = appendCSVCell(p.head, g.Device)
	p.head = append(p.head, ',')
	a := &p.parts
	for _, s := range g.Series {
		a.text = appendCSVCell(a.text, s.Tag)
		a.text = append(a.text, ',')
		a.close()
		a.text = append(a.text, ',')
		a.text = appendCSVCell(a.text, s.Unit)
		a.text = append(a.text, '\n')
		a.close()
	}
	a.clip()
	return &p
}

func (c *CSV) row(dst []byte, p *csvGroup, b *mapping.Batch, s *mapping.Sample) []byte {
	i := int(s.Index)
	series := b.Group.Series[i]
	dst = c.stamp.append(dst, s.Time)
	dst = append(dst, p.head...)
	dst = append(dst, p.parts.at(2*i)...)
	switch {
	case s.Kind == mapping.None || !s.IsFinite():
	case s.Kind == mapping.Text:
		dst = appendCSVText(dst, b.Text(s))
	default:
		dst = appendJSONValue(dst, series, b, s)
	}
	dst = append(dst, ',')
	dst = appendCSVCell(dst, enumText(series, s))
	dst = append(dst, ',')
	dst = append(dst, s.Quality.String()...)
	return append(dst, p.parts.at(2*i+1)...)
}

const csvSpecial = ",\"\r\n"

func appendCSVCell(dst []byte, cell string) []byte {
	if !strings.ContainsAny(cell, csvSpecial) {
		return append(dst, cell...)
	}
	return appendQuoted(dst, cell)
}

// appendCSVText appends a value, which is told from no value by its quotes when it is empty.
func appendCSVText(dst, text []byte) []byte {
	if len(text) > 0 && !bytes.ContainsAny(text, csvSpecial) {
		return append(dst, text...)
	}
	return appendQuoted(dst, text)
}

// appendQuoted appends cell in quotes, its own quotes doubled.
func appendQuoted[T string | []byte](dst []byte, cell T) []byte {
	dst = append(dst, '"')
	for i := range len(cell) {
		if cell[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, cell[i])
	}
	return append(dst, '"')
}
