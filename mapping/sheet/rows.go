package sheet

import (
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// reader reads one sheet.
type reader struct {
	b    *Book
	s    *Sheet
	d    *xml.Decoder
	row  *Row
	last int // number of the row before
}

// maxMerges is how many ranges of merged cells are kept.
const maxMerges = 10_000

func (b *Book) read(l listed) (*Sheet, error) {
	r := &reader{b: b, s: &Sheet{Name: l.name}}
	err := b.each(l.part, func(d *xml.Decoder, e xml.StartElement) error {
		r.d = d
		switch e.Name.Local {
		case "row":
			return r.begin(e)
		case "c":
			return r.cell(e)
		case "mergeCell":
			if m, ok := mergeOf(attr(e, "ref")); ok && len(r.s.Merges) < maxMerges {
				r.s.Merges = append(r.s.Merges, m)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.s.Rows = slices.DeleteFunc(r.s.Rows, func(r Row) bool { return len(r.Cells) == 0 })
	return r.s, nil
}

// begin begins a row. Its number may be left out: it is then the next.
func (r *reader) begin(e xml.StartElement) error {
	number := r.last + 1
	if text := attr(e, "r"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < number {
			return fmt.Errorf("row %q after row %d: it is damaged", text, r.last)
		}
		number = n
	}
	if number > r.b.limits.Rows+1 {
		return fmt.Errorf("more than %d rows below the first: that is no table", r.b.limits.Rows)
	}
	hidden := attr(e, "hidden")
	r.last = number
	r.s.Rows = append(r.s.Rows, Row{Number: number, Hidden: hidden == "1" || hidden == "true"})
	r.row = &r.s.Rows[len(r.s.Rows)-1]
	return nil
}

// cell reads a cell up to its end.
func (r *reader) cell(e xml.StartElement) error {
	if r.row == nil {
		return errors.New("a cell outside a row: it is damaged")
	}
	column := 0
	if n := len(r.row.Cells); n > 0 {
		column = r.row.Cells[n-1].Column + 1
	}
	if ref := attr(e, "r"); ref != "" {
		at, _, ok := place(ref)
		if !ok || at < column {
			return fmt.Errorf("cell %q in row %d: it is damaged", ref, r.row.Number)
		}
		column = at
	}
	if column >= r.b.limits.Columns {
		return r.beyond(e)
	}
	c, err := r.content(attr(e, "t"), attr(e, "s"))
	if err != nil {
		return err
	}
	if c.Text != "" || c.Kind == Formula {
		c.Column = column
		r.row.Cells = append(r.row.Cells, c)
	}
	return nil
}

// beyond passes over a cell that is empty, and refuses one that is not.
func (r *reader) beyond(e xml.StartElement) error {
	c, err := r.content(attr(e, "t"), attr(e, "s"))
	if err == nil && c.Text != "" {
		err = fmt.Errorf("row %d has over %d columns: that is no table", r.row.Number, r.b.limits.Columns)
	}
	return err
}

// content reads what is in a cell of that type and style.
func (r *reader) content(kind, styled string) (Cell, error) {
	var value strings.Builder
	inline := ""
	computed, inValue, filled := false, false, false
	for {
		t, err := r.d.RawToken()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return Cell{}, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "v":
				inValue, filled = true, true
			case "f":
				computed = true
			case "is":
				if inline, err = richText(r.d, "is"); err != nil {
					return Cell{}, err
				}
			}
		case xml.CharData:
			if inValue {
				value.Write(t)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "v":
				inValue = false
			case "c":
				if computed && !filled {
					return Cell{Kind: Formula}, nil
				}
				return r.understood(kind, styled, value.String(), inline, computed)
			}
		}
	}
}

// understood is the cell with that content.
func (r *reader) understood(kind, styled, value, inline string, computed bool) (Cell, error) {
	switch kind {
	case "s":
		if value == "" {
			return Cell{}, nil
		}
		text, err := r.b.sharedText(value)
		return Cell{Text: text}, err
	case "inlineStr":
		return Cell{Text: inline}, nil
	case "str":
		return Cell{Text: unescaped(value)}, nil
	case "b":
		switch strings.TrimSpace(value) {
		case "":
			return Cell{}, nil
		case "1", "true":
			return Cell{Kind: Bool, Text: "true"}, nil
		}
		return Cell{Kind: Bool, Text: "false"}, nil
	case "e":
		return Cell{Kind: Error, Text: value}, nil
	case "d":
		return Cell{Kind: Date, Text: value}, nil
	}
	if value = strings.TrimSpace(value); value == "" {
		return Cell{}, nil
	}
	s := style{decimals: -1}
	if i, err := strconv.Atoi(styled); err == nil && i >= 0 && i < len(r.b.styles) {
		s = r.b.styles[i]
	}
	text, what := r.b.number(value, s, computed)
	return Cell{Kind: what, Text: text}, nil
}

// place is the column, from 0, and the row of a reference such as AB12.
func place(ref string) (column, row int, ok bool) {
	ref = strings.ReplaceAll(ref, "$", "")
	i := 0
	for ; i < len(ref) && i < 4; i++ {
		c := ref[i] | 0x20
		if c < 'a' || c > 'z' {
			break
		}
		column = column*26 + int(c-'a') + 1
	}
	row, err := strconv.Atoi(ref[i:])
	return column - 1, row, i > 0 && err == nil && row > 0
}

func mergeOf(ref string) (Merge, bool) {
	from, to, found := strings.Cut(ref, ":")
	if !found {
		return Merge{}, false
	}
	column, row, ok := place(from)
	lastColumn, lastRow, ok2 := place(to)
	if !ok || !ok2 || lastColumn < column || lastRow < row {
		return Merge{}, false
	}
	return Merge{Ref: ref, Row: row, Column: column, Rows: lastRow - row + 1, Width: lastColumn - column + 1}, true
}

// At is what is in a column of r; nothing is an empty text.
func (r *Row) At(column int) Cell {
	i, found := slices.BinarySearchFunc(r.Cells, column, func(c Cell, column int) int { return cmp.Compare(c.Column, column) })
	if !found {
		return Cell{Column: column}
	}
	return r.Cells[i]
}
