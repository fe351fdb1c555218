package tagmap

import (
	"slices"
	"strings"

	"tagbridge/mapping/source"
)

// header finds the separator and reads the header row; without a usable one it reports why and returns false.
func (m *csvMap) header() bool {
	if !m.r.Begin(colTag.String(), colAddress.String()) {
		m.d.Problemf(source.LineCol(1, 1), "the tag map is empty: its first row names the columns, such as tag,address,type,unit")
		return false
	}
	return m.headerCells()
}

// headerCells reads the record that names the columns.
func (m *csvMap) headerCells() bool {
	r := m.r
	for {
		if r.Ended() {
			m.d.Problemf(source.LineCol(r.Line, 1), "the tag map is empty: it has no header row")
			return false
		}
		r.Record() // even when it begins with #: that column is then ignored
		if !m.r.IsBlank() {
			break
		}
	}
	known := func(c source.Cell) bool { _, ok := columnsByName[strings.ToLower(c.Text)]; return ok }
	if !slices.ContainsFunc(r.Cells, known) {
		m.d.Problemf(r.Place(r.Cells[0].A), "no header: the first row names the columns, such as tag,address,type,unit")
		return false
	}
	if len(r.Cells) > source.MaxColumns || r.Size() > source.MaxRow {
		m.d.Problemf(source.LineCol(r.First, 1), "over %d columns: this is no tag map", source.MaxColumns)
		return false
	}
	m.row = row{d: m.d, csv: r, comma: r.Comma == ';'}
	return true
}

// headerRow makes columns of the header's cells.
func (m *csvMap) headerRow() bool {
	r := m.r
	for i, c := range r.Cells {
		col, fault := m.headerCell(i, c)
		if fault != "" {
			m.d.AddCell(r.Place(c.A), false, c.Text, cellMessage("column", c.Text, fault))
		}
		m.columns, m.headers = append(m.columns, col), append(m.headers, c.Text)
	}
	for _, c := range []column{colTag, colAddress} {
		if m.row.lacks[c] = !slices.Contains(m.columns, c) && (c != colAddress || !slices.Contains(m.columns, colExpr)); m.row.lacks[c] {
			m.d.Problemf(source.LineCol(r.First, 1), "there is no column %s", c)
		}
	}
	return true
}

// headerCell is the column that cell i of the header names; with a fault it is ignored.
func (m *csvMap) headerCell(i int, c source.Cell) (col column, fault string) {
	col, label, fault := columnOf(c.Text)
	if fault != "" || col == colIgnored || col == colNoHeader {
		return col, fault
	}
	same := func(header string) bool { return strings.EqualFold(header, c.Text) }
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
