package main

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/mapping"
	"tagbridge/testrig"
	"tagbridge/testrig/plc"
)

// TestCheckOnlineProposes names the wire reading that is answered, the order that is plausible and the unit that is there.
func TestCheckOnlineProposes(t *testing.T) {
	unit := plc.NewUnit(plc.UnitOptions{})
	bits := math.Float32bits(23.1)
	for first, words := range map[int][]uint16{32080 - 30000: nil, 40100: {0x00E7}, 10: {uint16(bits), uint16(bits >> 16)}} {
		if words != nil {
			if err := unit.Set(mapping.Holding, first, words...); err != nil {
				t.Fatal(err)
			}
		}
	}
	server := testrig.Modbus(t, "tcp", plc.ServerOptions{Units: map[int]*plc.Unit{255: unit}})
	check := func(id int, rows string) string {
		t.Helper()
		dir := folder(t, map[string]string{
			"plant.yaml": fmt.Sprintf("devices:\n  - {name: meter, driver: modbus, url: tcp://%s, unit_id: %d, timeout: 1s, retries: 0, tags: [m.csv]}\n"+
				"sinks:\n  - {name: s, type: file, path: \"-\"}\n", server.Addr(), id),
			"m.csv": rows,
		})
		_, out, complaints := typed(t, "", "check", filepath.Join(dir, "plant.yaml"), "--online")
		return out + complaints
	}
	for _, c := range []struct {
		id         int
		rows, want string
	}{
		{255, "tag,address,type\np,40100,uint16\n", "meter/p: holding:40100 is answered, and holds [00e7]: is 40100 the number on the wire?"},
		{255, "tag,address,type,min,max\nt,holding:10,float32,0,100\n", "Within them: float32 CDAB gives 23.1"},
		{7, "tag,address,type\nt,holding:10,uint16\n", "meter: unit 7 does not answer, and unit 255 does: is it unit_id: 255? (tried 1, 255)"},
	} {
		if got := check(c.id, c.rows); !strings.Contains(got, c.want) {
			t.Errorf("want %q in\n%s", c.want, got)
		}
	}
	if got := check(255, "tag,address,type\np,49000,uint16\n"); strings.Contains(got, "is answered") {
		t.Errorf("nothing is there:\n%s", got)
	}
}
