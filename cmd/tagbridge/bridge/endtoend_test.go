package bridge

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/testrig/influxd"
	"tagbridge/testrig/plc"
)

// everyType is a map of every type × order × table, with bits, bytes, strings and scaling.
func everyType() string {
	var b strings.Builder
	b.WriteString("tag,address,type,order,scale,offset,enum,min,max\n")
	row := func(tag, address, rest string) { fmt.Fprintf(&b, "%s,%s,%s\n", tag, address, rest) }
	for _, table := range []string{"holding", "input"} {
		at := 0
		for _, typ := range []string{"int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16",
			"float32", "float64", "string:7", "bcd16", "bcd32", "bool"} {
			for _, order := range []string{"ABCD", "CDAB", "BADC", "DCBA"} {
				t, n, err := mapping.ParseType(typ)
				if err != nil {
					panic(err)
				}
				size := max(t.Registers(), (n+1)/2)
				row(fmt.Sprintf("%s/%s/%s", table, strings.TrimSuffix(typ, ":7"), order), fmt.Sprintf("%s:%d", table, at), typ+","+order+",,,,,")
				at += size
			}
		}
		row(table+"/scaled", table+":"+strconv.Itoa(at), "int16,,0.1,-40,,,")
		row(table+"/enum", table+":"+strconv.Itoa(at+1), "uint16,,,,0=off|1=on|2=tripped,,")
		row(table+"/word", table+":"+strconv.Itoa(at+2), "uint16,,,,,,")
		for bit := range 16 {
			row(fmt.Sprintf("%s/word/%d", table, bit), fmt.Sprintf("%s:%d.b%d", table, at+2, bit), ",,,,,,")
		}
		row(table+"/hi", fmt.Sprintf("%s:%d.hi", table, at+3), "uint8,,,,,,")
		row(table+"/lo", fmt.Sprintf("%s:%d.lo", table, at+3), "int8,BADC,,,,,")
	}
	for n := range 20 {
		row("coil/"+strconv.Itoa(n), "coil:"+strconv.Itoa(3*n), ",,,,,,")
		row("discrete/"+strconv.Itoa(n), "discrete:"+strconv.Itoa(100+n), ",,,,,,")
	}
	return b.String()
}

// TestEveryTypeEndToEnd reads every tag of every type and order from a PLC that encodes by itself, and finds the values
// in the database; then the engineer edits the map and finds the new scaling there.
func TestEveryTypeEndToEnd(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", everyType())
	r.plant("192.0.2.1:502", "")
	device := &r.load().Devices[0]
	unit, addr := r.serve(device)
	r.plant(addr, "")
	b := r.run()
	r.wantAll(device, unit)
	b.stop()

	r.write("tags.csv", strings.Replace(everyType(), "int16,,0.1,-40", "int16,,0.25,100", 1))
	device = &r.load().Devices[0]
	r.influx.Forget()
	r.run()
	r.wantAll(device, unit)
}

// wantAll waits until every tag was delivered, and wants each as the PLC holds it.
func (r *rig) wantAll(d *config.Device, unit *plc.Unit) {
	r.t.Helper()
	got := map[string]any{}
	r.wait("all tags", func(points []influxd.Point) bool {
		for i := range points {
			for _, f := range points[i].Fields {
				if points[i].Measurement == d.Name {
					got[f.Name] = f.Value
				}
			}
		}
		for _, t := range d.Tags {
			if got[t.Name] == nil && !unit.Expected(t).Quality.IsBad() {
				return false
			}
		}
		return true
	})
	for _, t := range d.Tags {
		want := unit.Expected(t)
		if text := fieldText(got[t.Name]); text != want.Text && !sameNumber(got[t.Name], want) {
			r.t.Errorf("%s = %s, want %s (%v)", t.Name, text, want.Text, want.Quality)
		}
	}
}

func fieldText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return fmt.Sprint(v)
}

// sameNumber compares a float field exactly.
func sameNumber(v any, want plc.Value) bool {
	f, ok := v.(float64)
	return ok && (want.Kind == plc.Float || want.Kind == plc.Integer) && f == want.Number
}
