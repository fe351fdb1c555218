package convert

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"tagbridge/mapping/config"
)

// Table is a tag map as text: columns and cells as they were written, whatever they mean.
type Table struct {
	Header []string
	Rows   [][]string // each as long as Header
}

// sheet is the one sheet of a workbook.
const sheet = "tags"

// ParseTable reads a tag map, its format ("csv", "yaml" or "xlsx") being told by the caller. Comment lines are left out.
func ParseTable(format string, content []byte) (*Table, error) {
	switch format {
	case "csv":
		return parseCSV(content)
	case "yaml":
		return parseYAML(content)
	case "xlsx":
		return parseXLSX(content)
	}
	return nil, fmt.Errorf("format %q: want csv, yaml or xlsx", format)
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

// utf8Text is content as UTF-8, from what spreadsheets save.
func utf8Text(content []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(content, []byte("\xff\xfe")), bytes.HasPrefix(content, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(content)
	case !utf8.Valid(content):
		return charmap.Windows1252.NewDecoder().Bytes(content)
	}
	return bytes.TrimPrefix(content, []byte("\xef\xbb\xbf")), nil
}

func parseCSV(content []byte) (*Table, error) {
	content, err := utf8Text(content)
	if err != nil {
		return nil, err
	}

	var comma rune
	line, rest, _ := bytes.Cut(content, []byte("\n"))
	if mark, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("sep=")); ok && len(mark) == 1 {
		comma, content = rune(mark[0]), rest
	} else {
		comma = separator(content)
	}
	in := csv.NewReader(bytes.NewReader(content))
	in.Comma, in.Comment, in.FieldsPerRecord = comma, '#', -1
	rows, err := in.ReadAll()
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(r []string) bool { return strings.TrimSpace(strings.Join(r, "")) == "" })
	if len(rows) == 0 {
		return nil, errors.New("it is empty")
	}
	t := &Table{Header: rows[0]}
	for _, r := range rows[1:] {
		if len(r) > len(t.Header) {
			return nil, fmt.Errorf("a row has %d cells, the header %d: %s", len(r), len(t.Header), strings.Join(r, string(comma)))
		}
		row := make([]string, len(t.Header))
		for i, cell := range r {
			row[i] = config.Plain(cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// separator is what the header's cells are separated by.
func separator(content []byte) rune {
	for _, line := range bytes.Split(content, []byte("\n")) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		best := ','
		for _, c := range ";\t" {
			if strings.Count(string(line), string(c)) > strings.Count(string(line), string(best)) {
				best = c
			}
		}
		return best
	}
	return ','
}

func (t *Table) formatCSV() ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Write(t.Header)
	for _, r := range t.Rows {
		cells := make([]string, len(r))
		for i, cell := range r {
			cells[i] = config.Harmless(cell)
		}
		w.Write(cells)
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

func parseYAML(content []byte) (*Table, error) {
	var rows []yaml.Node
	if err := yaml.Unmarshal(content, &rows); err != nil {
		return nil, err
	}
	t := &Table{}
	at := map[string]int{}
	for i := range rows {
		n := &rows[i]
		if n.Kind != yaml.MappingNode {
			return nil, fmt.Errorf("line %d: not a row such as {tag: temp, address: 40001}", n.Line)
		}
		row := make([]string, len(t.Header))
		for k := 0; k+1 < len(n.Content); k += 2 {
			key, value := n.Content[k].Value, n.Content[k+1]
			if value.Kind == yaml.AliasNode {
				value = value.Alias
			}
			if value.Kind != yaml.ScalarNode || key == "<<" {
				return nil, fmt.Errorf("line %d: %s is no single value", value.Line, key)
			}
			if _, known := at[key]; !known {
				at[key] = len(t.Header)
				t.Header = append(t.Header, key)
			}
			for len(row) < len(t.Header) {
				row = append(row, "")
			}
			if row[at[key]] = value.Value; value.Tag == "!!null" {
				row[at[key]] = ""
			}
		}
		t.Rows = append(t.Rows, row)
	}
	for i := range t.Rows {
		t.Rows[i] = append(t.Rows[i], make([]string, len(t.Header)-len(t.Rows[i]))...)
	}
	return t, nil
}

func (t *Table) formatYAML() ([]byte, error) {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, r := range t.Rows {
		n := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
		for i, cell := range r {
			if cell == "" || t.Header[i] == "" || t.Header[i][0] == '#' {
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

func parseXLSX(content []byte) (*Table, error) {
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{UnzipSizeLimit: 256 << 20, UnzipXMLSizeLimit: 64 << 20})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := f.GetRows(f.GetSheetName(f.GetActiveSheetIndex()), excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errors.New("its sheet is empty")
	}
	t := &Table{Header: rows[0]}
	for n, r := range rows[1:] {
		if len(r) > len(t.Header) {
			return nil, fmt.Errorf("row %d has more cells than the header", n+2)
		}
		if strings.TrimSpace(strings.Join(r, "")) != "" {
			t.Rows = append(t.Rows, append(r, make([]string, len(t.Header)-len(r))...))
		}
	}
	return t, nil
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
