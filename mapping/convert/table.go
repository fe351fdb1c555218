package convert

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping/sheet"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// Table is a tag map as text: columns and cells as they were written, whatever they mean.
type Table struct {
	Header []string
	Rows   [][]string // each as long as Header
}

// Limits of a workbook, which can be small and unfold to more than a machine has.
type Limits = sheet.Limits

// ParseTable reads a tag map, file being its name, which says by its end what it is: .csv, .yaml or .xlsx, which may have
// its sheet after it: pumps.xlsx#Line 3. Comments and blank lines are left out.
func ParseTable(file string, content []byte) (*Table, error) {
	return ParseTableWithin(file, content, sheet.Own)
}

// ParseTableWithin is ParseTable of what a stranger may have made.
func ParseTableWithin(file string, content []byte, within Limits) (*Table, error) {
	path, _ := tagmap.SplitSheet(file)
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".csv", ".txt", ".tsv", ".yaml", ".yml", ".json":
	default:
		if !tagmap.IsWorkbook(path) {
			return nil, fmt.Errorf("read %s: its name must end in .csv, .yaml or .xlsx", file)
		}
	}
	header, rows, problems := tagmap.ReadTableWithin(file, content, within)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if len(rows) > within.Rows {
		return nil, fmt.Errorf("read %s: more than %d rows", file, within.Rows)
	}
	return &Table{Header: header, Rows: rows}, nil
}

// Format writes t. In CSV, cells that a spreadsheet would take for a formula begin with an apostrophe, which ParseTable
// takes away again; for a workbook see Workbook.
func (t *Table) Format(format string) ([]byte, error) {
	switch format {
	case "csv":
		return t.formatCSV()
	case "yaml":
		return t.formatYAML()
	case "xlsx":
		return t.Workbook(nil)
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
