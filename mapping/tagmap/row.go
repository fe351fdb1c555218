package tagmap

import (
	"fmt"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// row is one row of a tag map, from CSV or YAML.
type row struct {
	d      *source.Doc
	csv    *source.CSV // nil for YAML
	at     source.Cell // where the row begins
	line   int
	comma  bool // the decimal mark may be a comma
	cells  [numColumns]source.Cell
	labels []labelCell
	// lacks marks columns that the whole file lacks, which was reported once for all rows.
	lacks [numColumns]bool
	// commas and points are set once a number of the file had such a decimal mark, without doubt; doubtful are those that
	// look like thousands.
	commas   bool
	points   bool
	doubtful []doubt
	// spoilt marks cells, by column, whose text was reported and thrown away.
	spoilt uint64
	bad    bool // has a problem: its tag is left out
}

// doubt is a number such as 1.000 in a file whose cells are separated by semicolons: one, or a thousand?
type doubt struct {
	place source.Place
	column
	text string
}

type labelCell struct {
	name string
	source.Cell
}

// reset empties r for the next row, which begins at the given place; so do the cells that it lacks.
func (r *row) reset(line int, at source.Cell) {
	at.Text = ""
	r.line, r.at, r.bad, r.spoilt = line, at, false, 0
	for i := range r.cells {
		r.cells[i] = at
	}
	r.labels = r.labels[:0]
}

// unknown reports a cell that is missing for a reason that was reported.
func (r *row) unknown(c column) bool { return r.lacks[c] || r.spoilt>>c&1 != 0 }

// has reports a cell that is not empty.
func (r *row) has(c column) bool { return r.cells[c].Text != "" }

func (r *row) text(c column) string { return r.cells[c].Text }

func (r *row) place(c source.Cell) source.Place {
	if r.csv != nil {
		return r.csv.Place(c.A)
	}
	return source.LineCol(c.A, c.B)
}

// problemf reports what is wrong with the cell of column c; the message says it without repeating the cell.
func (r *row) problemf(c column, format string, args ...any) {
	r.cellProblem(c.String(), r.cells[c], fmt.Sprintf(format, args...))
}

func (r *row) cellProblem(name string, c source.Cell, message string) {
	r.bad = true
	r.tell(false, name, c, message)
}

func (r *row) warnf(c column, format string, args ...any) {
	r.tell(true, c.String(), r.cells[c], fmt.Sprintf(format, args...))
}

// tell reports what is wrong, or may be, with a cell of the column that is called name.
func (r *row) tell(warning bool, name string, c source.Cell, message string) {
	r.d.AddCell(r.place(c), warning, name, cellMessage(name, c.Text, message))
}

func cellMessage(name, text, message string) string {
	if text == "" {
		return name + ": " + message
	}
	return fmt.Sprintf("%s %q: %s", name, source.Shorten(text), message)
}

// rowProblem reports what is wrong with the row as a whole.
func (r *row) rowProblem(format string, args ...any) {
	r.bad = true
	r.d.Problemf(r.place(r.at), format, args...)
}

func (r *row) source() mapping.Source { return mapping.Source{File: r.d.File, Line: r.line} }
