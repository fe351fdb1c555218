package config

import (
	"slices"
	"strings"
)

// readCSV reads a tag map in CSV and hands each row to take.
func (d *doc) readCSV(text string, take func(*row)) {
	m := &csvMap{d: d, r: &csvReader{text: text, line: 1, comma: ','}}
	m.r.fault = m.fault
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
	for m.r.next() {
		if first := m.r.cells[0].text; !m.isBlank() && (!strings.HasPrefix(first, "#") || spreadsheetError(first) != "") {
			return true
		}
	}
	return false
}

// fault reports what is wrong with the form of the cell that is being read, which begins at offset.
func (m *csvMap) fault(offset int, message string) {
	name := "cell"
	if i := len(m.r.cells); i < len(m.headers) && m.headers[i] != "" {
		name = m.headers[i]
	}
	text := m.r.text[offset:]
	if end := strings.IndexAny(text, "\r\n"); end >= 0 {
		text = text[:end]
	}
	m.d.problemf(m.r.place(offset), "%s", cellMessage(name, text, message))
}

// csvMap is a CSV file being read.
type csvMap struct {
	d       *doc
	r       *csvReader
	columns []column
	headers []string // as written
	labels  []string
	row     row
}

func (m *csvMap) isBlank() bool {
	return !slices.ContainsFunc(m.r.cells, func(c cell) bool { return c.text != "" })
}

// header finds the separator and reads the header row; without a usable one it reports why and returns false.
func (m *csvMap) header() bool {
	if !m.separator() {
		m.d.problemf(place{1, 1}, "the tag map is empty: its first row names the columns, such as tag,address,type,unit")
		return false
	}
	return m.headerCells()
}

// separator finds what separates cells, and goes to the first row that is no comment; false when there is none.
func (m *csvMap) separator() bool {
	r := m.r
	told := false
	for r.pos < len(r.text) {
		line := r.text[r.pos:]
		if end := strings.IndexAny(line, "\r\n"); end >= 0 {
			line = line[:end]
		}
		if sep, ok := separatorLine(line); ok && !told {
			r.comma, told = sep, true
		} else if strings.Trim(line, ",;\t ") != "" && !isCommentBefore(line) {
			if !told {
				r.comma = separator(line)
			}
			return true
		}
		r.skipLine()
	}
	return false
}

// separatorLine reads sep=; as spreadsheets write and understand it.
func separatorLine(line string) (sep byte, ok bool) {
	rest, ok := cutPrefixFold(strings.Trim(line, " \""), "sep=")
	if !ok || len(rest) == 0 || !strings.Contains(",;\t", rest[:1]) {
		return 0, false
	}
	return rest[0], true
}

// isCommentBefore reports a comment before the header; a header may itself begin with a column headed #.
func isCommentBefore(line string) bool {
	if !strings.HasPrefix(strings.TrimLeft(line, " \t\""), "#") {
		return false
	}
	names := strings.FieldsFunc(strings.ToLower(line), func(c rune) bool { return strings.ContainsRune(",;\t", c) })
	for i := range names {
		names[i] = strings.Trim(names[i], "\" ")
	}
	return !slices.Contains(names, "tag") || !slices.Contains(names, "address")
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// separator is the one of the three that a header has most of outside quotes.
func separator(line string) byte {
	var counts [3]int
	const signs = ",;\t"
	quoted := false
	for i := range len(line) {
		if line[i] == '"' {
			quoted = !quoted
		}
		if at := strings.IndexByte(signs, line[i]); at >= 0 && !quoted {
			counts[at]++
		}
	}
	best := 0
	for i := range counts {
		if counts[i] > counts[best] {
			best = i
		}
	}
	return signs[best]
}

// headerCells reads the record that names the columns.
func (m *csvMap) headerCells() bool {
	r := m.r
	for {
		if r.pos >= len(r.text) {
			m.d.problemf(place{r.line, 1}, "the tag map is empty: it has no header row")
			return false
		}
		r.record() // even when it begins with #: that column is then ignored
		if !m.isBlank() {
			break
		}
	}
	known := func(c cell) bool { _, ok := columnsByName[strings.ToLower(c.text)]; return ok }
	if !slices.ContainsFunc(r.cells, known) {
		m.d.problemf(r.place(r.cells[0].a), "no header: the first row names the columns, such as tag,address,type,unit")
		return false
	}
	if len(r.cells) > maxColumns || r.pos-r.start > maxRow {
		m.d.problemf(place{r.first, 1}, "over %d columns: this is no tag map", maxColumns)
		return false
	}
	m.row = row{d: m.d, csv: r, comma: r.comma == ';'}
	return true
}

// headerRow makes columns of the header's cells.
func (m *csvMap) headerRow() bool {
	r := m.r
	for i, c := range r.cells {
		col, fault := m.headerCell(i, c)
		if fault != "" {
			m.d.problemf(r.place(c.a), "%s", cellMessage("column", c.text, fault))
		}
		m.columns, m.headers = append(m.columns, col), append(m.headers, c.text)
	}
	for _, c := range []column{colTag, colAddress} {
		if m.row.lacks[c] = !slices.Contains(m.columns, c); m.row.lacks[c] {
			m.d.problemf(place{r.first, 1}, "there is no column %s", c)
		}
	}
	return true
}

// headerCell is the column that cell i of the header names; with a fault it is ignored.
func (m *csvMap) headerCell(i int, c cell) (col column, fault string) {
	col, label, fault := columnOf(c.text)
	if fault != "" || col == colIgnored || col == colNoHeader {
		return col, fault
	}
	same := func(header string) bool { return strings.EqualFold(header, c.text) }
	if before := slices.IndexFunc(m.headers[:i], same); before >= 0 {
		return colIgnored, "again: it is column " + letters(before) + " already"
	}
	if col != colLabel {
		return col, ""
	}
	if len(m.labels) == maxLabels {
		return colIgnored, "too many label columns"
	}
	m.labels = append(m.labels, label)
	return colLabel + column(len(m.labels)-1), ""
}

// letters is the name of column i in a spreadsheet: A, B, … Z, AA.
func letters(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return letters(i/26-1) + string(rune('A'+i%26))
}

const (
	beyondLast = "beyond the last column: a text that holds the separator belongs in quotes"
	noHeader   = "its column has no header"
)

// begin makes the row that of the present record; false when no row can be that large.
func (m *csvMap) begin() bool {
	m.row.reset(m.r.first, m.r.cells[0])
	if m.r.pos-m.r.start > maxRow {
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
		m.row.labels = append(m.row.labels, labelCell{name: name, cell: m.row.at})
	}
	for i, c := range m.r.cells {
		if i >= len(m.columns) {
			if c.text != "" {
				m.row.cellProblem("cell", c, beyondLast)
				return false
			}
			continue
		}
		plain := c.plain()
		switch col := m.columns[i]; {
		case col < numColumns:
			m.row.cells[col] = plain
		case col >= colLabel:
			m.row.labels[col-colLabel].cell = plain
		case col == colNoHeader && c.text != "":
			m.row.cellProblem("cell", c, noHeader)
		}
		if c.text != "" && (c.text[0] == '#' || c.text[0] == '=') && m.columns[i] != colIgnored {
			m.damaged(i, c)
		}
	}
	return true
}

// damaged reports what a spreadsheet left in place of a value, and empties the cell.
func (m *csvMap) damaged(i int, c cell) {
	col := m.columns[i]
	switch e := spreadsheetError(c.text); {
	case e != "":
		m.row.cellProblem(m.headers[i], c, "an error of the spreadsheet's: mend the formula there and save again")
	case c.text[0] == '=' && col != colDescription && col != colEnum && col != colInvalid:
		m.row.cellProblem(m.headers[i], c, "a formula: save its value")
	default:
		return
	}
	if col < numColumns {
		m.row.cells[col].text = ""
		m.row.spoilt |= 1 << col
	}
}
