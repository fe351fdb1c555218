package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func secretOptions(t *testing.T, text string) Options {
	dir := t.TempDir()
	for name, content := range map[string]string{"one": "file-text\n", "two": "a\n\n", "three": "${env:A}"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := map[string]string{"A": "env-text", "NESTED": "${env:A}", "DIR": dir, "FIVE": "5s"}
	return Options{
		Stdin: strings.NewReader(text), Getenv: func(k string) string { return env[k] },
		CredentialsDir: dir, Hostname: "host", Expand: true,
	}
}

func TestExpand(t *testing.T) {
	for written, want := range map[string]string{
		"plain": "plain", "${env:A}": "env-text", "x${env:A}y${env:A}": "xenv-textyenv-text", "$${env:A}": "${env:A}",
		"${env:NESTED}": "${env:A}", "${file:DIR/one}": "file-text", "${file:DIR/two}": "a\n", "${credential:one}": "file-text",
		"${file:DIR/three}": "${env:A}", "$": "$", "$$": "$$", "{}": "{}", "a$${b}": "a${b}",
	} {
		o := secretOptions(t, "")
		written = strings.ReplaceAll(written, "DIR", o.CredentialsDir)
		o.Stdin = strings.NewReader(`{devices: [], sinks: [{name: db, type: influxdb, url: "http://h:1", org: o, bucket: b, token: '` + written + `'}]}`)
		c, ps := Load("-", o)
		if len(ps) != 0 || string(c.Sinks[0].Influx.Token) != want {
			t.Errorf("%s: %q, want %q; %v", written, string(c.Sinks[0].Influx.Token), want, ps)
		}
	}
}

func TestExpandOtherValues(t *testing.T) {
	o := secretOptions(t, `{devices: [{name: a, url: "tcp://${env:A}", poll: "${env:FIVE}",
		tags: [{tag: t, unit: "${env:A}", address: 40001}]}], sinks: []}`)
	c, ps := Load("-", o)
	if len(ps) != 0 {
		t.Fatal(ps)
	}
	d := c.Devices[0]
	if d.Endpoint.Address != "env-text:502" || d.Poll.Seconds() != 5 || d.Tags[0].Unit != "${env:A}" {
		t.Errorf("device %+v, tag %s", d, d.Tags[0].Unit)
	}
}

func TestNotExpanded(t *testing.T) {
	o := secretOptions(t, `{devices: [{name: a, url: "tcp://${env:A}", poll: "${env:FIVE}", tags: [{tag: t, address: 40001}]}],
		sinks: [{name: cloud, type: mqtt, url: "mqtts://${env:H}", qos: "${env:Q}", password: "${credential:none}", username: u}]}`)
	o.Expand = false
	c, ps := Load("-", o)
	if len(ps) != 0 {
		t.Fatal(ps)
	}
	if c.Sinks[0].MQTT.Password != "${credential:none}" || c.Sinks[0].URL != "mqtts://${env:H}" || c.Devices[0].URL != "tcp://${env:A}" {
		t.Errorf("%q %q", string(c.Sinks[0].MQTT.Password), string(c.Sinks[0].URL))
	}
}

func TestMissingSecrets(t *testing.T) {
	const text = `{devices: [], sinks: [{name: db, type: influxdb, url: "http://h:1", org: o, bucket: "${env:B}", token: "${env:T}"}]}`
	o := secretOptions(t, text)
	if _, ps := Load("-", o); len(ps) != 2 || ps.HasProblems() || ps.Err() != nil {
		t.Errorf("check: %v", ps)
	}
	o = secretOptions(t, text)
	o.RequireSecrets = true
	c, ps := Load("-", o)
	if len(ps) != 2 || ps.HasProblems() || !strings.Contains(c.Sinks[0].Held, "environment variable B is not set") {
		t.Errorf("run: %v, held: %q", ps, c.Sinks[0].Held)
	}
}

func TestAMissingSecretOfTheBridgeEndsRun(t *testing.T) {
	const text = `{bridge: {name: "${env:N}"}, devices: [{name: a, url: "tcp://${env:H}", tags: []}, {name: b, url: "tcp://h", tags: []}], sinks: []}`
	o := secretOptions(t, text)
	o.RequireSecrets = true
	c, ps := Load("-", o)
	if !ps.OnlyMissingSecrets() || ps.Err() == nil {
		t.Errorf("run: %v", ps)
	}
	if c.Devices[0].Held == "" || c.Devices[1].Held != "" {
		t.Errorf("held: %q, %q", c.Devices[0].Held, c.Devices[1].Held)
	}
	o = secretOptions(t, strings.Replace(text, "name: a", "name: a, poll: x", 1))
	o.RequireSecrets = true
	if _, ps := Load("-", o); ps.OnlyMissingSecrets() {
		t.Errorf("a problem besides was not seen: %v", ps)
	}
}

// TestNothingLeaks puts a secret everywhere it can stand, wrong where it can be, and looks for it in all output.
func TestNothingLeaks(t *testing.T) {
	const secret = "hunter2"
	o := secretOptions(t, `
bridge: {name: "a/${env:S}", http: "${env:S}", log: {level: "${env:S}"}, journal: {max_size: "${env:S}"}}
devices:
  - {name: "d!${env:S}", url: "tcp://me:hunter2@h", poll: "${env:S}", retries: "${env:S}", order: "${env:S}", tags: ["${env:S}.csv"]}
  - {name: o, driver: opcua, url: "opc.tcp://me:hunter2@h", auth: {password: hunter2}, security: {policy: "${env:S}"}, tags: []}
  - {name: p, driver: opcua, url: "opc.tcp://h", auth: {username: u, password: [hunter2]}, tags: []}
  - {name: s, url: "rtu:///dev/ttyX?baud=${env:S}", labels: {a: "x\n${env:S}"}, tags: []}
sinks:
  - {name: i, type: influxdb, url: "http://me:hunter2@[::1:80", bucket: b, token: "x${hunter2"}
  - {name: j, type: influxdb, url: "http://me:hunter2@h:80?p=hunter2", bucket: b, token: "${hunter2:x}", precision: "${env:S}"}
  - {name: k, type: mqtt, url: "mqtt://me:hunter2@h", password: hunter2, topic: "{${env:S}}", qos: "${env:S}", match: ["${env:S}"]}
  - {name: l, type: mqtt, url: "me:hunter2@h:1883", tls: {ca: "${env:S}"}, version: "${env:S}"}
  - {name: m, type: "${env:S}"}`)
	o.Getenv = func(k string) string { return map[string]string{"S": secret}[k] }
	_, wrong := Load("-", o)
	if len(wrong) < 20 {
		t.Errorf("only %d problems: %v", len(wrong), wrong)
	}
	for _, p := range wrong {
		if strings.Contains(p.String(), secret) {
			t.Errorf("leaks: %s", p)
		}
	}
	c, ps := Load("-", secretOptions(t, `
devices: [{name: o, driver: opcua, url: "opc.tcp://h", auth: {username: me, password: hunter2}, tags: [{tag: t, address: "ns=1;s=a"}]}]
sinks:
  - {name: j, type: influxdb, url: "http://h:80", org: o, bucket: b, token: hunter2}
  - {name: k, type: mqtt, url: "mqtt://me:hunter2@h"}`))
	if len(ps) != 0 || c.Sinks[1].MQTT.Password != secret || c.Sinks[1].MQTT.Username != "me" {
		t.Fatal(ps, c)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "c", c)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "c", c.Sinks[0].Influx.Token, "d", *c)
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	token := c.Sinks[0].Influx.Token
	all := log.String() + string(text) + fmt.Sprintf("%v %+v %#v %s %q %x %v", c, *c, *c, token, token, token, c.Sinks)
	if strings.Contains(all, secret) || strings.Contains(all, fmt.Sprintf("%x", secret)) {
		t.Error("a loaded secret is printed")
	}
}

// What YAML takes for something else is a password all the same.
func TestPasswordsThatYAMLMisunderstands(t *testing.T) {
	for _, password := range []string{"password: *hunter2", "password: !hunter2", "password: &hunter2", "password: @hunter2",
		"password: %hunter2", "password:hunter2", "password: {hunter2: 1}", "password: `hunter2`", "password: a: hunter2",
		"password: hunter2, hunter2", "? hunter2", "topic: \"{label.${env:S}}\""} {
		for _, form := range []string{"  - {name: k, type: mqtt, url: \"mqtt://h\", username: u, %s}\n", "  - name: k\n    type: mqtt\n    url: mqtt://h\n    username: u\n    %s\n"} {
			o := secretOptions(t, "devices: [{name: d, url: \"tcp://h\", tags: [{tag: t, address: 40001}]}]\nsinks:\n"+fmt.Sprintf(form, password))
			o.Getenv = func(string) string { return "hunter2" }
			_, ps := Load("-", o)
			if !ps.HasProblems() && password != "password: hunter2, hunter2" {
				t.Errorf("%s: taken as it is", password)
			}
			for _, p := range ps {
				if strings.Contains(p.String(), "hunter2") {
					t.Errorf("%s leaks: %s", password, p)
				}
			}
		}
	}
}

// Devices whose URLs are not known yet share a connection when these are written alike.
func TestConnectionsOfOpenURLs(t *testing.T) {
	text := "devices:\n"
	for i, url := range []string{"${env:A}", "${env:B}", "${env:A}", "tcp://u:hunter2@${env:C}"} {
		text += fmt.Sprintf("  - {name: d%d, url: \"%s\", unit_id: %d, tags: [{tag: t, address: 40001}]}\n", i, url, i+1)
	}
	for _, expand := range []bool{false, true} {
		o := secretOptions(t, text+"sinks: []\n")
		o.Expand, o.Getenv = expand, noEnv
		c, _ := Load("-", o)
		list := c.Connections()
		if len(list) != 3 || len(list[0].Devices) != 2 || list[1].Key != "${env:B}" || strings.Contains(list[2].Key, "hunter2") {
			t.Errorf("%+v", list)
		}
	}
}

func TestAllMissingSecretsOfAValue(t *testing.T) {
	for text, want := range map[string]string{
		"${env:X1}/${env:X2}${env:X1}": "bucket: environment variable X1 is not set; environment variable X2 is not set",
		"${env:X1}${nothing}":          "must be ${env:NAME}",
	} {
		_, ps := Load("-", secretOptions(t, "devices: []\nsinks: [{name: s, type: influxdb, url: \"http://h\", org: o, bucket: \""+text+"\"}]\n"))
		if len(ps) != 1 || !strings.Contains(ps[0].Message, want) {
			t.Errorf("%s: %v, want %s", text, ps, want)
		}
	}
}
