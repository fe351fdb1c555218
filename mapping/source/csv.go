package source

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Cell is one value of a tag map. In CSV a is its offset in the text, in YAML a and b are its line and column.
type Cell struct {
	Text string // trimmed; "" is as if it were not there
	A, B int
}

// Plain is c without the apostrophe that keeps spreadsheets from computing it.
func (c Cell) Plain() Cell {
	if strings.HasPrefix(c.Text, "'") {
		c.Text = Trim(Plain(c.Text))
	}
	return c
}

// Limits of what is taken for a tag map, so that no file costs more than its length.
const (
	MaxColumns = 1_000
	MaxRow     = 1 << 20 // bytes
)

// CSV splits the text of a CSV file into records. Unlike encoding/csv it goes on after a fault, knows where each
// cell stands, takes every line end, and allocates nothing for a record.
type CSV struct {
	text  string
	pos   int
	Line  int // of pos
	Comma byte
	Cells []Cell // of the present record; reused
	First int    // line of the present record
	// Sheet says that the text is that of a sheet of a workbook: each record is a row, cells are separated by commas, and
	// places are rows and columns.
	Sheet bool
	start int // offset of the present record
	// fault is told what is wrong with the form of the cell that begins at offset.
	fault func(offset int, message string)
}

// NewCSV reads text; what is wrong with the form of the cell that begins at an offset is told to fault.
func NewCSV(text string, fault func(offset int, message string)) *CSV {
	return &CSV{text: text, Line: 1, Comma: ',', fault: fault}
}

// Ended reports that nothing is left.
func (r *CSV) Ended() bool { return r.pos >= len(r.text) }

// Size is how long the present record is.
func (r *CSV) Size() int { return r.pos - r.start }

// IsBlank reports that the present record has no text.
func (r *CSV) IsBlank() bool {
	return !slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.Text != "" })
}

// From is the rest of the line at offset.
func (r *CSV) From(offset int) string {
	text := r.text[offset:]
	if end := strings.IndexAny(text, "\r\n"); end >= 0 {
		text = text[:end]
	}
	return text
}

// Next reads the next record that is no comment; false at the end.
func (r *CSV) Next() bool {
	for r.pos < len(r.text) {
		if r.isComment() {
			r.skipLine()
			continue
		}
		r.Record()
		return true
	}
	return false
}

// isComment looks at the present line as it stands: in a comment quotes mean nothing.
func (r *CSV) isComment() bool {
	rest := strings.TrimLeft(r.text[r.pos:min(len(r.text), r.pos+100)], " \t")
	return strings.HasPrefix(rest, "#") && SpreadsheetError(rest) == ""
}

func (r *CSV) skipLine() {
	end := strings.IndexAny(r.text[r.pos:], "\r\n")
	if end < 0 {
		r.pos = len(r.text)
		return
	}
	r.pos += end
	r.lineEnd()
}

// lineEnd steps over \n, \r\n or \r at pos.
func (r *CSV) lineEnd() {
	if strings.HasPrefix(r.text[r.pos:], "\r\n") {
		r.pos++
	}
	r.pos++
	r.Line++
}

// Record reads the cells up to the end of a line. Of those beyond maxColumns only the first that is not empty is kept.
func (r *CSV) Record() {
	r.Cells, r.First, r.start = r.Cells[:0], r.Line, r.pos
	for {
		if c := r.cell(); len(r.Cells) <= MaxColumns {
			r.Cells = append(r.Cells, c)
		} else if last := &r.Cells[MaxColumns]; last.Text == "" {
			*last = c
		}
		if r.pos == len(r.text) {
			return
		}
		if r.text[r.pos] != r.Comma {
			r.lineEnd()
			if r.Sheet {
				r.Line = r.First + 1
			}
			return
		}
		r.pos++
	}
}

// cell reads a cell up to the separator, line end or end of text behind it.
func (r *CSV) cell() Cell {
	for r.pos < len(r.text) && r.text[r.pos] == ' ' {
		r.pos++
	}
	if r.pos < len(r.text) && r.text[r.pos] == '"' {
		if c, ok := r.quoted(); ok {
			return c
		}
	}
	start := r.pos
	r.pos = r.end(start)
	return Cell{Text: Trim(r.text[start:r.pos]), A: start}
}

// end is where the plain cell that goes on at i ends.
func (r *CSV) end(i int) int {
	for i < len(r.text) {
		if c := r.text[i]; c == r.Comma || c == '\n' || c == '\r' {
			break
		}
		i++
	}
	return i
}

// quoted reads a cell in quotes; ok is false, and nothing read, when its quote is not closed. That happens at most once
// in a file, so it costs no more than a second pass: all runs of quotes behind it are then of even length, and a cell
// that begins with such a run is closed.
func (r *CSV) quoted() (c Cell, ok bool) {
	start, line, doubled := r.pos, r.Line, false
	i := start + 1
scan:
	for ; ; i++ {
		switch {
		case i >= len(r.text):
			r.fault(start, "this quote is not closed")
			return Cell{}, false
		case r.text[i] == '\n', r.text[i] == '\r' && !strings.HasPrefix(r.text[i:], "\r\n"):
			line++
		case r.text[i] != '"':
		case i+1 < len(r.text) && r.text[i+1] == '"':
			doubled = true
			i++
		default:
			break scan
		}
	}
	text := r.text[start+1 : i]
	if doubled {
		text = strings.ReplaceAll(text, `""`, `"`)
	}
	r.Line, r.pos = line, r.end(i+1)
	if Trim(r.text[i+1:r.pos]) != "" {
		r.fault(start, "text after the closing quote: a quote inside a quoted cell is written twice")
	}
	return Cell{Text: Trim(text), A: start}, true
}

// Place is the line and column, in characters, of an offset in the present record.
func (r *CSV) Place(offset int) Place {
	if r.Sheet {
		at := 1
		for i, c := range r.Cells {
			if c.A <= offset {
				at = i + 1
			}
		}
		return LineCol(r.First, at)
	}
	p := LineCol(r.First, 1)
	before := r.text[r.start:offset]
	if i := strings.LastIndexAny(before, "\r\n"); i >= 0 {
		lines := strings.ReplaceAll(before[:i+1], "\r\n", "\n")
		p.Line += strings.Count(lines, "\n") + strings.Count(lines, "\r")
		before = before[i+1:]
	}
	p.Col += utf8.RuneCountInString(before)
	return p
}

// Trim drops what cannot be seen at both ends of a cell: blanks of every kind and marks without width.
func Trim(s string) string {
	if s == "" || visible(s[0]) && visible(s[len(s)-1]) {
		return s
	}
	return strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r == '\u200B' || r == '\uFEFF' || r == '\u2060'
	})
}

func visible(b byte) bool { return b > ' ' && b < utf8.RuneSelf }

// spreadsheetErrors are what spreadsheets save in place of a value they could not compute or show.
var spreadsheetErrors = []string{
	"#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#N/A", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#####",
	"#BEZUG!", "#WERT!", "#NV", "#ZAHL!",
	"#DATE!", FormulaMark,
}

// What a cell of a workbook holds that no table can: DateMark, the date and a bracket, where the spreadsheet made a date of
// what was typed, and FormulaMark in place of the value of a formula that was never computed.
const (
	DateMark    = "#DATE!("
	FormulaMark = "#FORMULA!"
)

// MarkedDate is the date of a cell that holds one.
func MarkedDate(text string) (date string, ok bool) {
	rest, ok := strings.CutPrefix(text, DateMark)
	return strings.TrimSuffix(rest, ")"), ok
}

// SpreadsheetError is the error of a spreadsheet that s begins with, or "".
func SpreadsheetError(s string) string {
	if s == "" || s[0] != '#' {
		return ""
	}
	for _, e := range spreadsheetErrors {
		if rest, ok := strings.CutPrefix(s, e); ok && (rest == "" || !unicode.IsLetter(rune(rest[0])) && rest[0] != ' ') {
			return e
		}
	}
	return ""
}
