package convert

import (
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

var awkward = &Table{
	Header: []string{"tag", "address", "scale", "unit", "description", "label.area"},
	Rows: [][]string{
		{"a", "00001", "-1", "°C", "=1+1", ""},
		{"b", "40001.b10", "0.10", "", "+49 30 1", "x,y;z"},
		{"c", "holding:0x10", "1e-3", "%", "'quoted", "two\nlines"},
		{"d", "400001", "", "yes", "'=was guarded", "@x"},
		{"e", "10001", "", "null", "-", "''"},
	},
}

func TestTablesSurviveEveryFormat(t *testing.T) {
	for _, first := range []string{"csv", "yaml", "xlsx"} {
		for _, second := range []string{"csv", "yaml", "xlsx"} {
			got := awkward
			for _, format := range []string{first, second} {
				b, err := got.Format(format)
				if err != nil {
					t.Fatal(err)
				}
				if got, err = ParseTable("map."+format, b); err != nil {
					t.Fatalf("%s: %v\n%s", format, err, b)
				}
			}
			if !sameCells(got, awkward) {
				t.Errorf("%s then %s: %q", first, second, got)
			}
		}
	}
}

// sameCells compares by column: YAML has them in the order of their first use.
func sameCells(a, b *Table) bool {
	return reflect.DeepEqual(cells(a), cells(b))
}

func cells(t *Table) []map[string]string {
	var list []map[string]string
	for _, r := range t.Rows {
		m := map[string]string{}
		for i, c := range r {
			if c != "" {
				m[t.Header[i]] = c
			}
		}
		list = append(list, m)
	}
	return list
}

func FuzzParseTable(f *testing.F) {
	f.Add([]byte("tag,address\na,40001\n"))
	f.Add([]byte("sep=;\ntag;address\na;40001\n"))
	f.Add([]byte("- {tag: a, address: 40001}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, format := range []string{"csv", "yaml"} {
			table, err := ParseTable("map."+format, b)
			if err != nil {
				continue
			}
			for _, r := range table.Rows {
				if len(r) != len(table.Header) {
					t.Fatalf("a row of %d cells under %d", len(r), len(table.Header))
				}
			}
		}
	})
}

// What a map is read as does not depend on what a spreadsheet, or a hand, did to its form.
func TestTablesOfEveryForm(t *testing.T) {
	want := []map[string]string{
		{"tag": "a", "address": "holding:0.3", "scale": "0.1", "invalid": "-9999|1.5", "poll": "1.5s", "x_note": "1,5"},
		{"tag": "b", "address": "40002"},
	}
	const points = `tag,address,scale,invalid,poll,x_note
a,holding:0.3,0.1,-9999|1.5,1.5s,"1,5"
b,40002
`
	const commas = "tag;address;scale;invalid;poll;x_note\na;holding:0,3;0,1;-9999|1,5;1,5s;1,5\n\n  # not a row; nor this\nb;40002;;;;;;\n"
	for name, form := range map[string]struct{ file, text string }{
		"plain":      {"m.csv", points},
		"mac":        {"m.csv", strings.ReplaceAll(points, "\n", "\r")},
		"mark":       {"m.csv", "\ufeff" + points},
		"semicolons": {"m.csv", commas},
		"sep":        {"m.csv", "\"SEP=;\"\r\n" + strings.ReplaceAll(commas, "\n", "\r\n")},
		"yaml": {"m.yaml", `x-fast: &fast {poll: 1.5s}
tags:
  - {<<: *fast, Tag: a, address: holding:0.3, scale: 0.1, invalid: [-9999, 1.5], x_note: "1,5"}
  - {tag: b, address: 40002, scale: ~}
`},
	} {
		table, err := ParseTable(form.file, []byte(form.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := cells(table); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestTablesThatAreNone(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "m.csv:1:1: problem: the tag map is empty",
		"a,40001\n":                    "no header",
		"tag,address,Tag\na,40001,b\n": `column "Tag": again`,
		"tag,address\na,40001,x\n":     `m.csv:2:9: problem: cell "x": beyond the last column`,
		"tag,address,\na,40001,x\n":    `cell "x": its column has no header`,
		"tag,address\na,\"40001\n":     "this quote is not closed",
		"tag;address;scale;min\na;40001;0,1;1.000\n": `min "1.000": a thousand?`,
	} {
		if _, err := ParseTable("m.csv", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	for text, want := range map[string]string{
		"a: [":                                "not YAML",
		"- {tag: a, tag: b}\n":                "again",
		"- [a]\n":                             "a row of a tag map must be a mapping",
		"- {tag: a, address: {table: 40001}}": "address must be a single value",
	} {
		if _, err := ParseTable("m.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// Numbers of a workbook are those that were typed, whatever the spreadsheet stored; texts stay.
func TestWorkbookNumbers(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	for cell, v := range map[string]any{"A1": "tag", "B1": "address", "C1": "scale", "D1": "invalid", "E1": "enabled",
		"A2": "a", "B2": 400001, "C2": -0.05, "D2": "-9223372036854775808|1.00000000000000005", "E2": true} {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetCellDefault("Sheet1", "C2", "-5.0000000000000003E-2"); err != nil {
		t.Fatal(err)
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	table, err := ParseTable("m.XLSX", b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	want := []map[string]string{{"tag": "a", "address": "400001", "scale": "-0.05", "invalid": "-9223372036854775808|1.00000000000000005", "enabled": "true"}}
	if got := cells(table); !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
