package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestModbusEndpoint(t *testing.T) {
	tests := []struct{ url, transport, address, key string }{
		{"tcp://192.168.1.10", "tcp", "192.168.1.10:502", "tcp://192.168.1.10:502"},
		{"TCP://PLC-7.Plant:1502/", "tcp", "plc-7.plant:1502", "tcp://plc-7.plant:1502"},
		{"tls://h", "tls", "h:802", "tls://h:802"},
		{"udp://h", "udp", "h:502", "udp://h:502"},
		{"tcp://[fe80::1%25eth0]", "tcp", "[fe80::1%eth0]:502", "tcp://[fe80::1%eth0]:502"},
		{"rtuovertcp://h:4001", "rtuovertcp", "h:4001", "rtuovertcp://h:4001"},
		{"rtuoverudp://h:4001", "rtuoverudp", "h:4001", "rtuoverudp://h:4001"},
		{"asciiovertcp://h:04001", "asciiovertcp", "h:4001", "asciiovertcp://h:4001"},
		{"rtu:///dev/nowhere/../ttyX", "rtu", "/dev/nowhere/../ttyX", "serial:/dev/ttyX"},
		{"ascii:///dev/ttyX", "ascii", "/dev/ttyX", "serial:/dev/ttyX"},
	}
	for _, tt := range tests {
		e, err := modbusEndpoint(tt.url)
		if err != nil || e.Transport != tt.transport || e.Address != tt.address || e.Key != tt.key {
			t.Errorf("%s: %+v, %v", tt.url, e, err)
		}
	}
}

// One address is one connection, however it is written.
func TestAddressesAreWrittenInOneWay(t *testing.T) {
	for _, urls := range [][2]string{
		{"tcp://[::1]", "tcp://[0:0:0:0:0:0:0:1]:502"},
		{"tcp://[FE80::A%25eth0]", "tcp://[fe80:0:0::a%25eth0]:0502"},
		{"tcp://PLC", "tcp://plc:502"},
	} {
		a, errA := modbusEndpoint(urls[0])
		b, errB := modbusEndpoint(urls[1])
		if errA != nil || errB != nil || a.Key != b.Key {
			t.Errorf("%v: %q and %q (%v, %v)", urls, a.Key, b.Key, errA, errB)
		}
	}
}

func TestMistypedURLs(t *testing.T) {
	for text, want := range map[string]string{
		"tcp://fe80::1":                 "is written in brackets",
		"tcp://::1:502":                 "is written in brackets",
		"tcp://plc:502:503":             "one colon too many",
		"tcp://[::zz]":                  "not a URL",
		"tcp://300.1.1.1":               "four numbers from 0 to 255",
		"tcp://192.168.1":               "four numbers from 0 to 255",
		"tcp://192.168.001.010:502":     "without leading zeros",
		"tcp://plc:abc":                 "the port must be from 1 to 65535",
		"tcp://plc:502 ":                "blanks",
		"tcp:// plc":                    "blanks",
		"rtu:///dev/ttyUSB0:9600":       "?baud=9600",
		"asciioverudp://plc:1":          "did you mean asciiovertcp?",
		"modbus+tcp://plc":              "did you mean tcp?",
		"tcp://u:p/w@plc":               "%2F",
		"rtu:///dev/serial/by-path/a:1": "",
	} {
		_, err := modbusEndpoint(text)
		if want == "" && err == nil {
			continue
		}
		if err == nil || want == "" || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// A password out of an environment variable is put into a URL as it is.
func TestPasswordInSinkURL(t *testing.T) {
	for password, want := range map[string]string{"a/b": "%2F", "a?b": "%2F", "a#b": "%2F", "a%zz": "%2F", "plain": "", "a%2Fb": "", "a@b": ""} {
		o := secretOptions(t, "devices: []\nsinks: [{name: m, type: mqtt, url: \"mqtt://u:${env:P}@h:1883\"}]\n")
		o.Getenv = func(string) string { return password }
		_, ps := Load("-", o)
		if ps.HasProblems() != (want != "") || want != "" && !strings.Contains(ps[0].Message, want) {
			t.Errorf("%s: %v, want %q", password, ps, want)
		}
	}
}

func TestSerial(t *testing.T) {
	tests := []struct {
		url  string
		want Serial
	}{
		{"rtu:///dev/ttyX", Serial{19200, 8, 1, "even"}},
		{"ascii:///dev/ttyX", Serial{19200, 7, 1, "even"}},
		{"rtu:///dev/ttyX?baud=9600&data=8&parity=none&stop=2", Serial{9600, 8, 2, "none"}},
		{"ascii:///dev/ttyX?data=8&parity=ODD", Serial{19200, 8, 1, "odd"}},
	}
	for _, tt := range tests {
		if e, err := modbusEndpoint(tt.url); err != nil || e.Serial != tt.want {
			t.Errorf("%s: %+v, %v", tt.url, e.Serial, err)
		}
	}
}

// TestSerialLink gives a port and a link to it one key, and keeps the link as the path to open: it outlives the number
// that the system gives an adapter.
func TestSerialLink(t *testing.T) {
	dir := t.TempDir()
	port, link := filepath.Join(dir, "ttyUSB3"), filepath.Join(dir, "by-id")
	if err := os.WriteFile(port, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("ttyUSB3", link); err != nil {
		t.Fatal(err)
	}
	a, _ := modbusEndpoint("rtu://" + port)
	b, err := modbusEndpoint("rtu://" + link)
	if err != nil || a.Key != b.Key || b.Address != link {
		t.Errorf("%+v and %+v, %v", a, b, err)
	}
}

func TestConnections(t *testing.T) {
	c, ps := loadText(`
x-t: &t [{tag: t, address: 40001}]
devices:
  - {name: a, url: "tcp://PLC", tags: *t}
  - {name: b, url: "tcp://plc:503", tags: *t}
  - {name: c, url: "tcp://plc:502", unit_id: 2, tags: *t}
  - {name: d, driver: opcua, url: "opc.tcp://plc", tags: []}
  - {name: e, driver: opcua, url: "opc.tcp://plc", tags: []}
sinks: []`)
	if ps.HasProblems() {
		t.Fatal(ps)
	}
	var got []string
	for _, conn := range c.Connections() {
		for _, d := range conn.Devices {
			got = append(got, d.Name)
		}
		got = append(got, "|")
	}
	if s := strings.Join(got, ""); s != "ac|b|d|e|" {
		t.Errorf("connections %s", s)
	}
	if a := c.Devices[3].Endpoint.Address; a != "plc:4840" {
		t.Errorf("OPC UA address %s", a)
	}
}

func TestRedactURL(t *testing.T) {
	for url, want := range map[string]string{
		"tcp://h:502":                "tcp://h:502",
		"http://me:secret@h/x":       "http://***@h/x",
		"http://me:se@cr/et@h":       "http://***@h",
		"me:secret@h":                "***@h",
		"http://h?token=secret":      "http://h?***",
		"rtu:///dev/ttyX?baud=9600":  "rtu:///dev/ttyX?baud=9600",
		"http://h?token=secret@more": "http://***@more",
		"http://h/x#secret":          "http://h/x#***",
		"http://h#a?token=secret":    "http://h#***",
		"rtu:///dev/ttyX?a=b#secret": "rtu:///dev/ttyX?a=b#***",
	} {
		if got := redactURL(url); got != want {
			t.Errorf("redactURL(%s) = %s, want %s", url, got, want)
		}
	}
}
