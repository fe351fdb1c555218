package revision

import (
	"strings"
	"testing"
)

// TestWrittenOut has each secret that is written out be found at its line, and nothing else.
func TestWrittenOut(t *testing.T) {
	text := `bridge:
  name: line-3
  cluster: {nats: [nats://a:4222], password: hunter2}
x-old: {password: hunter2} # line 4
devices:
  - name: press
    auth: {username: reader, password: "${file:/run/secrets/press}"}
  - name: oven
    auth: {username: reader, password: oven123} # line 9
    url: "opc.tcp://10.0.0.1:4840"
sinks:
  - {type: influxdb, token: "${env:TOKEN}", url: "http://10.0.0.1:8086"}
  - {type: influxdb, token: abcdef} # line 13
  - type: mqtt
    url: mqtts://line:pass@broker:8883 # line 15
    password: "$${literal}" # line 16
  - url: "mqtts://line:${env:P}@broker:8883"
    password: ""
  # password: oldone
  - url: nats://s3cr3t@broker:4222 # line 20
    nkey: SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY # line 21
  - certificate: |
      -----BEGIN EC PRIVATE KEY-----
      abc
  # the password is in the safe
`
	found := writtenOut("plant.yaml", text)
	lines := map[int]bool{}
	for _, p := range found {
		lines[p.Line] = true
		if !strings.Contains(p.Message, "${env:NAME}") {
			t.Errorf("line %d: it is not said what to write: %s", p.Line, p.Message)
		}
		for _, secret := range []string{"hunter2", "oven123", "abcdef", "oldone", "s3cr3t"} {
			if strings.Contains(p.Message, secret) {
				t.Errorf("line %d: the message shows it", p.Line)
			}
		}
	}
	for _, want := range []int{4, 9, 13, 15, 16, 19, 20, 21, 22} {
		if !lines[want] {
			t.Errorf("line %d has a secret, which is not found", want)
		}
		delete(lines, want)
	}
	delete(lines, 23) // where the key itself begins
	for line := range lines {
		t.Errorf("line %d has no secret", line)
	}
}
