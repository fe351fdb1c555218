package main

import (
	"encoding/csv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping/sunspec"
)

// sunspecRows are the rows of the map that the verb prints, by tag.
func sunspecRows(t *testing.T, args ...string) (rows map[string]sunspec.Row, notes string) {
	t.Helper()
	status, out, notes := typed(t, "", append([]string{"sunspec"}, append(args, "--yaml")...)...)
	if status != exitOK {
		t.Fatalf("status %d: %s", status, notes)
	}
	var list []sunspec.Row
	if err := yaml.Unmarshal([]byte(out), &list); err != nil {
		t.Fatal(err)
	}
	rows = map[string]sunspec.Row{}
	for _, r := range list {
		if _, twice := rows[r.Tag]; twice {
			t.Errorf("tag %s twice", r.Tag)
		}
		rows[r.Tag] = r
	}
	return rows, notes
}

// SMA's inverters give values whole only and have no end model, and are unit 126.
func TestSunspecOfSMA(t *testing.T) {
	p := newSunspecPeer(t, 40000)
	p.whole = true
	p.model(sunspec.ModelOf(1), -1, nil)
	p.put(64999, 3, 1, 2, 3)
	p.model(sunspec.ModelOf(103), -1, map[string]float64{"W": 15000, "W_SF": -1, "VA": -32768})
	p.model(sunspec.ModelOf(120), -1, nil)
	rows, notes := sunspecRows(t, p.serve(126))
	for _, want := range []string{"no end model", "unit 126 has: set unit_id: 126", "model 64999"} {
		if !strings.Contains(notes, want) {
			t.Errorf("it is not said %q: %s", want, notes)
		}
	}
	w, va := rows["inverter/W"], rows["inverter/VA"]
	if w.ScaleBy == "" || w.Type != "int16" || w.Invalid != "0x8000" || w.Unit != "W" || w.Enabled != "" {
		t.Errorf("W: %+v", w)
	}
	if va.Enabled != "false" {
		t.Errorf("VA, which is not there: %+v", va)
	}
	for _, tag := range []string{"common/SN", "inverter/Evt1", "inverter/Evt1/GROUND_FAULT", "inverter/St", "nameplate/WRtg"} {
		if r := rows[tag]; r.Address == "" || r.Enabled != "" {
			t.Errorf("%s: %+v", tag, r)
		}
	}
}

// SAX says that its model 1 has 15 registers.
func TestSunspecWithAShortCommonModel(t *testing.T) {
	p := newSunspecPeer(t, 40000)
	p.model(sunspec.ModelOf(1), 15, nil)
	p.model(sunspec.ModelOf(103), -1, nil)
	p.end()
	rows, notes := sunspecRows(t, p.serve(1))
	if r := rows["inverter/W"]; r.Address != "holding:40033" { // 40002+2+15, model 103, its 13th register after the length
		t.Errorf("W: %+v", r)
	}
	if !strings.Contains(notes, "15 registers") {
		t.Errorf("it is not said that model 1 is short: %s", notes)
	}
}

func TestSunspecPowerFactors(t *testing.T) {
	for _, c := range []struct {
		model  int
		value  float64
		sf     float64
		unit   string
		remark bool
	}{
		{103, 9990, -2, "%", false},
		{103, -999, -3, "cosφ", true},
		{113, 99.5, 0, "%", false},
		{113, 0.995, 0, "cosφ", true},
		{213, 99.5, 0, "%", true},
		{213, -0.995, 0, "cosφ", false},
		{103, 0, -2, "%", false},
	} {
		p := newSunspecPeer(t, 0)
		p.model(sunspec.ModelOf(c.model), -1, map[string]float64{"PF": c.value, "PF_SF": c.sf})
		p.end()
		rows, notes := sunspecRows(t, p.serve(1))
		name := "inverter/PF"
		if c.model > 200 {
			name = "meter/PF"
		}
		if r := rows[name]; r.Unit != c.unit || strings.Contains(notes, name+" is") != c.remark {
			t.Errorf("model %d, PF %v: %+v, notes %s", c.model, c.value, r, notes)
		}
	}
}

func TestSunspecPrefersFloats(t *testing.T) {
	p := newSunspecPeer(t, 50000)
	p.model(sunspec.ModelOf(1), -1, nil)
	p.model(sunspec.ModelOf(103), -1, nil)
	p.model(sunspec.ModelOf(113), -1, nil)
	p.model(sunspec.ModelOf(203), -1, nil)
	p.model(sunspec.ModelOf(203), -1, nil)
	p.end()
	rows, notes := sunspecRows(t, p.serve(1))
	if r := rows["inverter/W"]; r.Type != "float32" || r.ScaleBy != "" {
		t.Errorf("W: %+v", r)
	}
	if !strings.Contains(notes, "model 103 is left out") {
		t.Errorf("notes: %s", notes)
	}
	if a, b := rows["meter/W"], rows["meter_2/W"]; a.Address == "" || b.Address == "" || a.Address == b.Address {
		t.Errorf("the two meters: %+v, %+v", a, b)
	}
}

func TestSunspecElsewhere(t *testing.T) {
	p := newSunspecPeer(t, 1000)
	p.model(sunspec.ModelOf(101), -1, nil)
	p.end()
	url := p.serve(3)
	status, out, complaints := typed(t, "", "sunspec", url, "--unit-id", "3")
	if status != exitFailed || out != "" || !strings.Contains(complaints, "no SunSpec marker at holding 40000, 0 or 50000") {
		t.Errorf("status %d, %q, %s", status, out, complaints)
	}
	status, out, complaints = typed(t, "", "sunspec", url, "--unit-id", "3", "--base", "1000")
	if status != exitOK || !strings.Contains(out, "model 101, holding 1002-1053: Inverter (Single Phase)") || !strings.Contains(out, "OFF") {
		t.Errorf("status %d, %q, %s", status, out, complaints)
	}
	status, out, complaints = typed(t, "", "sunspec", url, "--unit-id", "3", "--base", "1000", "--csv")
	records, err := csv.NewReader(strings.NewReader(out[strings.Index(out, "\n")+1:])).ReadAll()
	if status != exitOK || !strings.HasPrefix(out, "# SunSpec from holding 1000 on; models 101 at 1002") || err != nil || len(records) < 40 {
		t.Errorf("status %d, %d rows, %v, %q %s", status, len(records), err, out[:80], complaints)
	}
}

func TestSunspecAsksNobody(t *testing.T) {
	for _, c := range []struct{ target, want string }{
		{"opc.tcp://127.0.0.1:1", "no Modbus device"},
		{"tcp://127.0.0.1:1", "connect to tcp://127.0.0.1:1"},
	} {
		status, _, complaints := typed(t, "", "sunspec", c.target)
		if status != exitFailed || !strings.Contains(complaints, c.want) {
			t.Errorf("%s: status %d, %s", c.target, status, complaints)
		}
	}
}
