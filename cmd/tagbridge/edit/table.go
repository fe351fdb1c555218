package edit

import (
	"fmt"
	"path/filepath"
	"strings"

	"tagbridge/mapping/convert"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// uploadLimits are those of a workbook that somebody sends.
var uploadLimits = convert.Limits{Unfolded: 24 << 20, Rows: 10_000}

// As is a map in another format, csv or xlsx, without its comments: cells that a spreadsheet would compute are guarded, so
// that they are read back as they were. In a workbook notes tells what a column means.
func (e *Editor) As(name, format string, notes func(column string) string) (out []byte, etag string, err error) {
	d, err := e.now()
	if err != nil {
		return nil, "", err
	}
	path, err := d.path(name)
	if err != nil {
		return nil, "", err
	}
	b, _, err := content(path, d.guarded)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", name, err)
	}
	table, err := convert.ParseTable(path, b)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %s cannot be read as a table: %v", ErrRequest, name, err)
	}
	if format == "xlsx" {
		out, err = table.Workbook(notes)
		return out, ETag(b), err
	}
	if out, err = table.Format(format); err != nil {
		return nil, "", err
	}
	if format == "csv" {
		out = append([]byte(markUTF8), out...) // by which spreadsheets know UTF-8
	}
	return out, ETag(b), nil
}

// Workbook is the text of a map, as somebody has edited it, as a workbook; the end of its name says what it is written in, and
// notes tells what a column means.
func Workbook(name, text string, notes func(column string) string) ([]byte, error) {
	if tagmap.IsWorkbook(name) {
		name = strings.TrimSuffix(name, filepath.Ext(name)) + ".csv" // its text is CSV
	}
	table, err := convert.ParseTableWithin(name, []byte(text), uploadLimits)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrRequest, err)
	}
	if len(table.Header) == 0 {
		return nil, fmt.Errorf("%w: the map is empty: its first row names the columns, such as tag,address,type,unit", ErrRequest)
	}
	out, err := table.Workbook(notes)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrRequest, err)
	}
	return out, nil
}

// Converted is a file that was sent, as the text of a map.
type Converted struct {
	Text string `json:"text"`
	Rows int    `json:"rows"`
}

// Convert makes the text of a map of a file, which its name says the format of: a workbook's first sheet as CSV, other texts
// as they are, in whatever encoding they are.
func Convert(name string, content []byte) (c *Converted, err error) {
	defer func() {
		if recover() != nil { // what reads workbooks is made for honest ones
			c, err = nil, fmt.Errorf("%w: %s is no workbook that can be read", ErrRequest, name)
		}
	}()
	table, err := convert.ParseTableWithin(name, content, uploadLimits)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrRequest, err)
	}
	c = &Converted{Rows: len(table.Rows)}
	if strings.EqualFold(filepath.Ext(name), ".xlsx") {
		b, err := table.Format("csv")
		c.Text = string(b)
		return c, err
	}
	c.Text, err = source.Text(content)
	return c, err
}
