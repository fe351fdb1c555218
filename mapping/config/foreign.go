package config

import (
	"errors"
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
	l := newLoader(textOptions{})
	d := l.file(file)
	text, ok := d.decode(content)
	m := newCSVMap(d, text)
	if ok && m.r.begin(colTag.String(), colAddress.String()) {
		for m.nextRow() {
			r := Record{Line: m.r.first, Cells: make([]string, len(m.r.cells))}
			for i, c := range m.r.cells {
				r.Cells[i] = strings.Clone(c.text)
			}
			list = append(list, r)
		}
	}
	return list, m.r.comma == ';', l.all(file)
}

// WithPoint is a number with a decimal comma as one with a point; any other text stays.
func WithPoint(number string) string { return withPoint(number) }

// Tag is the tag of one row, of a device with that driver and byte order, whose cells are given by their columns; the
// error says the first thing that Load would find wrong with it.
func Tag(driver string, order mapping.Order, cells map[string]string) (*mapping.Tag, error) {
	l := newLoader(textOptions{})
	r := &row{d: l.file("")}
	r.reset(1, cell{a: 1, b: 1})
	for name, text := range cells {
		switch col, label, fault := columnOf(name); {
		case fault != "":
			return nil, errors.New(fault)
		case col < numColumns:
			r.cells[col].text = trim(text)
		case col == colLabel:
			r.labels = append(r.labels, labelCell{name: label, cell: cell{text: trim(text)}})
		}
	}
	b := newTagBuilder(newMapCache(l, nil), &defaults{driver: driver, mode: "poll", poll: time.Second, order: order})
	b.names = map[string]mapping.Source{}
	t := new(mapping.Tag)
	b.tag(r, t)
	for _, p := range l.since(0) {
		if !p.Warning {
			return nil, errors.New(p.Message)
		}
	}
	return t, nil
}
