package tagmap

import (
	"encoding/csv"
	"fmt"
	"path/filepath"
	"strings"

	"tagbridge/mapping/sheet"
	"tagbridge/mapping/source"
)

// IsWorkbook reports names of files that are read as workbooks.
func IsWorkbook(file string) bool {
	ext := strings.ToLower(filepath.Ext(file))
	return ext == ".xlsx" || ext == ".xlsm"
}

// SplitSheet is the file that a name such as pumps.xlsx#Line 3 leads to, and the sheet in it; "" is the first.
func SplitSheet(name string) (file, in string) {
	for _, ext := range []string{".xlsx#", ".xlsm#"} {
		if i := strings.LastIndex(strings.ToLower(name), ext); i >= 0 {
			return name[:i+len(ext)-1], name[i+len(ext):]
		}
	}
	return name, ""
}

// ReadSheet is a sheet of a workbook as the text of a CSV file with a line for each of its rows, to be read as one by
// source.CSV with Sheet set. What is wrong with it is reported to d, and ok is false when it cannot be read at all. Cells
// that hold what no table can, are marked for who reads them: see source.DateMark and source.FormulaMark.
func ReadSheet(d *source.Doc, content []byte, in string) (text string, ok bool) {
	b, err := sheet.Open(content, sheet.Own)
	var s *sheet.Sheet
	if err == nil {
		s, err = b.Sheet(in)
	}
	if err != nil {
		d.Problemf(source.LineCol(1, 1), "%v", err)
		return "", false
	}
	tellHidden(d, s)
	if text, err = SheetText(s, false); err != nil {
		d.Problemf(source.LineCol(1, 1), "%v", err)
		return "", false
	}
	if first := headerRow(s); first >= 0 {
		tellMerged(d, s, s.Rows[first].Number)
	}
	return text, true
}

// maxText is how long the text of a sheet is at most, as that of a file.
const maxText = 64 << 20

// SheetText is s as the text of a CSV file. Line ends in cells become blanks, unless they are to be kept.
func SheetText(s *sheet.Sheet, lines bool) (string, error) {
	var out strings.Builder
	w := csv.NewWriter(&out)
	row, cells := 1, []string(nil)
	for i := range s.Rows {
		r := &s.Rows[i]
		w.Flush()
		for ; row < r.Number; row++ {
			out.WriteByte('\n')
		}
		cells = cells[:0]
		for _, c := range r.Cells {
			for len(cells) < c.Column {
				cells = append(cells, "")
			}
			cells = append(cells, cellText(c, lines))
		}
		if err := w.Write(cells); err != nil {
			return "", err
		}
		row++
		if out.Len() > maxText {
			return "", fmt.Errorf("holds over %d MiB of text: that is no table", maxText>>20)
		}
	}
	w.Flush()
	return out.String(), w.Error()
}

func cellText(c sheet.Cell, lines bool) string {
	text := c.Text
	switch c.Kind {
	case sheet.Date:
		return source.DateMark + text + ")"
	case sheet.Formula:
		return source.FormulaMark
	case sheet.Error:
		return text // which is known as such
	case sheet.Text:
		if source.SpreadsheetError(text) != "" {
			return text
		}
	}
	if !lines && strings.ContainsAny(text, "\r\n") {
		text = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace(text)
	}
	return source.Harmless(text)
}

// headerRow is where in s.Rows the columns are named; -1: nowhere.
func headerRow(s *sheet.Sheet) int {
	for i := range s.Rows {
		known := 0
		for _, c := range s.Rows[i].Cells {
			if name := strings.ToLower(source.Trim(c.Text)); name == "name" || name == "url" || columnsByName[name] > 0 || name == colTag.String() {
				known++
			}
		}
		if known > 1 {
			return i
		}
	}
	return -1
}

// tellHidden says that rows which are hidden count all the same: a filter hides rows, and a map has them.
func tellHidden(d *source.Doc, s *sheet.Sheet) {
	n, first := 0, 0
	for i := range s.Rows {
		if s.Rows[i].Hidden {
			if n++; n == 1 {
				first = s.Rows[i].Number
			}
		}
	}
	if n > 0 {
		d.Warnf(source.LineCol(first, 1), "rows that the spreadsheet hides are read all the same, %d from here on: delete those that are not meant", n)
	}
}

// tellMerged reports merged cells below the header: only the first of them has a value.
func tellMerged(d *source.Doc, s *sheet.Sheet, header int) {
	values := map[int]*sheet.Row{}
	for i := range s.Rows {
		values[s.Rows[i].Number] = &s.Rows[i]
	}
	for _, m := range s.Merges {
		if r := values[m.Row]; m.Row > header && r != nil && r.At(m.Column).Text != "" && !strings.HasPrefix(r.At(0).Text, "#") {
			d.Problemf(source.LineCol(m.Row, m.Column+1), "merged cells %s: only the first has a value: unmerge them and fill each", source.Shorten(m.Ref))
		}
	}
}
