package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const explainPlant = `bridge: {name: b, data_dir: d, http: ""}
devices:
  - {name: boiler, driver: modbus, url: "tcp://10.0.0.1:502", poll: 1s, tags: [map.csv]}
  - {name: press, driver: modbus, url: "tcp://10.0.0.2:502", tags: [{tag: x, address: 40001}]}
sinks:
  - {name: db, type: influxdb, url: "http://h:8086", bucket: b, username: u, password: old-secret}
`

const explainMap = "tag,address,type,scale\ntemp,40001,int16,0.1\nflow,40003,float32,\nvalve,40005.b3,,\nlevel,40010,,\n"

func explainLoad(t *testing.T, plant, tags string) *Config {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"plant.yaml": plant, "map.csv": tags} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, problems := Load(filepath.Join(dir, "plant.yaml"), Options{})
	if problems.HasProblems() {
		t.Fatal(problems.Err())
	}
	c.Bridge.DataDir = "d" // its folder is another each time
	return c
}

func TestExplain(t *testing.T) {
	for _, c := range []struct {
		what, old, new string
		want           []string
	}{
		{"nothing", "", "", nil},
		{"a moved tag", "40001,int16", "40002,int16", []string{"tag boiler/temp: moved holding:0 -> holding:1"}},
		{"a rescaled tag", "int16,0.1", "int16,0.5", []string{"tag boiler/temp: rescaled x0.1 + 0 -> x0.5 + 0"}},
		{"a renamed tag", "level,", "niveau,", []string{"tag boiler/level: renamed to niveau"}},
		{"a removed tag", "level,40010,,\n", "", []string{"tag boiler/level: removed"}},
		{"an added tag", "level,40010,,\n", "level,40010,,\nnew,30001,int32,\n", []string{"tag boiler/new: added, input:0 int32"}},
		{"another type", "float32", "uint32", []string{"tag boiler/flow: type float32 -> uint32"}},
		{"another order", "temp,40001,int16,0.1\nflow,40003,float32,\n", "flow,40003,float32,\ntemp,40001,int16,0.1\n",
			[]string{"device boiler: its tags are in another order"}},
		{"a renamed tag with another period", "poll: 1s, tags: [map.csv]}", "poll: 1m, tags: [{tag: niveau, address: 40010}]}", []string{
			"device boiler: poll 1s -> 1m", "tag boiler/temp: removed", "tag boiler/flow: removed", "tag boiler/valve: removed",
			"tag boiler/level: renamed to niveau", "tag boiler/niveau: poll 1s -> 1m"}},
		{"an address", "tcp://10.0.0.1:502", "tcp://10.0.0.9:1502", []string{"device boiler: url tcp://10.0.0.1:502 -> tcp://10.0.0.9:1502"}},
		{"a line's option", "poll: 1s,", "poll: 1s, close_after_poll: true, pause: 5ms,",
			[]string{"device boiler: pause 0s -> 5ms", "device boiler: close_after_poll false -> true"}},
		{"labels", "poll: 1s,", "poll: 1s, labels: {area: x, line: y},", []string{"device boiler: labels none -> area=x, line=y",
			"tag boiler/temp: labels none -> area=x, line=y", "tag boiler/flow: labels none -> area=x, line=y",
			"tag boiler/valve: labels none -> area=x, line=y", "tag boiler/level: labels none -> area=x, line=y"}},
		{"a user of a url", `http://h:8086", bucket: b, username: u, password: old-secret`, `http://secret:old-secret@h:8086", bucket: b`,
			[]string{"sink db influx: username changed"}},
		{"a sink's lists", "bucket: b,", "bucket: b, match: [\"boiler/*\", \"!*/x\"],", []string{"sink db: match none -> boiler/*, !*/x"}},
		{"a size", "name: b,", "name: b, journal: {max_size: 2GiB},", []string{"bridge journal: max_size 1GiB -> 2GiB"}},
		{"a login in a url", "http://h:8086\", bucket: b, username: u, password: old-secret", "http://u:old-secret@h:8086\", bucket: b",
			nil},
		{"a device's option", "poll: 1s,", "poll: 1s, retries: 3,", []string{"device boiler: retries 1 -> 3"}},
		{"a removed device", "  - {name: press, driver: modbus, url: \"tcp://10.0.0.2:502\", tags: [{tag: x, address: 40001}]}\n", "",
			[]string{"device press: removed with 1 tag"}},
		{"a renamed device", "name: press", "name: punch", []string{"device press: removed with 1 tag", "device punch: added with 1 tag"}},
		{"a secret", "old-secret", "new-secret", []string{"sink db influx: password changed"}},
		{"a sink", "name: db", "name: base", []string{"sink db: removed", "sink base: added (influxdb)"}},
		{"the bridge", "name: b,", "name: b, log: {level: debug},", []string{"bridge log: level info -> debug"}},
	} {
		old := explainLoad(t, explainPlant, explainMap)
		new := explainLoad(t, strings.Replace(explainPlant, c.old, c.new, 1), strings.Replace(explainMap, c.old, c.new, 1))
		got := Explain(old, new)
		if c.what == "a renamed device" { // its measurement follows
			got = slices.DeleteFunc(got, func(s string) bool { return strings.Contains(s, "measurement") })
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
		if strings.Contains(strings.Join(got, ""), "secret") {
			t.Errorf("%s tells a secret", c.what)
		}
	}
}

func TestOptionNames(t *testing.T) {
	for field, want := range map[string]string{"QoS": "qos", "UnitID": "unit_id", "RTSBefore": "rts_before", "SASKey": "sas_key",
		"TLS": "tls", "MaxRegisters": "max_registers", "ALPN": "alpn", "CloseAfter": "close_after_poll", "HTTP": "http", "RS485": "rs485"} {
		if got := optionName(field); got != want {
			t.Errorf("%s: %s, want %s", field, got, want)
		}
	}
}
