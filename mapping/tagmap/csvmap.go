package tagmap

import (
	"strings"
	"unicode/utf8"

	"tagbridge/mapping/source"
)

// readCSV reads a tag map in CSV and hands each row to take.
func readCSV(d *source.Doc, text string, workbook bool, take func(*row)) {
	m := newCSVMap(d, text)
	m.r.Sheet = workbook
	if !m.header() || !m.headerRow() {
		return
	}
	for m.nextRow() {
		if m.fill() {
			take(&m.row)
		}
	}
	m.row.settleDoubts()
}

// nextRow reads the next record that is neither blank nor a comment; false at the end.
func (m *csvMap) nextRow() bool {
	for m.r.Next() {
		if first := m.r.Cells[0].Text; !m.r.IsBlank() && (!strings.HasPrefix(first, "#") || source.SpreadsheetError(first) != "") {
			return true
		}
	}
	return false
}

// fault reports what is wrong with the form of the cell that is being read, which begins at offset.
func (m *csvMap) fault(offset int, message string) {
	name := "cell"
	if i := len(m.r.Cells); i < len(m.headers) && m.headers[i] != "" {
		name = m.headers[i]
	}
	m.d.AddCell(m.r.Place(offset), false, name, cellMessage(name, m.r.From(offset), message))
}

// csvMap is a CSV file being read.
type csvMap struct {
	d       *source.Doc
	r       *source.CSV
	columns []column
	headers []string // as written
	labels  []string
	row     row
}

func newCSVMap(d *source.Doc, text string) *csvMap {
	m := &csvMap{d: d}
	m.r = source.NewCSV(text, m.fault)
	return m
}

const (
	beyondLast = "beyond the last column: a text that holds the separator belongs in quotes"
	noHeader   = "its column has no header"
)

// begin makes the row that of the present record; false when no row can be that large.
func (m *csvMap) begin() bool {
	m.row.reset(m.r.First, m.r.Cells[0])
	if m.r.Size() > source.MaxRow {
		m.row.rowProblem("a row of over 1 MiB: is a quote not closed, and another far below?")
		return false
	}
	return true
}

// fill sorts the cells of the present record into the row; false when the record cannot be read as one.
func (m *csvMap) fill() bool {
	if !m.begin() {
		return false
	}
	for _, name := range m.labels {
		m.row.labels = append(m.row.labels, labelCell{name: name, Cell: m.row.at})
	}
	for i, c := range m.r.Cells {
		if i >= len(m.columns) {
			if c.Text != "" {
				m.row.cellProblem("cell", c, beyondLast)
				return false
			}
			continue
		}
		plain := c.Plain()
		switch col := m.columns[i]; {
		case col < numColumns:
			m.row.cells[col] = plain
		case col >= colLabel:
			m.row.labels[col-colLabel].Cell = plain
		case col == colNoHeader && c.Text != "":
			m.row.cellProblem("cell", c, noHeader)
		}
		if c.Text != "" && (c.Text[0] == '#' || c.Text[0] == '=' || typographic(c.Text)) && m.columns[i] != colIgnored {
			m.damaged(i, c)
		}
	}
	return true
}

// damaged reports what a spreadsheet left in place of a value, and empties the cell.
func (m *csvMap) damaged(i int, c source.Cell) {
	col := m.columns[i]
	date, dated := source.MarkedDate(c.Text)
	if dated && col < numColumns && col.form() == formFree {
		m.row.cells[col].Text = date
		return
	}
	if dated && col >= colLabel {
		m.row.labels[col-colLabel].Text = date
		return
	}
	switch e := source.SpreadsheetError(c.Text); {
	case dated:
		c.Text = date
		m.row.cellProblem(m.headers[i], c, "a date: the spreadsheet made it of what was typed; give the column the format Text and type it again")
	case e == source.FormulaMark:
		c.Text = ""
		m.row.cellProblem(m.headers[i], c, "a formula that was never computed: open the workbook in its spreadsheet and save it")
	case e != "":
		m.row.cellProblem(m.headers[i], c, "an error of the spreadsheet's: mend the formula there and save again")
	case c.Text[0] == '=' && col.form() < formList:
		m.row.cellProblem(m.headers[i], c, "a formula: save its value")
	case typographic(c.Text) && col.form() != formFree:
		m.row.cellProblem(m.headers[i], c, `these quotes are a part of the text: write plain ones ("), or none`)
	default:
		return
	}
	if col < numColumns {
		m.row.cells[col].Text = ""
		m.row.spoilt |= 1 << col
	}
}

// typographic reports a text within quotes as word processors write them, which no program takes for quotes.
func typographic(text string) bool {
	if text[0] < utf8.RuneSelf {
		return false
	}
	first, _ := utf8.DecodeRuneInString(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune("“”„‟«»‘’‚", first) && strings.ContainsRune("“”‟«»‘’", last)
}
