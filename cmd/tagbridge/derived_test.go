package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/mapping"
	"tagbridge/testrig"
	"tagbridge/testrig/plc"
)

// derivedPlant is a configuration of a PLC whose registers are 10, 20 and 30, and of devices that are computed from it.
func derivedPlant(t *testing.T) string {
	t.Helper()
	unit := plc.NewUnit(plc.UnitOptions{Seed: 1})
	unit.Freeze()
	if err := unit.Set(mapping.Holding, 0, 10, 20, 30); err != nil {
		t.Fatal(err)
	}
	s := testrig.Modbus(t, "tcp", plc.ServerOptions{Units: map[int]*plc.Unit{1: unit}, Silent: true})
	file := filepath.Join(t.TempDir(), "plant.yaml")
	text := fmt.Sprintf(`
bridge: {name: test, data_dir: data}
devices:
  - {name: late, driver: derived, mode: change, tags: [{tag: last, expr: calc/twice + plc/c}]}
  - {name: calc, driver: derived, of: plc, poll: 5s, tags: [{tag: sum, expr: a + b}, {tag: twice, expr: calc/sum * 2}]}
  - name: plc
    url: tcp://%s
    tags: [{tag: a, address: "holding:0"}, {tag: b, address: "holding:1"}, {tag: c, address: "holding:2"}, {tag: own, expr: a * b}]
sinks: [{name: out, type: file, path: "-"}]
`, s.Addr())
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestDerivedOnTheDesk reads, checks and plans devices that are computed, which come before their inputs in the file.
func TestDerivedOnTheDesk(t *testing.T) {
	file := derivedPlant(t)
	for _, c := range []struct{ args, want []string }{
		{[]string{"read", file + "#calc", "twice"}, []string{"twice", "60.0", "Good"}},
		{[]string{"read", file + "#late", "last"}, []string{"last", "90.0", "Good"}},
		{[]string{"check", file, "--online"}, []string{"plc/own", "200.0", "calc/sum", "30.0", "calc/twice", "60.0", "late/last", "90.0"}},
		{[]string{"plan", file}, []string{"calc: computes 2 tags of plc/a, plc/b every 5s",
			"late: computes 1 tag of calc/twice, plc/c whenever one of them was read"}},
	} {
		status, out, complaints := typed(t, "", c.args...)
		if status != 0 {
			t.Errorf("%v: %d, %s%s", c.args, status, out, complaints)
		}
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%v: no %q in\n%s", c.args, want, out)
			}
		}
	}
	if status, _, complaints := typed(t, "", "read", file+"#calc", "40001"); status != 1 || !strings.Contains(complaints, "is computed from other devices") {
		t.Errorf("an address of what is computed: %d, %s", status, complaints)
	}
}
