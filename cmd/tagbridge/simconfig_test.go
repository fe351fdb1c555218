package main

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const plantYAML = `# the plant
x-meter: &meter
  driver: modbus
  url: tcp://10.0.0.1:502
  tags: &maps [maps/meter.csv, {tag: spare, address: "holding:9"}]
bridge:
  http: {listen: "127.0.0.1:8080", users: secrets/users}
devices:
  - {<<: *meter, name: a, unit_id: 1, labels: &l {area: north}}
  - name: b
    driver: modbus
    url: tls://10.0.0.2:802
    tls: {ca: pki/ca.pem, certificate: pki/c.pem, key: "${file:k}"}
    labels: *l
    tags: *maps
  - name: c
    driver: opcua
    url: opc.tcp://10.0.0.3:4840
    tags: [maps/c.csv]
sinks:
  - name: historian
    type: influxdb
    url: https://db:8086
    token: "${env:TOKEN}"
    tls: {ca: /etc/ssl/ca.pem}
  - {name: log, type: file, path: out/log.csv}
  - {name: broker, type: mqtt, url: "mqtt://broker:1883", client_id: line-3}
`

func rewriteSim(t *testing.T, keep bool) map[string]any {
	t.Helper()
	c := simConfig{
		from: "/plant", to: "/plant/sim", name: "line-3", keepSinks: keep,
		urls: map[string]string{"a": "tcp://127.0.0.1:15020", "b": "tcp://127.0.0.1:15021"},
	}
	out, err := c.rewrite(plantYAML)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), "# the plant") {
		t.Error("the author's comment is gone")
	}
	var got map[string]any
	if err := yaml.Unmarshal(out, &got); err != nil {
		t.Fatalf("not YAML any more: %v\n%s", err, out)
	}
	return got
}

func at(t *testing.T, v any, path ...any) any {
	t.Helper()
	for _, p := range path {
		switch key := p.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok {
				t.Fatalf("%v: no mapping at %q", path, key)
			}
			v = m[key]
		case int:
			l, ok := v.([]any)
			if !ok || key >= len(l) {
				t.Fatalf("%v: no element %d", path, key)
			}
			v = l[key]
		}
	}
	return v
}

func TestSimConfigReadsTheSimulatorOnly(t *testing.T) {
	got := rewriteSim(t, false)
	for _, c := range []struct {
		path []any
		want any
	}{
		{[]any{"bridge", "name"}, "line-3-sim"},
		{[]any{"bridge", "data_dir"}, "line-3-sim-data"},
		{[]any{"bridge", "http", "users"}, "../secrets/users"},
		{[]any{"devices", 0, "url"}, "tcp://127.0.0.1:15020"},
		{[]any{"devices", 0, "tags", 0}, "../maps/meter.csv"},
		{[]any{"devices", 0, "tags", 1, "tag"}, "spare"},
		{[]any{"devices", 1, "url"}, "tcp://127.0.0.1:15021"},
		{[]any{"devices", 1, "tags", 0}, "../maps/meter.csv"},
		{[]any{"devices", 1, "tls"}, nil},
		{[]any{"devices", 1, "labels", "simulated"}, nil},
		{[]any{"devices", 2, "enabled"}, false},
		{[]any{"sinks", 0, "type"}, "file"},
		{[]any{"sinks", 0, "path"}, "-"},
	} {
		if v := at(t, got, c.path...); v != c.want {
			t.Errorf("%v = %v, want %v", c.path, v, c.want)
		}
	}
	if n := len(at(t, got, "sinks").([]any)); n != 1 {
		t.Errorf("%d sinks, want the terminal alone", n)
	}
}

func TestSimConfigKeepsSinksAndMarksThem(t *testing.T) {
	got := rewriteSim(t, true)
	for _, c := range []struct {
		path []any
		want any
	}{
		{[]any{"sinks", 0, "token"}, "${env:TOKEN}"},
		{[]any{"sinks", 0, "tls", "ca"}, "/etc/ssl/ca.pem"},
		{[]any{"sinks", 1, "path"}, "../out/log.csv"},
		{[]any{"devices", 0, "labels", "simulated"}, "true"},
		{[]any{"devices", 0, "labels", "area"}, "north"},
		{[]any{"devices", 1, "labels", "simulated"}, "true"},
		{[]any{"devices", 1, "labels", "area"}, "north"},
	} {
		if v := at(t, got, c.path...); v != c.want {
			t.Errorf("%v = %v, want %v", c.path, v, c.want)
		}
	}
}

// The file is written into another folder, of a configuration that shares what it can.
func TestSimConfigOfAnchors(t *testing.T) {
	const shared = `# shared
x-line: &line
  tls: &tls {ca: ca.pem}
  tags: maps/all.csv
x-again: &again {<<: *line, poll: 2s}
bridge: {name: "${file:name}"}
devices:
  - {<<: [*again], name: a, url: "tls://h", auth: {password: "${file:pw}"}}
sinks:
  - {name: c, type: mqtt, url: "mqtts://h", tls: *tls, username: u, password: "a$${file:x}${file:pw}${file:/run/pw}"}
  - {name: f, type: file, path: "${env:OUT}/x.json"}
  - {name: g, type: file, path: "out/${env:OUT}.json"}
`
	c := simConfig{from: "/plant", to: "/sim", name: "${file:name}", keepSinks: true, urls: map[string]string{"a": "tcp://127.0.0.1:1"}}
	out, err := c.rewrite(shared)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := yaml.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if strings.Contains(string(out), "!!merge") || !strings.Contains(string(out), "# shared") {
		t.Errorf("%s", out)
	}
	for _, c := range []struct {
		path []any
		want any
	}{
		{[]any{"bridge", "name"}, "${file:../plant/name}-sim"},
		{[]any{"devices", 0, "tls"}, nil},
		{[]any{"devices", 0, "auth"}, nil},
		{[]any{"devices", 0, "tags"}, "../plant/maps/all.csv"},
		{[]any{"devices", 0, "poll"}, "2s"},
		{[]any{"sinks", 0, "tls", "ca"}, "../plant/ca.pem"},
		{[]any{"sinks", 0, "password"}, "a$${file:x}${file:../plant/pw}${file:/run/pw}"},
		{[]any{"sinks", 1, "path"}, "${env:OUT}/x.json"},
		{[]any{"sinks", 2, "path"}, "../plant/out/${env:OUT}.json"},
	} {
		if v := at(t, got, c.path...); v != c.want {
			t.Errorf("%v = %v, want %v", c.path, v, c.want)
		}
	}
}

// Anchors that hold each other end, and so do those that multiply.
func TestExpandIsBounded(t *testing.T) {
	self := "x-a: &a {<<: *a, b: 1}\ndevices: []\n"
	many := "x-0: &x0 [a, a, a, a, a, a, a, a, a, a]\n"
	for i := 1; i < 9; i++ {
		many += strings.ReplaceAll("x-N: &xN [*xM, *xM, *xM, *xM, *xM, *xM, *xM, *xM, *xM, *xM]\n", "N", string(rune('0'+i)))
		many = strings.ReplaceAll(many, "*xM", "*x"+string(rune('0'+i-1)))
	}
	for text, want := range map[string]bool{self: true, many: false, "x-a: &a [*a]\ndevices: [*a]\n": false} {
		if _, err := (simConfig{}).rewrite(text); (err == nil) != want {
			t.Errorf("%.20s: %v", text, err)
		}
	}
}

func TestSimDoesNotWriteOverItsConfiguration(t *testing.T) {
	t.Chdir(folder(t, map[string]string{"oven.csv": ovenMap, "plant.yaml": ovenPlant("tcp://192.0.2.1:502")}))
	status, _, complaints := typed(t, "", "sim", "plant.yaml", "--port", "0", "--write", "./plant.yaml")
	if b, err := os.ReadFile("plant.yaml"); err != nil || status != 1 || !strings.Contains(complaints, "configuration itself") ||
		!strings.Contains(string(b), "192.0.2.1") {
		t.Errorf("status %d, complained %q; the file is %q (%v)", status, complaints, b, err)
	}
}

// TestSimLeavesTheBridgeAtItsBroker has a broker know the simulated bridge by another name: of two with the same it
// throws out the one that was there.
func TestSimLeavesTheBridgeAtItsBroker(t *testing.T) {
	if id := at(t, rewriteSim(t, true), "sinks", 2, "client_id"); id != "line-3-sim" {
		t.Errorf("client_id %v", id)
	}
}
