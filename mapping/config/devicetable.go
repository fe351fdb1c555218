package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// maxTableRows is how many devices a table has at most.
const maxTableRows = 100_000

// deviceTable reads the table of devices that v names: a row a device, columns named like the keys. take gets each.
func (d *reader) deviceTable(v source.Value, defaults *tableDefaults, take func(s *source.Section, proper bool)) {
	if !v.OK || v.Open {
		return
	}
	path := v.Doc.Path(v.Text)
	text, ok, doc, err := d.tableText(v.Text, path)
	if err != nil {
		v.Problemf("%v", err)
		return
	}
	if slices.ContainsFunc(d.tables, func(t Table) bool { return t.File == doc.File }) {
		v.Problemf("again: a table of devices may be named once")
		return
	}
	t := &deviceTable{d: d, doc: doc, defaults: defaults.of(v.Text), kept: Table{File: doc.File, Name: v.Text}}
	t.r = source.NewCSV(text, func(offset int, message string) {
		t.doc.AddCell(t.r.Place(offset), false, t.header(len(t.r.Cells)), message)
	})
	file, _ := tagmap.SplitSheet(path)
	t.r.Sheet = tagmap.IsWorkbook(file)
	if ok && t.begin() {
		t.rows(take)
	}
	d.tables = append(d.tables, t.kept)
}

// tableText is the text of the table at path; not ok is one of which what is wrong was reported at its own place.
func (d *reader) tableText(name, path string) (text string, ok bool, doc *source.Doc, err error) {
	file, in := tagmap.SplitSheet(path)
	book := tagmap.IsWorkbook(file)
	doc = d.Open(path)
	switch ext := strings.ToLower(filepath.Ext(file)); {
	case name == "":
		return "", false, doc, errors.New("must name a table of devices, or be a mapping of keys")
	case !book && strings.HasPrefix(ext, ".xls") || ext == ".ods":
		return "", false, doc, source.ErrSpreadsheet
	case !book && ext != ".csv" && ext != ".txt" && ext != ".tsv":
		return "", false, doc, fmt.Errorf("%q is no table of devices (.csv, .xlsx); a device is a mapping of keys, such as {name: boiler, url: tcp://192.168.1.10}", source.Shorten(name))
	}
	b, err := d.Open(file).Regular()
	if err != nil {
		return "", false, doc, fmt.Errorf("cannot be read: %w", err)
	}
	if book {
		text, ok = tagmap.ReadSheet(doc, b, in)
	} else {
		text, ok = doc.Decode(b)
	}
	return text, ok, doc, nil
}

// deviceTable is a table being read.
type deviceTable struct {
	d        *reader
	doc      *source.Doc
	r        *source.CSV
	defaults *source.Section // nil: none
	headers  []string
	places   []source.Place // of the headers
	kept     Table
}

func (t *deviceTable) header(i int) string {
	if i < len(t.headers) && t.headers[i] != "" {
		return t.headers[i]
	}
	return "cell"
}

// begin reads the row that names the columns; false when there is none.
func (t *deviceTable) begin() bool {
	if !t.r.Begin("name") {
		t.doc.Problemf(source.LineCol(1, 1), "the table is empty: its first row names the columns, such as name,driver,url,unit_id,tags")
		return false
	}
	for t.r.Record(); t.r.IsBlank() && !t.r.Ended(); {
		t.r.Record()
	}
	if len(t.r.Cells) > source.MaxColumns || t.r.Size() > source.MaxRow {
		t.doc.Problemf(source.LineCol(t.r.First, 1), "over %d columns: this is no table of devices", source.MaxColumns)
		return false
	}
	named := false
	for _, c := range t.r.Cells {
		name := strings.ToLower(c.Plain().Text)
		place := t.r.Place(c.A)
		if name != "" && !ignored(name) && slices.Contains(t.headers, name) {
			t.doc.AddCell(place, false, name, fmt.Sprintf("column %q again: it is there already", source.Shorten(name)))
			name = "#" // nothing is taken from it
		}
		named = named || name == "name"
		t.headers, t.places = append(t.headers, name), append(t.places, place)
	}
	if !named {
		t.doc.Problemf(source.LineCol(t.r.First, 1), "there is no column name: the first row names the columns, such as name,driver,url,unit_id,tags")
	}
	return named
}

// ignored are columns that are for people.
func ignored(header string) bool {
	return strings.HasPrefix(header, "#") || strings.HasPrefix(header, "x_") || strings.HasPrefix(header, "x-")
}

func (t *deviceTable) rows(take func(s *source.Section, proper bool)) {
	n := 0
	for t.r.Next() {
		if t.r.IsBlank() || strings.HasPrefix(t.r.Cells[0].Text, "#") && source.SpreadsheetError(t.r.Cells[0].Text) == "" {
			continue
		}
		if n++; n > maxTableRows || t.r.Size() > source.MaxRow {
			t.doc.Problemf(source.LineCol(t.r.First, 1), "over %d devices, or a row of over 1 MiB: is a quote not closed?", maxTableRows)
			return
		}
		node := t.row()
		s := t.doc.Section(node, "device")
		if t.defaults != nil {
			withLabels(node, t.defaults)
			s = t.doc.Section(node, "device")
			s.Under(t.defaults)
		}
		t.kept.Rows = append(t.kept.Rows, t.asWritten(node))
		take(s, true)
	}
}

// row is the present record as a device would be written in YAML, with the places of its cells.
func (t *deviceTable) row() *yaml.Node {
	at := t.r.Place(t.r.Cells[0].A)
	row := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: at.Line, Column: at.Col}
	for i, c := range t.r.Cells {
		switch {
		case c.Text == "":
		case i >= len(t.headers):
			t.doc.AddCell(t.r.Place(c.A), false, "cell", "beyond the last column: a text that holds the separator belongs in quotes")
		case t.headers[i] == "":
			t.doc.AddCell(t.r.Place(c.A), false, "cell", fmt.Sprintf("cell %q: its column has no header", source.Shorten(c.Text)))
		case !ignored(t.headers[i]):
			t.cell(row, i, c)
		}
	}
	return row
}

// cell puts a cell under the key of its column into row: label.X and tls.ca are keys of sections of theirs.
func (t *deviceTable) cell(row *yaml.Node, i int, c source.Cell) {
	header, at := t.headers[i], t.r.Place(c.A)
	text := c.Plain().Text
	if fault := cellFault(c.Text); fault != "" {
		t.doc.AddCell(at, false, header, header+": "+fault)
		return
	}
	if t.r.Comma == ';' && decimalComma.MatchString(text) {
		text = strings.Replace(text, ",", ".", 1)
	}
	section, key, nested := strings.Cut(header, ".")
	into := row
	if nested {
		if section == "label" {
			section = "labels"
		}
		into = t.under(row, section, i)
	} else {
		key = header
	}
	value := scalar(text, at)
	if key == "tags" && !nested {
		value = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: at.Line, Column: at.Col}
		for _, file := range strings.Split(text, "|") {
			if file = source.Trim(file); file != "" {
				value.Content = append(value.Content, scalar(file, at))
			}
		}
	}
	into.Content = append(into.Content, scalar(key, t.places[i]), value)
}

// under is the section of that name in row.
func (t *deviceTable) under(row *yaml.Node, section string, i int) *yaml.Node {
	if n := valueOf(row, section); n != nil {
		if n.Kind == yaml.MappingNode {
			return n
		}
		return &yaml.Node{Kind: yaml.MappingNode} // a column tls beside tls.ca; what tls is not, is reported
	}
	p := t.places[i]
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: row.Line, Column: row.Column}
	row.Content = append(row.Content, scalar(section, p), n)
	return n
}

func scalar(text string, at source.Place) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Line: at.Line, Column: at.Col}
}

func valueOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// cellFault is what a spreadsheet left in place of a value.
func cellFault(text string) string {
	if date, ok := source.MarkedDate(text); ok {
		return date + ": a date: the spreadsheet made it of what was typed; give the column the format Text and type it again"
	}
	switch e := source.SpreadsheetError(text); e {
	case "":
		return ""
	case source.FormulaMark:
		return "a formula that was never computed: open the workbook in its spreadsheet and save it"
	default:
		return e + ": an error of the spreadsheet's: mend the formula there and save again"
	}
}
