package convert

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
	"go.yaml.in/yaml/v3"

	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// Table is a tag map as text: columns and cells as they were written, whatever they mean.
type Table struct {
	Header []string
	Rows   [][]string // each as long as Header
}

// sheet is the one sheet of a workbook.
const sheet = "tags"

// Limits of a workbook, which can be small and unfold to more than a machine has.
type Limits struct {
	Unfolded int64 // bytes of it unpacked
	Rows     int
}

// ownLimits are those of a file on this machine's disk.
var ownLimits = Limits{Unfolded: 256 << 20, Rows: 1 << 20}

// ParseTable reads a tag map, file being its name, which says by its end what it is: .csv, .yaml or .xlsx. Comments
// and blank lines are left out.
func ParseTable(file string, content []byte) (*Table, error) {
	return ParseTableWithin(file, content, ownLimits)
}

// ParseTableWithin is ParseTable of what a stranger may have made.
func ParseTableWithin(file string, content []byte, within Limits) (*Table, error) {
	switch ext := strings.ToLower(filepath.Ext(file)); ext {
	case ".xlsx":
		sheet, err := cellsOf(content, within)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		content = sheet
	case ".csv", ".txt", ".tsv", ".yaml", ".yml", ".json":
	default:
		return nil, fmt.Errorf("read %s: its name must end in .csv, .yaml or .xlsx", file)
	}
	header, rows, problems := tagmap.ReadTable(file, content)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if len(rows) > within.Rows {
		return nil, tooManyRows(file, within)
	}
	return &Table{Header: header, Rows: rows}, nil
}

func tooManyRows(file string, within Limits) error {
	return fmt.Errorf("read %s: more than %d rows", file, within.Rows)
}

// Format writes t. In CSV, cells that a spreadsheet would take for a formula begin with an apostrophe, which ParseTable
// takes away again; in a workbook all cells are text.
func (t *Table) Format(format string) ([]byte, error) {
	switch format {
	case "csv":
		return t.formatCSV()
	case "yaml":
		return t.formatYAML()
	case "xlsx":
		return t.formatXLSX()
	}
	return nil, fmt.Errorf("format %q: want csv, yaml or xlsx", format)
}

func (t *Table) formatCSV() ([]byte, error) { return csvOf(append([][]string{t.Header}, t.Rows...)) }

// csvOf is rows as CSV, without cells that a spreadsheet would compute.
func csvOf(rows [][]string) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	for _, r := range rows {
		cells := make([]string, len(r))
		for i, cell := range r {
			cells[i] = source.Harmless(cell)
		}
		w.Write(cells)
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

func (t *Table) formatYAML() ([]byte, error) {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, r := range t.Rows {
		n := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
		for i, cell := range r {
			if cell == "" {
				continue
			}
			var key, value yaml.Node
			key.SetString(t.Header[i])
			value.SetString(cell)
			n.Content = append(n.Content, &key, &value)
		}
		list.Content = append(list.Content, n)
	}
	return yaml.Marshal(list)
}

// cellsOf is the sheet in front of a workbook as CSV, a line a row.
func cellsOf(content []byte, within Limits) ([]byte, error) {
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{
		UnzipSizeLimit: within.Unfolded, UnzipXMLSizeLimit: min(within.Unfolded, 64<<20),
	})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	name := f.GetSheetName(f.GetActiveSheetIndex())
	rows, err := rowsOf(f, name, within.Rows+1) // a header beside them
	if err != nil {
		return nil, err
	}
	for y, row := range rows {
		for x, text := range row {
			if !sixteenDigits.MatchString(text) {
				continue
			}
			cell, err := excelize.CoordinatesToCellName(x+1, y+1)
			if err != nil {
				return nil, err
			}
			if kind, err := f.GetCellType(name, cell); err == nil && (kind == excelize.CellTypeUnset || kind == excelize.CellTypeNumber) {
				row[x] = shortest(text)
			}
		}
	}
	return csvOf(rows)
}

// rowsOf are the rows of a sheet up to the last that has something, of which there are at most most.
func rowsOf(f *excelize.File, sheet string, most int) (list [][]string, err error) {
	rows, err := f.Rows(sheet)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	blank := 0
	for rows.Next() {
		row, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, err
		}
		if len(row) == 0 {
			blank++
			continue
		}
		if len(list)+blank >= most {
			return nil, fmt.Errorf("more than %d rows", most-1)
		}
		for ; blank > 0; blank-- {
			list = append(list, nil)
		}
		list = append(list, row)
	}
	return list, rows.Error()
}

// sixteenDigits are fractions as spreadsheets store them, which is with more digits than were typed: -0.05 is
// -5.0000000000000003E-2.
var sixteenDigits = regexp.MustCompile(`^-?\d+\.\d{15,}([eE][-+]?\d+)?$|^-?\d+[eE][-+]?\d+$|^-?0\.0+\d{15,}$`)

// shortest is a number with as many digits as tell it from others.
func shortest(number string) string {
	v, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return number
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

func (t *Table) formatXLSX() ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName(f.GetSheetName(0), sheet); err != nil {
		return nil, err
	}
	for y, r := range append([][]string{t.Header}, t.Rows...) {
		for x, cell := range r {
			name, err := excelize.CoordinatesToCellName(x+1, y+1)
			if err != nil {
				return nil, err
			}
			if cell == "" {
				continue
			}
			if err := f.SetCellStr(sheet, name, cell); err != nil {
				return nil, err
			}
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
