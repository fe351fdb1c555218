package main

import (
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
`

func rewriteSim(t *testing.T, keep bool) map[string]any {
	t.Helper()
	c := simConfig{
		from: "/plant", to: "/plant/sim", name: "line-3", keepSinks: keep,
		urls: map[string]string{"a": "tcp://127.0.0.1:15020", "b": "tcp://127.0.0.1:15021"},
	}
	out, err := c.rewrite([]byte(plantYAML))
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
