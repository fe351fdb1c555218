package config

import (
	"strings"
	"time"

	"tagbridge/mapping"
)

// Record is a line of a CSV file that is no tag map.
type Record struct {
	Line  int
	Cells []string
}

// Records reads a CSV file of another program as Load reads tag maps: in any encoding, with any line ends and separator,
// without blank lines and comments. commas says that its cells are separated by semicolons, so that numbers may have
// decimal commas.
func Records(file string, content []byte) (list []Record, commas bool, ps Problems) {
	l := newLoader(Options{})
	d := &doc{l: l, file: file}
	text, ok := d.decode(content)
	m := &csvMap{d: d, r: &csvReader{text: text, line: 1, comma: ','}}
	m.r.fault = m.fault
	if ok && m.separator() {
		for m.nextRow() {
			r := Record{Line: m.r.first, Cells: make([]string, len(m.r.cells))}
			for i, c := range m.r.cells {
				r.Cells[i] = strings.Clone(c.text)
			}
			list = append(list, r)
		}
	}
	return list, m.r.comma == ';', l.problems.sorted(file)
}

// WithPoint is a number with a decimal comma as one with a point; any other text stays.
func WithPoint(number string) string { return withPoint(number) }

// CheckRow says what Load would find wrong with a row of a tag map, of a device with that driver, whose cells are given
// by their columns; "" when nothing is.
func CheckRow(driver string, cells map[string]string) string {
	l := newLoader(Options{})
	r := &row{d: &doc{l: l}}
	r.reset(1, cell{a: 1, b: 1})
	for name, text := range cells {
		switch col, label, fault := columnOf(name); {
		case fault != "":
			return fault
		case col < numColumns:
			r.cells[col].text = text
		case col == colLabel:
			r.labels = append(r.labels, labelCell{name: label, cell: cell{text: text}})
		}
	}
	b := newTagBuilder(l, &defaults{driver: driver, mode: "poll", poll: time.Second})
	b.names = map[string]mapping.Source{}
	b.tag(r, new(mapping.Tag))
	for _, p := range l.problems {
		if !p.Warning {
			return p.Message
		}
	}
	return ""
}
