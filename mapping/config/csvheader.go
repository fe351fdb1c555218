package config

import (
	"slices"
	"strings"
)

// header finds the separator and reads the header row; without a usable one it reports why and returns false.
func (m *csvMap) header() bool {
	if !m.separator() {
		m.d.problemf(lineCol(1, 1), "the tag map is empty: its first row names the columns, such as tag,address,type,unit")
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
			m.d.problemf(lineCol(r.line, 1), "the tag map is empty: it has no header row")
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
		m.d.problemf(lineCol(r.first, 1), "over %d columns: this is no tag map", maxColumns)
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
			m.d.problemf(lineCol(r.first, 1), "there is no column %s", c)
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
