package convert

import (
	"reflect"
	"testing"
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
				if got, err = ParseTable(format, b); err != nil {
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
			table, err := ParseTable(format, b)
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
