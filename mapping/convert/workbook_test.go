package convert

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// A workbook is one to work in: what is in it guides who fills it.
func TestWorkbookToWorkIn(t *testing.T) {
	in := &Table{
		Header: []string{"tag", "address", "type", "order", "scale", "clamp", "deadband", "enabled", "label.area", "x_own"},
		Rows: [][]string{
			{"temp", "40001.10", "int16", "CDAB", "0.1", "low", "1%", "true", "=A1", "'quoted"},
			{"level", "400001", "float32", "", "1e3", "", "0.5", "", "@hall", "1.50"},
			{"a\nb", "holding:0", "string:8", "", "-0.05", "", "", "", "+1", "_x000D_"},
		},
	}
	b, err := in.Workbook(func(column string) string { return "what " + column + " means" })
	if err != nil {
		t.Fatal(err)
	}
	out, err := ParseTable("m.xlsx", b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(out, in) {
		t.Errorf("read back %q, want %q", out, in)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if p, err := f.GetPanes(tagSheet); err != nil || !p.Freeze || p.YSplit != 1 || p.XSplit != 1 {
		t.Errorf("panes %+v, %v: the header is not frozen", p, err)
	}
	rules, err := f.GetDataValidations(tagSheet)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range rules {
		got[r.Sqref[:1]] = r.Type + " " + r.Formula1
	}
	for column, want := range map[string]string{"C": "int16", "D": "ABCD,CDAB,BADC,DCBA", "E": "decimal", "F": "none,low,high,both", "H": "true,false"} {
		if !strings.Contains(got[column], want) {
			t.Errorf("rule of column %s is %q, want %q in it", column, got[column], want)
		}
	}
	if got["G"] != "" {
		t.Errorf("a deadband may be a percentage, and has the rule %q", got["G"])
	}
	notes, err := f.GetComments(tagSheet)
	if err != nil || len(notes) != len(in.Header) || !strings.Contains(notes[0].Text, "what tag means") {
		t.Errorf("%d notes, %v, want one a column", len(notes), err)
	}
	if w, err := f.GetColWidth(tagSheet, "B"); err != nil || w < 9 {
		t.Errorf("column B is %v wide, %v", w, err)
	}
	// A number is one for the spreadsheet; an address stays the text that it is.
	for cell, want := range map[string]excelize.CellType{"E2": excelize.CellTypeUnset, "B3": excelize.CellTypeInlineString} {
		if kind, err := f.GetCellType(tagSheet, cell); err != nil || kind != want {
			t.Errorf("cell %s is of type %v, %v, want %v", cell, kind, err, want)
		}
	}
}

// large is a table of so many rows, as full as those of plants.
func large(rows int) *Table {
	t := &Table{Header: []string{"tag", "address", "type", "order", "poll", "scale", "offset", "min", "max", "unit", "report", "deadband",
		"heartbeat", "enabled", "label.area", "description"}}
	for i := range rows {
		t.Rows = append(t.Rows, []string{fmt.Sprintf("line%d/pump%d/pressure", i/1000, i), fmt.Sprintf("holding:%d", 2*i%65000), "float32", "CDAB",
			"1s", "0.1", "-40", "-50", fmt.Sprint(900 + i%7), "bar", "change", "0.5", "5m", "true", fmt.Sprintf("hall %d", i%9),
			fmt.Sprintf("pressure after pump %d, from drawing %d", i, i*7)})
	}
	return t
}

// BenchmarkWorkbook writes a workbook of 10,000 rows and reads it.
func BenchmarkWorkbook(b *testing.B) {
	in := large(10_000)
	b.ReportAllocs()
	for b.Loop() {
		out, err := in.Workbook(func(string) string { return "a note" })
		if err != nil {
			b.Fatal(err)
		}
		back, err := ParseTable("m.xlsx", out)
		if err != nil || len(back.Rows) != len(in.Rows) {
			b.Fatal(err)
		}
	}
}
