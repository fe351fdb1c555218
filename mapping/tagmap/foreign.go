package tagmap

import (
	"errors"
	"strings"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// Record is a line of a CSV file that is no tag map.
type Record struct {
	Line  int
	Cells []string
}

// Records reads a CSV file of another program as Load reads tag maps: in any encoding, with any line ends and separator,
// without blank lines and comments. commas says that its cells are separated by semicolons, so that numbers may have
// decimal commas.
func Records(file string, content []byte) (list []Record, commas bool, ps source.Problems) {
	l := source.NewLoader(source.Options{})
	d := l.File(file)
	text, ok := d.Decode(content)
	m := newCSVMap(d, text)
	if ok && m.r.Begin(colTag.String(), colAddress.String()) {
		for m.nextRow() {
			r := Record{Line: m.r.First, Cells: make([]string, len(m.r.Cells))}
			for i, c := range m.r.Cells {
				r.Cells[i] = strings.Clone(c.Text)
			}
			list = append(list, r)
		}
	}
	return list, m.r.Comma == ';', l.All(file)
}

// WithPoint is a number with a decimal comma as one with a point; any other text stays.
func WithPoint(number string) string { return withPoint(number) }

// Tag is the tag of one row, of a device with those defaults, whose cells are given by their columns, to be asked for; the
// error says the first thing that Load would find wrong with it.
func Tag(def Defaults, cells map[string]string) (*mapping.Tag, error) {
	l := source.NewLoader(source.Options{})
	r := &row{d: l.File("")}
	r.reset(1, source.Cell{A: 1, B: 1})
	for name, text := range cells {
		switch col, label, fault := columnOf(name); {
		case fault != "":
			return nil, errors.New(fault)
		case col < numColumns:
			r.cells[col].Text = source.Trim(text)
		case col == colLabel:
			r.labels = append(r.labels, labelCell{name: label, Cell: source.Cell{Text: source.Trim(text)}})
		}
	}
	if def.Pushed = false; def.Poll == 0 {
		def.Poll = time.Second
	}
	b := newTagBuilder(NewMaps(l, nil), &def)
	b.names = map[string]mapping.Source{}
	t := new(mapping.Tag)
	b.tag(r, t)
	for _, p := range l.Since(0) {
		if !p.Warning {
			return nil, errors.New(p.Message)
		}
	}
	return t, nil
}
