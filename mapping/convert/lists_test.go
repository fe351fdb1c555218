package convert

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"tagbridge/mapping/config"
)

// rowsOf loads what came out and has each tag on a line: device/tag address type order scale offset scale_by poll enabled.
func rowsOf(t *testing.T, r *Result) (map[string]string, *config.Config) {
	t.Helper()
	_, c, problems := loaded(t, r)
	if problems.HasProblems() {
		t.Fatal(problems.Err())
	}
	got := map[string]string{}
	for _, d := range r.devices {
		for _, row := range d.tags {
			var cells []string
			for _, column := range []string{"address", "type", "order", "scale", "offset", "scale_by", "invalid", "poll", "enum", "enabled"} {
				if row[column] != "" {
					cells = append(cells, column+"="+row[column])
				}
			}
			got[d.name+"/"+row["tag"]] = strings.Join(cells, " ")
		}
	}
	return got, c
}

func refusals(r *Result) string {
	var out []string
	for _, v := range r.Verdicts {
		if !v.Taken {
			out = append(out, v.String())
		}
	}
	return strings.Join(out, "\n")
}

func same(t *testing.T, got, want map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			t.Errorf("%s: %q, want %q", name, got[name], want[name])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d tags, want %d: %v", len(got), len(want), slices.Sorted(maps.Keys(got)))
	}
}

const iobrokerHead = "_address\tdeviceId\tname\tdescription\tunit\ttype\tlen\tfactor\toffset\tformula\trole\troom\tpoll\twp\tcw\tisScale\n"

func TestIoBroker(t *testing.T) {
	var list strings.Builder
	list.WriteString(iobrokerHead)
	row := func(address int, unit, name, typ string, length int, factor, offset, formula, poll string) {
		fmt.Fprintf(&list, "%d\t%s\t%s\ttext\tV\t%s\t%d\t%s\t%s\t%s\tvalue\t\t%s\tfalse\tfalse\tfalse\n", address, unit, name, typ, length, factor, offset, formula, poll)
	}
	row(40001, "1", "U", "uint16be", 1, "0,1", "0", "", "true")
	row(40002, "1", "T", "int32sw", 2, "0.01", "-40", "", "true")
	row(40004, "1", "E", "uint64le", 4, "0", "0", "", "true")
	row(40008, "1", "F", "floatsb", 2, "1", "0", "", "true")
	row(40010, "1", "L", "uint8le", 1, "1", "0", "", "true")
	row(40011, "1", "S", "stringle", 8, "1", "0", "", "true")
	row(40019, "2", "off", "int16be", 1, "1", "0", "", "false")
	row(40070, "1", "W", "int16be", 1, "1", "0", "x * Math.pow(10, sf['40075'])", "true")
	row(40071, "1", "Wh", "uint32be", 2, "5", "7", "x*Math.pow(10,sf[\"40076\"] - 3) * 2", "true")
	row(40073, "1", "half", "int16be", 1, "5", "7", "(x / 50)", "true")
	row(40074, "1", "milli", "int16be", 1, "1", "0", "x * Math.pow(10, -3)", "true")
	row(40075, "1", "W_SF", "int16be", 1, "1", "0", "", "true")
	row(40080, "1", "cut", "int16be", 1, "1", "0", "x<0?0:x*0.01", "true")
	row(40081, "1", "far", "int16be", 1, "1", "0", "x * Math.pow(10, sf['40300'])", "true")
	row(40082, "1", "raw", "rawhex", 1, "1", "0", "", "true")
	row(40083, "1", "under", "int16be", 1, "1", "0", "100 / x", "true")
	row(40084, "999", "unit", "int16be", 1, "1", "0", "", "true")
	r, err := IoBroker("lists/holding-registers.tsv", []byte(list.String()), "tcp://10.0.0.1:502", false)
	if err != nil {
		t.Fatal(err)
	}
	got, c := rowsOf(t, r)
	same(t, got, map[string]string{
		"unit-1/U":     "address=holding:0 type=uint16 scale=0.1",
		"unit-1/T":     "address=holding:1 type=int32 order=CDAB scale=0.01 offset=-40",
		"unit-1/E":     "address=holding:3 type=uint64 order=DCBA",
		"unit-1/F":     "address=holding:7 type=float32 order=BADC",
		"unit-1/L":     "address=holding:9.hi type=uint8",
		"unit-1/S":     "address=holding:10 type=string:16 order=BADC",
		"unit-2/off":   "address=holding:18 type=int16 enabled=false",
		"unit-1/W":     "address=holding:69 type=int16 scale_by=holding:74",
		"unit-1/Wh":    "address=holding:70 type=uint32 scale=0.002 scale_by=holding:75",
		"unit-1/half":  "address=holding:72 type=int16 scale=0.02",
		"unit-1/milli": "address=holding:73 type=int16 scale=0.001",
		"unit-1/W_SF":  "address=holding:74 type=int16",
	})
	if c.Devices[1].Modbus.UnitID != 2 {
		t.Errorf("unit %d", c.Devices[1].Modbus.UnitID)
	}
	said := refusals(r)
	for _, want := range []string{"cut: not taken: its formula x<0?0:x*0.01", "far: not taken: its exponent", "raw: not taken: there is no type", "under: not taken: its formula",
		"unit: not taken: there is no unit 999"} {
		if !strings.Contains(said, want) {
			t.Errorf("not said: %s\n%s", want, said)
		}
	}
	if first := r.Verdicts[0].String(); !strings.Contains(first, "--addresses=wire") || !strings.Contains(first, "0,1 is 0.1") {
		t.Error(first)
	}
}

// The table of a list is in the name of its file; what its addresses count from is seen by all of them together.
func TestIoBrokerAddresses(t *testing.T) {
	for _, c := range []struct {
		file, addresses string
		wire            bool
		want            string
	}{
		{"input-registers.tsv", "30001 30051", false, "input:0 input:50"},
		{"input-registers.tsv", "0 30051", false, "input:0 input:30051"},
		{"Sdm72.tsv", "30001 30003", false, "input:0 input:2"},
		{"holding.tsv", "35100 35103", false, "holding:35100 holding:35103"},
		{"holding.tsv", "40004 40020", false, "holding:3 holding:19"},
		{"holding.tsv", "40004 40020", true, "holding:40004 holding:40020"},
		{"holding.tsv", "97345 40001", false, "holding:57344 holding:0"},
		{"holding.tsv", "70000 1", false, "holding:1"},
	} {
		text := iobrokerHead
		for _, a := range strings.Fields(c.addresses) {
			text += a + "\t1\ta\t\t\tuint16be\t1\t1\t0\n"
		}
		r, err := IoBroker(c.file, []byte(text), "tcp://h:1", c.wire)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range r.devices {
			for _, row := range d.tags {
				got = append(got, row["address"])
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s %s: %v, want %s", c.file, c.addresses, got, c.want)
		}
	}
	r, err := IoBroker("coils.tsv", []byte("_address\tname\tdescription\tformula\n3\tpump\t\t\n"), "tcp://h:1", false)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := rowsOf(t, r)
	same(t, got, map[string]string{"unit-1/pump": "address=coil:2"})
}

const edgexFile = `
name: "pump"
deviceResources:
- name: "On"
  attributes: { primaryTable: "COILS", startingAddress: 14 }
  properties: { valueType: "Bool", readWrite: "RW", scale: 1 }
- name: "Mode"
  attributes: { primaryTable: "HOLDING_REGISTERS", startingAddress: "1" }
  properties: { valueType: "Int16", readWrite: "R", scale: 1, units: "" }
- name: "Fault"
  attributes: { primaryTable: "HOLDING_REGISTERS", startingAddress: 10.1 }
  properties: { valueType: "Bool", readWrite: "R" }
- name: "Temp"
  attributes: { primaryTable: "INPUT_REGISTERS", startingAddress: 3, rawType: "Int16" }
  properties: { valueType: "Float32", readWrite: "R", scale: 0.1, offset: -40, units: "°C" }
- name: "Power"
  attributes: { primaryTable: "HOLDING_REGISTERS", startingAddress: 0x20, isByteSwap: true, isWordSwap: "true" }
  properties: { valueType: "Float32", readWrite: "R", scale: "1.0" }
- name: "Energy"
  attributes: { primaryTable: "HOLDING_REGISTERS", startingAddress: 40, isWordSwap: true }
  properties: { valueType: "Int64", readWrite: "R" }
- name: "Serial"
  attributes: { primaryTable: "HOLDING_REGISTERS", startingAddress: 50, stringRegisterSize: 8 }
  properties: { valueType: "String", readWrite: "R" }
- name: "State"
  attributes: { primaryTable: "HOLDING_REGISTERS", startingAddress: 60 }
  properties: { valueType: "Uint16", readWrite: "R", mask: 0x0F0, shift: -4 }
- name: "Odd"
  attributes: { primaryTable: "HOLDING_REGISTERS", startingAddress: 60 }
  properties: { valueType: "Uint16", readWrite: "R", mask: 0x0F1, shift: -4 }
- name: "Power2"
  attributes: { primaryTable: "HOLDING_REGISTERS", startingAddress: 61 }
  properties: { valueType: "Uint16", readWrite: "R", base: 2 }
- name: "List"
  attributes: { primaryTable: "HOLDING_REGISTERS", startingAddress: 61 }
  properties: { valueType: "Int16Array", readWrite: "R" }
- name: "Set"
  attributes: { primaryTable: "HOLDING_REGISTERS", startingAddress: 61 }
  properties: { valueType: "Int16", readWrite: "W" }
deviceCommands:
- name: "all"
  resourceOperations:
  - { deviceResource: "Mode", mappings: { "10": "Vent", "0": "Cool", "2": "a|b", "x": "y" } }
---
deviceList:
- name: "one"
  profileName: "pump"
  protocols: { modbus-tcp: { Address: "10.0.0.5", Port: 1502, UnitID: 7 } }
  autoEvents: [ { interval: "20s", sourceName: "all" } ]
- name: "two"
  profileName: "pump"
  protocols: { modbus-rtu: { Address: /dev/ttyUSB1, UnitID: 8, BaudRate: 19200, Parity: "E" } }
- name: "odd"
  profileName: "pump"
  protocols: { modbus-tcp: { Address: "h?x", Port: 1502, UnitID: 7 } }
- name: "other"
  profileName: "fan"
  protocols: { modbus-tcp: { Address: "10.0.0.6", Port: 1502, UnitID: 7 } }
`

func TestEdgeX(t *testing.T) {
	r, err := EdgeX("p.yml", []byte(edgexFile), "tcp://h:502")
	if err != nil {
		t.Fatal(err)
	}
	got, c := rowsOf(t, r)
	want := map[string]string{
		"On":     "address=coil:14",
		"Mode":   "address=holding:1 type=int16 enum=0=Cool|10=Vent",
		"Fault":  "address=holding:10.b10 type=bool",
		"Temp":   "address=input:3 type=int16 scale=0.1 offset=-40",
		"Power":  "address=holding:32 type=float32 order=DCBA",
		"Energy": "address=holding:40 type=int64",
		"Serial": "address=holding:50 type=string:16",
		"State":  "address=holding:60.b4 type=bits:4",
	}
	both := map[string]string{}
	for name, row := range want {
		both["one/"+name], both["two/"+name] = row, row
	}
	same(t, got, both)
	if d := c.Devices; len(d) != 2 || d[0].Modbus.UnitID != 7 || d[0].Poll.Seconds() != 20 || d[1].Modbus.UnitID != 8 ||
		r.devices[0].option("url") != "tcp://10.0.0.5:1502" || r.devices[1].option("url") != "rtu:///dev/ttyUSB1?baud=19200&data=8&parity=even&stop=1" {
		t.Errorf("%+v", d)
	}
	said := refusals(r)
	for _, want := range []string{"Odd: not taken: its mask", "Power2: not taken: it is base", "List: not taken: there is no type", "Set: not taken: it can only be written", "odd: not taken: its Address"} {
		if !strings.Contains(said, want) {
			t.Errorf("not said: %s\n%s", want, said)
		}
	}
	if _, err := EdgeX("p.yml", []byte("deviceList: []\n"), "tcp://h:1"); err == nil || !strings.Contains(err.Error(), "no deviceResources") {
		t.Errorf("a list of devices alone: %v", err)
	}
	if r, err := EdgeX("p.json", []byte(`{"name":"j","deviceResources":[{"name":"a","attributes":{"primaryTable":"INPUT_REGISTERS","startingAddress":"5"},`+
		`"properties":{"valueType":"UINT32","readWrite":"R"}}]}`), "tcp://h:1"); err != nil || len(r.devices[0].tags) != 1 {
		t.Errorf("JSON: %v, %v", r, err)
	}
}

var neuronRowsOfTest = [][]any{
	{"group", "interval", "name", "address", "attribute", "type", "description", "decimal", "precision", "bias"},
	{"fast", 100, "u", "1!400001", "Read", "INT16", "volts", 0.1, 1, -5},
	{"fast", 100, "f", "1!400003#BB", "Read Subscribe", "FLOAT", "", nil, nil, nil},
	{"slow", 5000, "w", "1!300005#BL", "Read Write", "UINT32", "", 1, nil, 0},
	{"slow", 5000, "b", "2!400007.15", "Read", "BIT", "", nil, nil, nil},
	{"slow", 5000, "c", "2!000001", "Read", "BIT", "", nil, nil, nil},
	{"slow", 5000, "s", "2!400010.20L", "Read", "STRING", "", nil, nil, nil},
	{"slow", 5000, "x", "2!40001#B", "Read", "UINT16", "", nil, nil, nil},
	{"slow", 5000, "d", "2!400030#LB", "Read", "DOUBLE", "", nil, nil, nil},
	{"slow", 5000, "ws", "2!400030#WS", "Read", "DOUBLE", "", nil, nil, nil},
	{"slow", 5000, "wo", "2!400030", "Write", "DOUBLE", "", nil, nil, nil},
	{"slow", 5000, "plc", "DB1.DBW3", "Read", "INT16", "", nil, nil, nil},
	{"slow", 5000, "unit", "256!400001", "Read", "INT16", "", nil, nil, nil},
	{"slow", 5000, "zero", "1!400000", "Read", "INT16", "", nil, nil, nil},
	{"slow", 5000, "bytes", "1!400001.10", "Read", "BYTES", "", nil, nil, nil},
}

func TestNeuron(t *testing.T) {
	want := map[string]string{
		"unit-1/fast/u": "address=holding:0 type=int16 scale=0.1 offset=-5 poll=100ms",
		"unit-1/fast/f": "address=holding:2 type=float32 order=DCBA poll=100ms",
		"unit-1/slow/w": "address=input:4 type=uint32 order=CDAB poll=5000ms",
		"unit-2/slow/b": "address=holding:6.b15 type=bool poll=5000ms",
		"unit-2/slow/c": "address=coil:0 poll=5000ms",
		"unit-2/slow/s": "address=holding:9 type=string:20 order=BADC poll=5000ms",
		"unit-2/slow/x": "address=holding:0 type=uint16 order=DCBA poll=5000ms",
		"unit-2/slow/d": "address=holding:29 type=float64 order=BADC poll=5000ms",
	}
	book := excelize.NewFile()
	defer book.Close()
	text := ""
	for i, row := range neuronRowsOfTest {
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
		for j, cell := range row {
			if j > 0 {
				text += ","
			}
			if cell != nil {
				text += fmt.Sprint(cell)
			}
		}
		text += "\n"
	}
	content, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"tags.xlsx": content.Bytes(), "tags.csv": []byte(text)} {
		r, err := Neuron(name, content, "tcp://10.0.0.1:502")
		if err != nil {
			t.Fatal(err)
		}
		got, c := rowsOf(t, r)
		same(t, got, want)
		if len(c.Devices) != 2 || c.Devices[1].Modbus.UnitID != 2 {
			t.Errorf("%s: %d devices", name, len(c.Devices))
		}
		said := refusals(r)
		for _, want := range []string{"ws: not taken: there is no order #WS", "wo: not taken: it can only", "plc: not taken: its address", "unit: not taken: its address",
			"zero: not taken: its number", "bytes: not taken: there is no type"} {
			if !strings.Contains(said, want) {
				t.Errorf("%s: not said: %s\n%s", name, want, said)
			}
		}
	}
	if _, err := Neuron("t.xlsx", []byte("PK\x03\x04nothing"), ""); err == nil {
		t.Error("a broken zip was taken")
	}
	if _, err := Neuron("t.csv", []byte("a,b\n"), ""); err == nil || !strings.Contains(err.Error(), "not the tags of Neuron") {
		t.Errorf("another table: %v", err)
	}
}

const homeFile = `
modbus:
  - name: hub
    type: tcp
    host: 10.0.0.9
    port: 502
    delay: 2
    timeout: 5
    message_wait_milliseconds: 30
    sensors:
      - {name: temp, address: 0, slave: 1, data_type: int16, scale: 0.1, offset: -40, precision: 1, unit_of_measurement: °C, scan_interval: 5, nan_value: 0x8000}
      - {name: energy, address: 0x20, input_type: input, device_address: 7, data_type: uint32, swap: word, min_value: 0}
      - {name: serial, address: 100, data_type: string, count: 8, swap: byte, scale: 1}
      - {name: flows, address: 200, data_type: float32, virtual_count: 2}
      - {name: odd, address: 210, data_type: custom, structure: ">4h"}
      - {name: away, address: !secret where}
    binary_sensors:
      - {name: pump, address: 3, slave: 1}
      - {name: door, address: 4, input_type: discrete_input}
      - {name: flag, address: 5, input_type: holding}
    switches:
      - {name: relay, address: 9}
  - name: bus
    type: serial
    port: /dev/ttyUSB0
    baudrate: 19200
    bytesize: 8
    method: rtu
    parity: E
    stopbits: 1
    sensors: [{name: u, address: 1}]
  - {name: none, type: tcp, host: "a b", port: 502, sensors: [{name: lost, address: 1}]}
`

func TestHomeAssistant(t *testing.T) {
	r, err := HomeAssistant("configuration.yaml", []byte(homeFile))
	if err != nil {
		t.Fatal(err)
	}
	got, c := rowsOf(t, r)
	same(t, got, map[string]string{
		"hub/temp":     "address=holding:0 type=int16 scale=0.1 offset=-40 invalid=0x8000 poll=5s",
		"hub-7/energy": "address=input:32 type=uint32 order=CDAB",
		"hub/serial":   "address=holding:100 type=string:16 order=BADC",
		"hub/flows":    "address=holding:200 type=float32",
		"hub/flows/1":  "address=holding:202 type=float32",
		"hub/flows/2":  "address=holding:204 type=float32",
		"hub/pump":     "address=coil:3",
		"hub/door":     "address=discrete:4",
		"hub/flag":     "address=holding:5.b0 type=bool",
		"bus/u":        "address=holding:1 type=int16",
	})
	said := refusals(r)
	for _, want := range []string{"odd: not taken: data_type", "away: not taken: its address", "relay: not taken: only sensors", "none: not taken: its host"} {
		if !strings.Contains(said, want) {
			t.Errorf("not said: %s\n%s", want, said)
		}
	}
	if d := c.Devices[0]; d.Poll.Seconds() != 15 || d.Endpoint.AfterConnect.Seconds() != 2 || d.Endpoint.Pause.Milliseconds() != 30 {
		t.Errorf("%v, %+v", d.Poll, d.Endpoint)
	}
	if r.devices[2].option("url") != "rtu:///dev/ttyUSB0?baud=19200&data=8&parity=even&stop=1" {
		t.Errorf("%v", r.devices[2].options)
	}
	included := homeFile[strings.Index(homeFile, "  - name: hub"):]
	if r, err := HomeAssistant("modbus.yaml", []byte(included)); err != nil || len(r.devices) != 3 {
		t.Errorf("a file that is included: %v", err)
	}
	if _, err := HomeAssistant("x.yaml", []byte("sensor: []\n")); err == nil {
		t.Error("a file without hubs was taken")
	}
}

func FuzzLists(f *testing.F) {
	f.Add([]byte(homeFile), "c.yaml")
	f.Add([]byte(iobrokerHead+"40001\t1\ta\t\t\tuint16be\t1\t1\t0\tx * Math.pow(10, sf['40075'])\n"), "holding.tsv")
	f.Add([]byte(edgexFile), "p.yml")
	f.Add([]byte("group,interval,name,address,attribute,type,decimal\ng,100,a,1!400001#BB.3,Read,float,0.1\n"), "t.csv")
	f.Fuzz(func(t *testing.T, content []byte, file string) {
		for _, convert := range []func() (*Result, error){
			func() (*Result, error) { return IoBroker(file, content, "tcp://h:1", false) },
			func() (*Result, error) { return EdgeX(file, content, "tcp://h:1") },
			func() (*Result, error) { return Neuron(file, content, "tcp://h:1") },
			func() (*Result, error) { return HomeAssistant(file, content) },
		} {
			r, err := convert()
			if err != nil {
				continue
			}
			for _, v := range r.Verdicts {
				if !v.Taken && v.Note == "" {
					t.Errorf("%+v: no reason", v)
				}
			}
			// Where a device is, the file says as it is.
			if _, _, problems := loaded(t, r); problems.HasProblems() && strings.Contains(problems.Err().Error(), "/tags/") {
				t.Errorf("what was taken is not: %v\n%q", problems.Err(), content)
			}
		}
	})
}
