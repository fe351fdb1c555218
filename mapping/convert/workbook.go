package convert

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"tagbridge/mapping/tagmap"
)

const (
	tagSheet = "tags"
	// roomBelow is how many rows below the last have drop-downs and checks, too.
	roomBelow = 1000
	// mostChoices is how long a drop-down's list is at most.
	mostChoices = 255
	maxCell     = 32767 // characters of a cell
)

// Workbook is t as a workbook to work in: the header stays in sight and has a note of what each column means, which notes
// tells by its name (nil: there are none); columns are as wide as they need; cells of a few words have a drop-down, and
// those of numbers take no others. Numbers are numbers where they are read back as they are written, all else is text, in
// columns that keep what is typed as text.
func (t *Table) Workbook(notes func(column string) string) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName(f.GetSheetName(0), tagSheet); err != nil {
		return nil, err
	}
	w := bookWriter{f: f, t: t, last: min(len(t.Rows)+1+roomBelow, 1<<20)}
	if err := w.styles(); err != nil {
		return nil, err
	}
	for i, name := range t.Header {
		if err := w.rules(i, name); err != nil {
			return nil, err
		}
		if notes == nil {
			continue
		}
		if err := w.note(i, notes(name)); err != nil {
			return nil, err
		}
	}
	if err := w.rows(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

type bookWriter struct {
	f    *excelize.File
	t    *Table
	last int // row that rules go to

	head, text int // styles
}

func (w *bookWriter) styles() (err error) {
	w.head, err = w.f.NewStyle(&excelize.Style{
		NumFmt: 49, Font: &excelize.Font{Bold: true},
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDE6F0"}},
	})
	if err == nil {
		w.text, err = w.f.NewStyle(&excelize.Style{NumFmt: 49})
	}
	return err
}

// rules are what the spreadsheet checks in column i.
func (w *bookWriter) rules(i int, name string) error {
	info := tagmap.InfoOf(name)
	if !info.Number && info.Words == nil {
		return nil
	}
	column, err := excelize.ColumnNumberToName(i + 1)
	if err != nil {
		return err
	}
	v := excelize.NewDataValidation(true)
	v.Sqref = fmt.Sprintf("%s2:%s%d", column, column, w.last)
	strictness, text := excelize.DataValidationErrorStyleStop, "a number, with the decimal mark of this spreadsheet"
	if info.Number {
		err = v.SetRange(-1e38, 1e38, excelize.DataValidationTypeDecimal, excelize.DataValidationOperatorBetween)
	} else {
		text = "one of " + strings.Join(info.Words, ", ")
		words := info.Words
		for utf8.RuneCountInString(strings.Join(words, ",")) > mostChoices {
			words = words[:len(words)-1]
			info.Open = true
		}
		if info.Open {
			strictness, text = excelize.DataValidationErrorStyleWarning, "not one of the list; tagbridge check says whether it is right"
		}
		err = v.SetDropList(words)
	}
	if err != nil {
		return err
	}
	v.SetError(strictness, name, shortened(text, 250))
	return w.f.AddDataValidation(tagSheet, v)
}

// note puts a note at the header of column i.
func (w *bookWriter) note(i int, text string) error {
	if text == "" {
		return nil
	}
	cell, err := excelize.CoordinatesToCellName(i+1, 1)
	if err != nil {
		return err
	}
	return w.f.AddComment(tagSheet, excelize.Comment{Cell: cell, Author: "tagbridge", Text: shortened(text, 1000), Width: 320, Height: 140})
}

func shortened(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

// rows writes header and rows.
func (w *bookWriter) rows() error {
	s, err := w.f.NewStreamWriter(tagSheet)
	if err != nil {
		return err
	}
	numbers := make([]bool, len(w.t.Header))
	for i, name := range w.t.Header {
		numbers[i] = tagmap.InfoOf(name).Number
		if err := s.SetColWidth(i+1, i+1, w.width(i)); err != nil {
			return err
		}
		if !numbers[i] {
			if err := s.SetColStyle(i+1, i+1, w.text); err != nil {
				return err
			}
		}
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, XSplit: 1, YSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight"}); err != nil {
		return err
	}
	cells := make([]any, len(w.t.Header))
	for i, name := range w.t.Header {
		cells[i] = excelize.Cell{StyleID: w.head, Value: name}
	}
	if err := s.SetRow("A1", cells); err != nil {
		return err
	}
	for _, name := range w.t.Header {
		if strings.ContainsFunc(name, noXML) {
			return fmt.Errorf("column %q: a workbook cannot hold control characters", name)
		}
	}
	for y, r := range w.t.Rows {
		for i, text := range r {
			if strings.ContainsFunc(text, noXML) {
				return fmt.Errorf("row %d, %s: a workbook cannot hold control characters", y+1, w.t.Header[i])
			}
			if utf8.RuneCountInString(text) > maxCell {
				return fmt.Errorf("row %d, %s: a cell of a workbook has at most %d characters", y+1, w.t.Header[i], maxCell)
			}
			cells[i] = w.cell(text, numbers[i])
		}
		if err := s.SetRow("A"+strconv.Itoa(y+2), cells); err != nil {
			return err
		}
	}
	return s.Flush()
}

// cell is a text, or the number that is written so.
func (w *bookWriter) cell(text string, number bool) any {
	switch {
	case text == "":
		return nil
	case number:
		if v, err := strconv.ParseFloat(text, 64); err == nil && len(text) <= 15 && strconv.FormatFloat(v, 'f', -1, 64) == text {
			return v
		}
	}
	return excelize.Cell{StyleID: w.text, Value: text}
}

// width is that of column i in characters.
func (w *bookWriter) width(i int) float64 {
	longest := utf8.RuneCountInString(w.t.Header[i]) + 2
	for _, r := range w.t.Rows[:min(len(w.t.Rows), 1000)] {
		longest = max(longest, utf8.RuneCountInString(r[i])+1)
	}
	return float64(min(max(longest, 8), 50))
}

// noXML reports a character that XML, and so a workbook, cannot hold: it would be read back as another.
func noXML(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}
