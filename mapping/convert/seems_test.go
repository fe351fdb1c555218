package convert

import (
	"strings"
	"testing"
)

func TestSeems(t *testing.T) {
	for text, want := range map[string]string{
		"PK\x03\x04rest":         "workbook",
		"\xd0\xcf\x11\xe0":       "before 2007",
		"%PDF-1.7":               "PDF",
		"<?xml version='1.0'?>":  "XML",
		"<UANodeSet xmlns='x'/>": "browse",
		"_address\tname\tdescription\tunit\ttype\tlen\tfactor\toffset\n40001\ta\n":                     "ioBroker",
		"name: d\ndeviceResources:\n  - name: a\n    attributes: {primaryTable: COILS}\n":              "EdgeX",
		`{"device_type": "x", "device": {"channels": [{"reg_type": "input", "address": 1}]}}`:          "wb-mqtt-serial",
		"group,interval,name,address,attribute,type,description,decimal\ng,1000,a,1!400001,Read,int16": "Neuron",
		"bridge: {}\ndevices: []\nsinks: []\n":                                                         "configuration of tagbridge",
		"modbus:\n  - name: hub\n    type: tcp\n":                                                      "Home Assistant",
		"[agent]\n[[outputs.file]]\n":                                                                  "without inputs.modbus",
		"tag;address;type\na;40001;\n":                                                                 "tag map already",
		"{}":                                                                                           "JSON",
	} {
		if got := Seems([]byte(text)); !strings.Contains(got, want) {
			t.Errorf("%.40q seems %q, want %q", text, got, want)
		}
	}
	if got := Seems([]byte("nothing of the kind")); got != "" {
		t.Errorf("plain words seem %q", got)
	}
}

func FuzzSeems(f *testing.F) {
	f.Add([]byte("_address\tname\n40001\ta\n"))
	f.Add([]byte("modbus:\n  - name: hub\n    type: tcp\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if s := Seems(content); strings.Contains(s, "\n") {
			t.Errorf("several lines: %q", s)
		}
	})
}

func TestKepwareHexAndArrays(t *testing.T) {
	r, err := Kepware("k.csv", []byte("Tag Name,Address,Data Type\nbit,H402102.3,Boolean\nword,H40001,Word\nlist,400010 [3],Float Array\n"+
		"flags,000001[2],Boolean\ngrid,400001 [2][2],Word\nmany,400001[99999],Word\nzero,H40000,Word\n"), "tcp://h:1")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, d := range r.devices {
		for _, row := range d.tags {
			got[row["tag"]] = row["address"] + " " + row["type"]
		}
	}
	for name, want := range map[string]string{"bit": "holding:8449.b3 bool", "word": "holding:0 uint16", "list/0": "holding:9 float32",
		"list/2": "holding:13 float32", "flags/1": "coil:1 bool", "grid/1/1": "holding:3 uint16"} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	said := ""
	for _, v := range r.Verdicts {
		if !v.Taken {
			said += v.String() + "\n"
		}
	}
	if !strings.Contains(said, "many: not taken") || !strings.Contains(said, "zero: not taken") {
		t.Errorf("refused: %s", said)
	}
}
