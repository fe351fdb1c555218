package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"tagbridge/mapping"
	"tagbridge/testrig"
	"tagbridge/testrig/plc"
)

// wirePlant is a device whose manual prints numbers of the wire, with %s its address.
const wirePlant = `bridge: {http: ""}
devices:
  - {name: meter, driver: modbus, url: "tcp://%s", retries: 0, addresses: wire, tags: [m.csv]}
  - {name: probe, driver: modbus, url: "tcp://%s", unit_id: 2, retries: 0, function: 4, addresses: wire, tags: [m.csv]}
  - {name: plain, driver: modbus, url: "tcp://%s", unit_id: 3, retries: 0, tags: [{tag: p, address: 40001}]}
sinks:
  - {name: s, type: file, path: "-"}
`

const wireMap = "tag,address,type,scale_by\npower,45100,int16,45101\nstate,0xB02E.b3,bool,\nfirst,0,uint16,\nplain,holding:45103,uint16,\n"

func wireServer(t *testing.T) *plc.Server {
	t.Helper()
	units := map[int]*plc.Unit{}
	for id, table := range map[int]mapping.Table{1: mapping.Holding, 2: mapping.Input, 3: mapping.Holding} {
		units[id] = plc.NewUnit(plc.UnitOptions{})
		for first, words := range map[int][]uint16{45100: {231, 0xFFFF, 8, 77}, 0: {9}} {
			if err := units[id].Set(table, first, words...); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := units[2].Set(mapping.Holding, 45103, 77); err != nil {
		t.Fatal(err)
	}
	if err := units[2].Set(mapping.Input, 45103-40001, 78); err != nil {
		t.Fatal(err)
	}
	return testrig.Modbus(t, "tcp", plc.ServerOptions{Units: units})
}

// TestAddressesOfTheWire takes numbers of the wire through check, plan, check --online, read and probe.
func TestAddressesOfTheWire(t *testing.T) {
	at := wireServer(t).Addr()
	dir := folder(t, map[string]string{"plant.yaml": fmt.Sprintf(wirePlant, at, at, at), "m.csv": wireMap})
	config := filepath.Join(dir, "plant.yaml")
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"check", config}, nil},
		{[]string{"plan", config}, []string{"meter   1     3 holding  45100 (445101)  4", "probe   2     4 input    0 (30001)", "plain   3     3 holding  0               1"}},
		{[]string{"plan", config, "--json"}, []string{`"modicon": "445101"`, `"modicon": "40001"`}},
		{[]string{"check", config, "--online"}, []string{
			"meter/power  23.1  Good  holding:45100 (445101)", "meter/state  true  Good  holding:45102.b3 (445103.b3)",
			"probe/power  23.1  Good  input:45100 (345101)", "plain/p      9     Good",
		}},
		{[]string{"read", config + "#meter", "45100,int16", "45102-45103", "40001"}, []string{"45100,int16  231", "45103        77", "illegal data address (exception 2): unit 1, function 3, holding 40001; is the address right? If the manual's 40001 is a Modicon number, write holding:0"}},
		{[]string{"read", config + "#probe", "0xB02C-0xB02D"}, []string{"input:45100  231"}},
		{[]string{"probe", config + "#probe", "45100-45103", "--shows", "231"}, []string{"input:45100"}},
	} {
		_, out, complaints := typed(t, "", c.args...)
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s: want %q in\n%s%s", c.args[0], want, out, complaints)
			}
		}
	}
}

// TestRefusedReadingsAreTried names the wire reading of a Modicon number and the other way round; where no reading is answered,
// none is named.
func TestRefusedReadingsAreTried(t *testing.T) {
	at := wireServer(t).Addr()
	for _, c := range []struct{ keys, tag, want, not string }{
		{"", "45104", "d/t: holding:45104", "is answered"},
		{"", "45103", "d/t: holding:45103 is answered, and holds [004d]: is 45103 the number on the wire? Then write holding:45103, or give the device addresses: wire", ""},
		{"unit_id: 2, function: 4, addresses: wire, ", "45100", "", "is answered"},
		{"unit_id: 2, addresses: wire, ", "35100", "", "is answered"},
		{"addresses: wire, ", "40001", "d/t: holding:0 is answered, and holds [0009]: is 40001 a Modicon number? Then write holding:0, or take addresses: wire away", ""},
		{"", "holding:40001", "is 40001 a Modicon number? Then write holding:0\n", ""},
	} {
		dir := folder(t, map[string]string{"plant.yaml": fmt.Sprintf("bridge: {http: \"\"}\ndevices:\n  - {name: d, url: tcp://%s, driver: modbus, retries: 0, %stags: [{tag: t, address: %q}]}\n"+
			"sinks: [{name: s, type: file, path: \"-\"}]\n", at, c.keys, c.tag)})
		_, out, complaints := typed(t, "", "check", filepath.Join(dir, "plant.yaml"), "--online")
		if c.not != "" && strings.Contains(out, c.not) || c.not == "" && !strings.Contains(out, c.want) {
			t.Errorf("%s%s: want %q, not %q in\n%s%s", c.keys, c.tag, c.want, c.not, out, complaints)
		}
	}
}

// TestWireInTables takes the key through tables, workbooks, the simulator's configuration and diff.
func TestWireInTables(t *testing.T) {
	at := wireServer(t).Addr()
	dir := folder(t, map[string]string{
		"m.csv":      wireMap,
		"d.csv":      fmt.Sprintf("name,url,unit_id,retries,function,addresses,tags\nmeter,tcp://%s,1,0,,wire,m.csv\nprobe,tcp://%s,2,0,4,WIRE,m.xlsx\n", at, at),
		"plant.yaml": "bridge: {http: \"\"}\ndevices: [d.csv]\nsinks: [{name: s, type: file, path: \"-\"}]\n",
		"book.yaml":  "bridge: {http: \"\"}\ndevices: [d.xlsx]\nsinks: [{name: s, type: file, path: \"-\"}]\n",
		"modicon.yaml": fmt.Sprintf("bridge: {http: \"\"}\ndevices:\n  - {name: meter, driver: modbus, url: tcp://%s, unit_id: 1, retries: 0, tags: [{tag: power, address: 45100}]}\n"+
			"sinks: [{name: s, type: file, path: \"-\"}]\n", at),
		"wire.yaml": fmt.Sprintf("bridge: {http: \"\"}\ndevices:\n  - {name: meter, driver: modbus, url: tcp://%s, unit_id: 1, retries: 0, addresses: wire, tags: [{tag: power, address: 45100}]}\n"+
			"sinks: [{name: s, type: file, path: \"-\"}]\n", at),
	})
	in := func(name string) string { return filepath.Join(dir, name) }
	if status, out, complaints := typed(t, "", "export", in("m.csv"), "--to", "xlsx", "--out", in("m.xlsx")); status != 0 {
		t.Fatalf("export: %s%s", out, complaints)
	}
	book := excelize.NewFile()
	for i, row := range [][]any{{"name", "url", "unit_id", "retries", "function", "addresses", "tags"},
		{"meter", "tcp://" + at, 1, 0, nil, "wire", "m.csv"}, {"probe", "tcp://" + at, 2, 0, 4, "wire", "d.xlsx#tags"}} {
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := book.NewSheet("tags"); err != nil {
		t.Fatal(err)
	}
	for i, row := range [][]any{{"tag", "address", "type", "scale_by"}, {"power", 45100, "int16", 45101}, {"first", 0, "uint16", nil}} { // numbers, as people type them
		if err := book.SetSheetRow("tags", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.SaveAs(in("d.xlsx")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"plant.yaml", "book.yaml"} {
		_, out, complaints := typed(t, "", "check", in(name), "--online")
		for _, want := range []string{"meter/power  23.1  Good", "probe/power  23.1  Good", "input:45100 (345101)"} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: want %q in\n%s%s", name, want, out, complaints)
			}
		}
	}
	if status, out, complaints := typed(t, "", "export", in("m.xlsx")); status != 0 || !strings.Contains(out, "power,45100,int16,45101") || !strings.Contains(out, "state,0xB02E.b3,bool") {
		t.Errorf("export of the workbook:\n%s%s", out, complaints)
	}
	if _, out, complaints := typed(t, "", "diff", in("modicon.yaml"), in("wire.yaml")); !strings.Contains(out, "addresses modicon -> wire") || !strings.Contains(out, "holding:5099") || !strings.Contains(out, "holding:45100") {
		t.Errorf("diff:\n%s%s", out, complaints)
	}
}
