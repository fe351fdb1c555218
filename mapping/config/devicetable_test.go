package config

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"tagbridge/mapping/source"
)

// folderWith has files, by their names, in it.
func folderWith(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// workbookOf has one sheet a name, with these cells.
func workbookOf(t testing.TB, path string, sheets map[string]map[string]any) {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for _, name := range slices.Sorted(maps.Keys(sheets)) { // the first of them is read where none is named
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for at, v := range sheets[name] {
			var err error
			if formula, ok := v.(string); ok && strings.HasPrefix(formula, "=") {
				err = f.SetCellFormula(name, at, formula[1:])
			} else {
				err = f.SetCellValue(name, at, v)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
}

// load loads plant.yaml of a folder.
func load(t testing.TB, dir string) (*Config, string) {
	t.Helper()
	c, ps := Load(filepath.Join(dir, "plant.yaml"), Options{Getenv: noEnv, Expand: true, Hostname: "host"})
	var list []string
	for _, p := range ps {
		list = append(list, strings.ReplaceAll(p.String(), dir+string(filepath.Separator), ""))
	}
	return c, strings.Join(list, "\n")
}

const oneRow = "tag,address\nspeed,40001\n"

func TestDeviceTable(t *testing.T) {
	dir := folderWith(t, map[string]string{
		"plant.yaml": `
x-device: {file: line/drives.csv, defaults: {driver: modbus, poll: 5s, tags: [common.csv], labels: {area: hall, line: "3"}}}
devices:
  - {name: first, url: "tcp://h", tags: [common.csv]}
  - line/drives.csv
sinks: [{name: s, type: file, path: "-"}]
`,
		"common.csv":         oneRow,
		"line/a.csv":         oneRow,
		"line/b.csv":         "tag,address\nload,40002\n",
		"line/drives.csv":    "# drives of line 3\nName;url;unit_id;poll;timeout;tags;label.area;x_note;enabled\nd1;tcp://10.0.0.1;3;;0,2s;a.csv | b.csv;;ours;\nd2;tcp://10.0.0.1;4;250ms;;;yard;;\n;;;;;;;;\nd3;tcp://10.0.0.2;1;;;;;;false\n",
		"line/unrelated.csv": "",
	})
	c, said := load(t, dir)
	if said != "" {
		t.Fatalf("messages:\n%s", said)
	}
	if len(c.Devices) != 3 {
		t.Fatalf("%d devices, want 3", len(c.Devices))
	}
	d1, d2 := c.Devices[1], c.Devices[2]
	if d1.Name != "d1" || d1.Modbus.UnitID != 3 || d1.Poll != 5*time.Second || len(d1.Tags) != 2 || d1.Timeout != 200*time.Millisecond ||
		d1.Source.Line != 3 || filepath.Base(d1.Source.File) != "drives.csv" {
		t.Errorf("d1 = %+v", d1)
	}
	if d2.Modbus.UnitID != 4 || d2.Poll != 250*time.Millisecond || len(d2.Tags) != 1 || len(d2.Labels) != 2 ||
		d2.Labels[0].Value != "yard" || d2.Labels[1].Value != "3" || d1.Labels[0].Value != "hall" {
		t.Errorf("d2 = %+v", d2)
	}
	if len(c.Tables) != 1 || len(c.Tables[0].Rows) != 3 {
		t.Errorf("tables = %+v", c.Tables)
	}
}

// Problems are named with the row and column of the table, and those of defaults where these stand.
func TestDeviceTableProblems(t *testing.T) {
	for name, c := range map[string]struct{ config, table, want string }{
		"cells": {"devices: [d.csv]",
			"name,url,unit_id,polll,tags\na,tcp://h,300,1s,m.csv\na,tcp://h,1,,m.csv\n,tcp://h,1,,m.csv\nb,tcp://h,1,,no.csv,x\n",
			`d.csv:1:18: problem: unknown key "polll" in device a: did you mean poll?
d.csv:2:11: problem: unit_id "300": must be from 0 to 255
d.csv:3:1: problem: name "a": another device in line 2 has this name
d.csv:4:1: problem: device without a name
d.csv:5:14: problem: tags "no.csv": cannot be read: no such file or directory
d.csv:5:21: problem: beyond the last column: a text that holds the separator belongs in quotes`},
		"defaults": {"x-device: {defaults: {poll: 1x, tags: [no.csv], slave: 1}}\ndevices: [d.csv]", "name,url\na,tcp://h\nb,tcp://h\n",
			`plant.yaml:1:29: problem: poll "1x": no duration; write it as 500ms, 10s, 5m or 720h
plant.yaml:1:40: problem: tags "no.csv": cannot be read: no such file or directory
plant.yaml:1:49: problem: unknown key "slave" in device a: did you mean unit_id?
plant.yaml:1:49: problem: unknown key "slave" in device b: did you mean unit_id?`},
		"no name":     {"devices: [d.csv]", "nam,url\na,tcp://h\n", "d.csv:1:1: problem: there is no column name: the first row names the columns, such as name,driver,url,unit_id,tags"},
		"twice":       {"devices: [d.csv, ./d.csv]", "name,url,tags\na,tcp://h,m.csv\n", `plant.yaml:1:18: problem: devices "./d.csv": again: a table of devices may be named once`},
		"a column":    {"devices: [d.csv]", "name,url,URL,tags\na,tcp://h,,m.csv\n", `d.csv:1:10: problem: column "url" again: it is there already`},
		"not there":   {"devices: [no.csv]", "", `plant.yaml:1:11: problem: devices "no.csv": cannot be read: no such file or directory`},
		"empty":       {"devices: [d.csv]", "", "d.csv:1:1: problem: the table is empty: its first row names the columns, such as name,driver,url,unit_id,tags"},
		"for nothing": {"x-device: {file: e.csv, defaults: {poll: 1s}}\ndevices: [d.csv]", "name,url,tags\na,tcp://h,m.csv\n", `plant.yaml:1:18: warning: file "e.csv": no entry of devices names this table: its defaults hold for nothing`},
		"across":      {"devices: [{name: a, url: tcp://i, tags: [m.csv]}, d.csv]", "name,url,tags\na,tcp://h,m.csv\n", `d.csv:2:1: problem: name "a": another device in plant.yaml:1 has this name`},
		"a section":   {"devices: [d.csv]", "name,url,tags,tls,tls.ca\na,tls://h,m.csv,x,ca.pem\n", `d.csv:2:17: problem: tls must be a mapping of keys, not a single value`},
		"errors": {"devices: [d.csv]", "name,url,tags\na,#REF!,m.csv\n", `d.csv:2:1: problem: device a has no url
d.csv:2:3: problem: url: #REF!: an error of the spreadsheet's: mend the formula there and save again`},
	} {
		dir := folderWith(t, map[string]string{"plant.yaml": c.config + "\nsinks: [{name: s, type: file, path: \"-\"}]\n", "d.csv": c.table, "m.csv": oneRow})
		if _, said := load(t, dir); said != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, said, c.want)
		}
	}
}

// A workbook may stand wherever a map or a table of devices may; what is wrong with it is named by row and column.
func TestWorkbooks(t *testing.T) {
	dir := folderWith(t, map[string]string{"plant.yaml": `
devices: [book.xlsx]
sinks: [{name: s, type: file, path: "-"}]
`})
	workbookOf(t, filepath.Join(dir, "book.xlsx"), map[string]map[string]any{
		"devices": {"A1": "name", "B1": "url", "C1": "unit_id", "D1": "tags", "A3": "d1", "B3": "tcp://10.0.0.1", "C3": 7, "D3": "book.xlsx#tags|book.xlsx#more"},
		"tags": {"A2": "tag", "B2": "address", "C2": "scale", "D2": "type", "E2": "description",
			"A3": "a", "B3": 40001, "C3": 0.1, "D3": "int16", "E3": "two\nlines", "A4": "b", "B4": "40002"},
		"more": {"A1": "tag", "B1": "address", "C1": "min", "A2": "c", "B2": 40010.5, "A3": "d", "B3": time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC),
			"A4": "e", "B4": "=40000+1", "A5": "f", "B5": "40003", "C5": "1,5"},
	})
	c, said := load(t, dir)
	lines := strings.Split(said, "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[0], `book.xlsx#more:2:2: problem: address "40010.5"`) ||
		lines[1] != `book.xlsx#more:3:2: problem: address "2026-03-04": a date: the spreadsheet made it of what was typed; give the column the format Text and type it again` ||
		lines[2] != `book.xlsx#more:4:2: problem: address: a formula that was never computed: open the workbook in its spreadsheet and save it` ||
		!strings.HasPrefix(lines[3], `book.xlsx#more:5:3: problem: min "1,5"`) {
		t.Errorf("messages:\n%s", said)
	}
	if c == nil || len(c.Devices) != 1 {
		t.Fatalf("no device")
	}
	d := c.Devices[0]
	if d.Modbus.UnitID != 7 || len(d.Tags) != 2 || d.Tags[0].Description != "two lines" || d.Tags[0].Source.Line != 3 {
		t.Errorf("device %+v, tags %+v", d, d.Tags)
	}
	if len(c.Maps) != 1 || filepath.Base(c.Maps[0].File) != "book.xlsx" {
		t.Errorf("maps %+v", c.Maps)
	}
}

func TestMergedAndHidden(t *testing.T) {
	dir := folderWith(t, map[string]string{"plant.yaml": `
devices: [{name: a, url: "tcp://h", tags: [m.xlsx]}]
sinks: [{name: s, type: file, path: "-"}]
`})
	f := excelize.NewFile()
	defer f.Close()
	for at, v := range map[string]any{"A2": "tag", "B2": "address", "A3": "a", "B3": 40001, "A4": "b"} {
		if err := f.SetCellValue("Sheet1", at, v); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range [][2]string{{"D1", "E1"}, {"B3", "B4"}} {
		if err := f.MergeCell("Sheet1", m[0], m[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetRowVisible("Sheet1", 4, false); err != nil {
		t.Fatal(err)
	}
	if err := f.SaveAs(filepath.Join(dir, "m.xlsx")); err != nil {
		t.Fatal(err)
	}
	_, said := load(t, dir)
	for _, want := range []string{"m.xlsx:3:2: problem: merged cells B3:B4: only the first has a value: unmerge them and fill each",
		"m.xlsx:4:1: warning: rows that the spreadsheet hides are read all the same, 1 from here on: delete those that are not meant"} {
		if !strings.Contains(said, want) {
			t.Errorf("messages:\n%s\nwant %s", said, want)
		}
	}
}

func FuzzDeviceTable(f *testing.F) {
	f.Add([]byte("name,url,unit_id,tags,label.a,tls.ca\na,tcp://h,1,m.csv|n.csv,x,ca.pem\n"))
	f.Add([]byte("sep=;\nname;poll;tls;tls.ca;label\n\"a\";1,5s;#REF!;x\n#c\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		files := map[string][]byte{
			"plant.yaml": []byte("x-device: {defaults: {labels: {a: b}, tags: [{tag: x, address: 40001}]}}\ndevices: [d.csv]\nsinks: []\n"),
			"d.csv":      b,
		}
		c, ps := Load("plant.yaml", Options{Getenv: noEnv, Expand: true, Hostname: "host", Files: source.Instead(func(path string) ([]byte, error) {
			if b, ok := files[filepath.Base(path)]; ok {
				return b, nil
			}
			return nil, os.ErrNotExist
		})})
		checkProblems(t, ps)
		if c != nil {
			c.Connections()
			Diff(nil, c)
		}
	})
}
