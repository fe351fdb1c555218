package dump

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
)

func TestParse(t *testing.T) {
	text := "\uFEFF# a meter\r\n1 holding 100 00e7 0102 # two\n\n1 Input 5 00E70102FFFF\n1 coil 7 1 01\n" +
		"1 holding 300-399 exception 2\n2 holding 9 exception 11\n2 coil 5-6 silent\n" +
		"@ 2026-11-29T09:00:00.5+01:00 35ms\n1 holding 101 0103\n"
	got, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := &Dump{Snapshots: []Snapshot{
		{
			Areas: []Area{
				{Unit: 1, Table: mapping.Holding, First: 100, Values: []uint16{0xE7, 0x102}},
				{Unit: 1, Table: mapping.Input, First: 5, Values: []uint16{0xE7, 0x102, 0xFFFF}},
				{Unit: 1, Table: mapping.Coil, First: 7, Values: []uint16{1, 0, 1}},
			},
			Refusals: []Refusal{
				{Unit: 1, Table: mapping.Holding, First: 300, Last: 399, Exception: 2},
				{Unit: 2, Table: mapping.Holding, First: 9, Last: 9, Exception: 11},
				{Unit: 2, Table: mapping.Coil, First: 5, Last: 6},
			},
		},
		{
			Time: time.Date(2026, 11, 29, 8, 0, 0, 5e8, time.UTC), Took: 35 * time.Millisecond,
			Areas: []Area{{Unit: 1, Table: mapping.Holding, First: 101, Values: []uint16{0x103}}},
		},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Parse = %+v, want %+v", got, want)
	}
	if units := got.Units(); !reflect.DeepEqual(units, []int{1, 2}) {
		t.Errorf("Units = %v", units)
	}
}

// TestRegistersGoBack looks for what a snapshot does not name in those before it, and in none after it.
func TestRegistersGoBack(t *testing.T) {
	d, err := Parse([]byte("1 holding 100 0001 0002 0003\n1 holding 101 0009\n@ 2026-11-29T09:00:00Z\n1 holding 102 0007 0008\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		snapshot, unit, first, count int
		want                         []uint16 // nil: not known
	}{
		{0, 1, 100, 3, []uint16{1, 9, 3}},
		{1, 1, 100, 4, []uint16{1, 9, 7, 8}},
		{0, 1, 100, 4, nil},
		{1, 2, 100, 1, nil},
	} {
		got, ok := d.Registers(c.snapshot, c.unit, mapping.Holding, c.first, c.count)
		if ok != (c.want != nil) || ok && !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: %v, %v", c, got, ok)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "no registers in it"},
		{"# nothing\n1 holding 0 exception 2", "no registers in it"},
		{"1 holding", "line 1: want UNIT TABLE ADDRESS HEX…"},
		{"\n1 holding 0 00E", `line 2: "00E": want registers of four hexadecimal digits each`},
		{"1 holding 0 00G7", "want registers of four"},
		{"1 coil 0 12", "want a 0 or 1 for each bit"},
		{"256 holding 0 0000", `unit "256": want 0 to 255`},
		{"-1 holding 0 0000", `unit "-1"`},
		{"1 holdings 0 0000", `table "holdings": want coil`},
		{"1 holding 65536 0000", `address "65536": want 0 to 65535`},
		{"1 holding 65535 00000000", "2 values from 65535 on go past 65535"},
		{"1 holding 5-6 0000 0000", "a range before values"},
		{"1 holding 9-5 exception 2", "the last is before the first"},
		{"1 holding 9 exception 0", "want 1 to 255"},
		{"1 holding 9 silent 2", "want exception and its number, or silent"},
		{"1 holding 9 exception", "want exception and its number"},
		{"@", "want @ TIME"},
		{"@ noon", `time "noon"`},
		{"@ 0001-01-01T00:00:00Z\n1 holding 0 0000", `time "0001-01-01T00:00:00Z"`},
		{"@ 1970-01-01T00:00:00+05:00\n1 holding 0 0000", `time "1970-`},
		{"@ 9999-12-31T23:00:00-05:00\n1 holding 0 0000", `time "9999-`},
		{"@ 2026-11-29T09:00:00Z -1s", "how long an answer took"},
		{"@ 2026-11-29T09:00:00Z\n@ 2026-11-29T08:00:00Z", "line 2: 2026-11-29T08:00:00Z is before"},
		{"1 coil 0 " + strings.Repeat("1", 65537), "more values than a table has"},
	} {
		if _, err := Parse([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Parse(%.40q) = %v, want %q in it", c.text, err, c.want)
		}
	}
}

// FuzzParse has what was read written and read again.
func FuzzParse(f *testing.F) {
	f.Add([]byte("1 holding 100 00E7 0102\n"))
	f.Add([]byte("# c\n@ 2026-11-29T09:00:00.5Z 35ms\n1 coil 7 1 01\n1 holding 300-399 exception 2\n@2026-11-29T09:00:01Z\n0 input 0 FFFF"))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(Append(nil, d))
		if err != nil {
			t.Fatalf("what was written is not read: %v", err)
		}
		if len(d.Snapshots) != len(again.Snapshots) {
			t.Fatalf("%d snapshots became %d", len(d.Snapshots), len(again.Snapshots))
		}
		for _, a := range d.Snapshots[len(d.Snapshots)-1].Areas {
			last := len(d.Snapshots) - 1
			was, ok := d.Registers(last, a.Unit, a.Table, a.First, len(a.Values))
			is, same := again.Registers(last, a.Unit, a.Table, a.First, len(a.Values))
			if !ok || !same || !reflect.DeepEqual(was, is) {
				t.Fatalf("%+v became %v", a, is)
			}
		}
		for i := range d.Snapshots {
			if !reflect.DeepEqual(d.Snapshots[i].Refusals, again.Snapshots[i].Refusals) {
				t.Fatalf("refusals %v became %v", d.Snapshots[i].Refusals, again.Snapshots[i].Refusals)
			}
		}
	})
}
