package sunspec

import (
	"strings"
	"testing"

	"tagbridge/mapping/tagmap"
)

// all is a device with one of each model that is known, every value there.
func all(t *testing.T) *Device {
	f := newFake(t)
	at := f.begin(0)
	for id := range 1000 {
		if m := ModelOf(id); m != nil {
			at = f.model(at, id, m.registers()+40, map[int]uint16{})
		}
	}
	f.put(at, endID, 0)
	return f.walk(Options{Bases: []int{0}})
}

// Each row makes a tag, as check has it, and no name is there twice.
func TestRowsMakeTags(t *testing.T) {
	rows, remarks := all(t).Rows(0)
	if len(rows) < 1000 {
		t.Fatalf("%d rows", len(rows))
	}
	seen := map[string]bool{}
	for _, r := range rows {
		if seen[r.Tag] {
			t.Errorf("%s twice", r.Tag)
		}
		seen[r.Tag] = true
		cells := map[string]string{}
		for i, c := range r.Cells() {
			if c != "" {
				cells[Columns[i]] = c
			}
		}
		if _, err := tagmap.Tag(tagmap.Defaults{Driver: "modbus"}, cells); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
	}
	for _, want := range []string{"inverter/W", "inverter_2/W", "meter_4/TotWhExp", "mppt/module/1/DCW", "DERVoltVar/Crv/1/Pt/1/V", "battery/SoC", "battery/Evt1/FAN_ERROR"} {
		if !seen[want] {
			t.Errorf("no row %s", want)
		}
	}
	if len(remarks) == 0 || !strings.Contains(remarks[0], "left out") {
		t.Errorf("remarks %q", remarks)
	}
}

// Bit N of two registers is in the second one when N is below 16.
func TestRowsOfBits(t *testing.T) {
	f := newFake(t)
	f.put(f.model(f.begin(0), 802, 62, nil), endID, 0)
	rows, _ := f.walk(Options{}).Rows(0)
	at := map[string]string{}
	for _, r := range rows {
		at[r.Tag] = r.Address
	}
	for tag, want := range map[string]string{
		"battery/Evt1":                       "holding:28",
		"battery/Evt1/COMMUNICATION_ERROR":   "holding:29.b0",
		"battery/Evt1/OVER_SOC_MAX_ALARM":    "holding:29.b15",
		"battery/Evt1/OVER_SOC_MAX_WARNING":  "holding:28.b0",
		"battery/Evt1/CONFIGURATION_WARNING": "holding:28.b13",
	} {
		if at[tag] != want {
			t.Errorf("%s is %s, want %s", tag, at[tag], want)
		}
	}
}

// An exponent that is too far away for one request costs the values that need it, and it is said.
func TestRowsFarFromTheirExponent(t *testing.T) {
	f := newFake(t)
	f.put(f.model(f.begin(0), 160, 8+10*20, map[int]uint16{6: 10}), endID, 0)
	rows, remarks := f.walk(Options{}).Rows(0)
	last := ""
	for _, r := range rows {
		if strings.HasSuffix(r.Tag, "/DCWH") {
			last = r.Tag
		}
	}
	if last != "mppt/module/6/DCWH" && last != "mppt/module/5/DCWH" || !strings.Contains(strings.Join(remarks, "\n"), "do not fit into one request") {
		t.Errorf("last %s, remarks %q", last, remarks)
	}
}

func TestRowsOfWhatIsNotThere(t *testing.T) {
	f := newFake(t)
	// A, which is mandatory, and AphB, which is not, have none; its exponent is no exponent.
	f.put(f.model(f.begin(0), 101, 50, map[int]uint16{0: 0xFFFF, 2: 0xFFFF, 4: 0x8000}), endID, 0)
	d := f.walk(Options{})
	rows, remarks := d.Rows(0)
	enabled := map[string]string{}
	for _, r := range rows {
		enabled[r.Tag] = r.Enabled
	}
	if enabled["inverter/A"] != "" || enabled["inverter/AphB"] != "false" || enabled["inverter/W"] != "" {
		t.Errorf("enabled: %v", enabled)
	}
	if !strings.Contains(strings.Join(remarks, "\n"), "1 values that the device says it does not have") {
		t.Errorf("remarks %q", remarks)
	}
	for name, want := range map[string]string{"A": "-", "AphA": "- (no exponent)", "W": "10", "St": "OFF", "Evt1": "GROUND_FAULT, bit 16"} {
		if got := d.find(t, 101, name).Show(); got != want {
			t.Errorf("%s shows %q, want %q", name, got, want)
		}
	}
}
