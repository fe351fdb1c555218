package convert

import (
	"fmt"
	"strings"
	"testing"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// ofTelegraf converts a telegraf.conf whose result must be one without problems.
func ofTelegraf(t *testing.T, text string) (*config.Config, string) {
	t.Helper()
	r, err := Telegraf("t.conf", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	_, c, problems := loaded(t, r)
	if problems.HasProblems() {
		t.Fatal(problems.Err())
	}
	said := r.Panels()
	for _, v := range r.Verdicts {
		said = append(said, v.String())
	}
	return c, strings.Join(said, "\n")
}

func tagOf(t *testing.T, c *config.Config, name string) *mapping.Tag {
	t.Helper()
	for i := range c.Devices {
		for _, tag := range c.Devices[i].Tags {
			if tag.Name == name {
				return tag
			}
		}
	}
	t.Fatalf("no tag %s", name)
	return nil
}

// A field whose name a tag cannot have is another field, which a panel does not find.
func TestTelegrafFieldsThatAreRenamed(t *testing.T) {
	_, said := ofTelegraf(t, `
[agent]
  hostname = "h"
[[inputs.modbus]]
  slave_id = 1
  controller = "tcp://10.0.0.1:502"
  input_registers = [ {name = "PV1+_kOhm", byte_order = "AB", data_type = "UINT16", scale = 1.0, address = [3]} ]
`)
	if !strings.HasPrefix(said, "panels: what follows") || !strings.Contains(said, "panels: PV1+_kOhm: a tag cannot be called so") {
		t.Error(said)
	}
}

func TestTelegrafTextsInOneByte(t *testing.T) {
	for location, want := range map[string]struct {
		typ   mapping.Type
		order mapping.Order
	}{"": {mapping.TypeString, mapping.ABCD}, "lower": {mapping.TypeChars, mapping.ABCD}, "upper": {mapping.TypeChars, mapping.BADC}} {
		c, said := ofTelegraf(t, `
[[inputs.modbus]]
  slave_id = 1
  controller = "tcp://10.0.0.1:502"
  holding_registers = [ {name = "s", byte_order = "AB", data_type = "STRING", address = [3,4,5]} ]
  [inputs.modbus.workarounds]
    string_register_location = "`+location+`"
    max_word_registers_per_request = 100
    max_bit_registers_per_request = 5000
`)
		if tag := tagOf(t, c, "s"); tag.Type != want.typ || tag.Order != want.order {
			t.Errorf("location %q: %v %v", location, tag.Type, tag.Order)
		}
		if d := c.Devices[0]; d.Modbus.MaxRegisters != 100 || d.Modbus.MaxBits != 2000 {
			t.Errorf("at most %d registers and %d bits", d.Modbus.MaxRegisters, d.Modbus.MaxBits)
		}
		if strings.Contains(said, "not taken") {
			t.Error(said)
		}
	}
}

// What FLOAT32 is depends on the version of Telegraf.
func TestTelegrafOldFloats(t *testing.T) {
	c, said := ofTelegraf(t, `
[[inputs.modbus]]
  slave_id = 1
  controller = "tcp://10.0.0.1:502"
  holding_registers = [ {name = "n", byte_order = "ABCD", data_type = "FLOAT32", scale = 0.1, address = [3,4]} ]
`)
	if tag := tagOf(t, c, "n"); tag.Type != mapping.TypeUint32 {
		t.Errorf("%v", tag.Type)
	}
	if !strings.Contains(said, "newer versions of Telegraf read it as FLOAT32-IEEE") {
		t.Error(said)
	}
}

func TestTelegrafOutputs(t *testing.T) {
	const inputs = `
[agent]
  hostname = "h"
[[inputs.modbus]]
  name = "meter"
  slave_id = 1
  controller = "tcp://10.0.0.1:502"
  coils = [ {name = "a", address = [0], data_type = "BOOL"} ]
`
	for _, c := range []struct {
		output string
		want   config.MQTT
		url    string
		topic  string
		said   string
	}{
		{"servers = [\"localhost:1883\"]\nqos = 2\npassword = \"s3cret\"\nusername = \"u\"", config.MQTT{Version: "3.1.1", QoS: 1, Format: "line", Username: "u"},
			"mqtt://localhost:1883", "telegraf/{label.host}/modbus", "MQTT_PASSWORD; qos 1: there is no 2"},
		{"servers = [\"ssl://user:s3cret@b\"]\nprotocol = \"5\"\ntls_ca = \"ca.pem\"\ntopic = 'x/{{ .Tag \"name\" }}/{{ .Tag \"area\" }}/{{ .Name }}'\nretain = true\nlayout = \"field\"",
			config.MQTT{Version: "5", Format: "value", Retain: true}, "mqtts://b:8883", "x/{label.name}/modbus/{tag}", "without the tag area"},
		{"servers = [\"b:1883\", \"c:1883\"]\ntls_ca = \"ca.pem\"\ntopic_prefix = \"p\"\ndata_format = \"json\"\nclient_id = \"t\"",
			config.MQTT{Version: "3.1.1", Format: "batch", ClientID: "t"}, "mqtts://b:1883", "p/{label.host}/modbus", "data_format json"},
		{"servers = [\"b:1883\"]\ntopic = 'a/{{ upper .Name }}/#'", config.MQTT{Version: "3.1.1", Format: "line"}, "mqtt://b:1883", "telegraf/{bridge}/{device}", "cannot be written to"},
	} {
		cfg, said := ofTelegraf(t, inputs+"[[outputs.mqtt]]\n"+c.output+"\n[[outputs.file]]\nfiles = [\"stdout\", \"/var/log/m.out\"]\ndata_format = \"json\"\n")
		if len(cfg.Sinks) != 3 {
			t.Fatalf("%d sinks", len(cfg.Sinks))
		}
		s := cfg.Sinks[0]
		if c.want.ClientID == "" {
			s.MQTT.ClientID = ""
		}
		got := config.MQTT{Version: s.MQTT.Version, QoS: s.MQTT.QoS, Format: s.MQTT.Format, Username: s.MQTT.Username, Retain: s.MQTT.Retain, ClientID: s.MQTT.ClientID}
		if fmt.Sprint(got) != fmt.Sprint(c.want) || string(s.URL) != c.url || s.MQTT.Topic.String() != c.topic {
			t.Errorf("%s: %+v, %s, %s", c.output, got, s.URL, s.MQTT.Topic.String())
		}
		if !strings.Contains(said, c.said) || strings.Contains(said, "s3cret") {
			t.Errorf("%s: %s", c.output, said)
		}
		if a, b := cfg.Sinks[1], cfg.Sinks[2]; !a.Stdout() || b.FileOut.Format != "json" {
			t.Errorf("%+v, %+v", a.FileOut, b.FileOut)
		}
	}
}
