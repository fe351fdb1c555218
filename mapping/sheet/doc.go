// Package sheet reads workbooks (.xlsx, ECMA-376) as rows of texts: what a person typed, and of what the spreadsheet
// computed what it shows. It reads from memory, within limits, and knows nothing of tags and devices. Package tagmap and
// package config read tables with it, and conversions the workbooks of other programs.
package sheet

import (
	"errors"
	"fmt"
)

// Limits of a workbook, which can be small and unfold to more than a machine has.
type Limits struct {
	Unfolded int64 // bytes of its parts, unpacked, and of the texts of its cells
	Rows     int   // of a sheet, a header beside them
	Columns  int   // 0: a thousand
}

// Own are the limits of a file on this machine's disk.
var Own = Limits{Unfolded: 256 << 20, Rows: 1 << 20, Columns: 1000}

// Kind says what a cell holds.
type Kind uint8

// The kinds of cells.
const (
	Text Kind = iota
	Number
	Bool
	Error   // Text is what the spreadsheet shows, such as #REF!
	Date    // Text is the date
	Formula // that was never computed: it has no value
)

// Cell is one cell that holds something.
type Cell struct {
	Column int // from 0
	Kind   Kind
	Text   string
}

// Row is one row that has cells.
type Row struct {
	Number int // from 1, as the spreadsheet shows it
	Hidden bool
	Cells  []Cell
}

// Merge is a range of cells shown as one, of which the first alone has a value.
type Merge struct {
	Ref                      string // such as A2:B3
	Row, Column, Rows, Width int    // of the first cell, from 1 and from 0, and how many
}

// Sheet is what is in one sheet.
type Sheet struct {
	Name   string
	Rows   []Row
	Merges []Merge
}

// Errors of files that are no workbooks.
var (
	ErrEncrypted = errors.New("is encrypted, or the format of Excel before 2007 (.xls): save it as .xlsx without a password")
	errNoBook    = errors.New("is no workbook (.xlsx): it cannot be unzipped")
)

func tooLarge(l Limits) error {
	return fmt.Errorf("unfolds to over %d MiB: that is no table", l.Unfolded>>20)
}
