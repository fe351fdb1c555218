package tagmap

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping"
	"tagbridge/mapping/sheet"
	"tagbridge/mapping/source"
)

// ReadTable reads a tag map as Load does, but for what its cells mean: columns with their names and cells with their
// texts, also those that Load ignores. Comments and blank lines are left out. Texts are free of what the file's form
// brings in: a decimal comma of a file separated by semicolons is a point, the apostrophe that Harmless put before a
// formula is gone. Each row is as long as the header. With problems header and rows are what could be read.
//
// A workbook, which its name says it is, may have its sheet in that name.
func ReadTable(file string, content []byte) (header []string, rows [][]string, ps source.Problems) {
	return ReadTableWithin(file, content, sheet.Own)
}

// ReadTableWithin is ReadTable of what a stranger may have made.
func ReadTableWithin(file string, content []byte, within sheet.Limits) (header []string, rows [][]string, ps source.Problems) {
	l := source.NewLoader(source.Options{})
	d := l.File(file)
	t := &table{d: d, columns: map[string]int{}}
	path, in := SplitSheet(file)
	if IsWorkbook(path) {
		if text, ok := sheetTable(d, content, in, within); ok {
			t.readCSV(text, true)
		}
	} else if text, ok := d.Decode(content); ok {
		if isYAML(file) {
			t.readYAML(text)
		} else {
			t.readCSV(text, false)
		}
	}
	for i, r := range t.rows {
		t.rows[i] = append(r, make([]string, len(t.header)-len(r))...)
	}
	return t.header, t.rows, l.All(file)
}

// sheetTable is a sheet of a workbook as CSV, line ends in cells kept.
func sheetTable(d *source.Doc, content []byte, in string, within sheet.Limits) (text string, ok bool) {
	b, err := sheet.Open(content, within)
	var s *sheet.Sheet
	if err == nil {
		s, err = b.Sheet(in)
	}
	if err == nil {
		text, err = SheetText(s, true)
	}
	if err != nil {
		d.Problemf(source.LineCol(1, 1), "%v", err)
	}
	return text, err == nil
}

type table struct {
	d       *source.Doc
	header  []string
	columns map[string]int // where in header
	rows    [][]string
}

// column is where the column of that name is in the header, as which it is known from now on. Names of columns that
// Load knows are written alike.
func (t *table) column(name string) int {
	if c, ok := columnsByName[strings.ToLower(name)]; ok {
		name = c.String()
	}
	at, ok := t.columns[name]
	if !ok {
		at = len(t.header)
		t.columns[name] = at
		t.header = append(t.header, name)
	}
	return at
}

func (t *table) readCSV(text string, workbook bool) {
	m := newCSVMap(t.d, text)
	m.r.Sheet = workbook
	if !m.header() {
		return
	}
	places := make([]int, len(m.r.Cells)) // in the table, of each cell
	for i, c := range m.r.Cells {
		name := c.Plain().Text
		m.headers = append(m.headers, name)
		if places[i] = -1; name == "" {
			continue
		}
		before := len(t.header)
		if places[i] = t.column(name); places[i] < before {
			t.d.Problemf(m.r.Place(c.A), "%s", cellMessage("column", name, "again: it is there already"))
		}
	}
	for m.nextRow() {
		if m.begin() {
			t.csvRow(m, places)
		}
	}
	m.row.settleDoubts()
}

func (t *table) csvRow(m *csvMap, places []int) {
	row := make([]string, len(t.header))
	for i, c := range m.r.Cells {
		switch {
		case c.Text == "":
		case i >= len(places):
			m.row.cellProblem("cell", c, beyondLast)
		case places[i] < 0:
			m.row.cellProblem("cell", c, noHeader)
		default:
			row[places[i]] = c.Plain().Text
			if col, ok := columnsByName[t.header[places[i]]]; ok && m.row.comma {
				m.row.cells[col] = c.Plain()
			}
		}
	}
	if m.row.comma {
		t.withPoints(&m.row, row)
	}
	t.rows = append(t.rows, row)
}

// withPoints writes the numbers of r, which has decimal commas, with points into its row.
func (t *table) withPoints(r *row, to []string) {
	for i, f := range forms {
		col := column(i)
		text := r.text(col)
		switch f {
		case formList:
			if !strings.HasPrefix(strings.ToLower(r.text(colType)), "string") {
				text = pointsInList(text)
			}
		case formPoint:
			text = strings.Replace(text, ",", ".", 1)
		case formNumber:
			if text != "" {
				r.doubt(col, text)
			}
			text = withPoint(text)
		default:
			continue
		}
		if at, ok := t.columns[col.String()]; ok && text != "" {
			to[at] = text
		}
	}
}

// pointsInList is a list of values, those which are numbers with points.
func pointsInList(text string) string {
	parts := strings.Split(text, "|")
	for i, p := range parts {
		if _, err := mapping.ParseDecimal(withPoint(source.Trim(p))); err == nil {
			parts[i] = withPoint(p)
		}
	}
	return strings.Join(parts, "|")
}

func (t *table) readYAML(text string) {
	r := &row{d: t.d}
	for _, n := range mapRows(t.d, text) {
		if n = source.Resolve(n); n.Kind != yaml.MappingNode {
			notRow(t.d, n)
			continue
		}
		var cells []string
		put := func(name string, col column, value *yaml.Node) {
			at := t.column(name)
			for len(cells) <= at {
				cells = append(cells, "")
			}
			cells[at] = r.yamlCell(name, col, value).Text
		}
		for _, e := range t.d.Flatten(n) {
			if e.Key != "labels" || e.Value.Kind != yaml.MappingNode {
				col, _, _ := columnOf(e.Key)
				put(e.Key, col, e.Value)
				continue
			}
			for _, label := range t.d.Flatten(e.Value) {
				put("label."+label.Key, colLabel, label.Value)
			}
		}
		t.rows = append(t.rows, cells)
	}
}
