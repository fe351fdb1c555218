package main

import (
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/testrig/process"
)

// TestCheckUnits has check say what moves together.
func TestCheckUnits(t *testing.T) {
	dir := process.Folder(t, map[string]string{"plant.yaml": `bridge: {http: "", cluster: {nats: ["nats://127.0.0.1:4222"]}}
devices:
  - {name: a, driver: modbus, url: "tcp://127.0.0.1:1502", tags: [{tag: t, address: 40001}]}
  - {name: b, driver: modbus, url: "tcp://127.0.0.1:1503", tags: [{tag: t, address: 40001}]}
  - {name: c, driver: modbus, url: "tcp://127.0.0.1:1504", tags: [{tag: t, address: 40001}]}
  - {name: k, driver: derived, tags: [{tag: t, expr: a/t + b/t}]}
sinks: [{name: out, type: file, path: "-"}]
`})
	status, _, complaints := typed(t, "", "check", filepath.Join(dir, "plant.yaml"))
	if want := "these 3 devices move together in the cluster, because of k: a, b, k"; status != exitOK || !strings.Contains(complaints, want) {
		t.Errorf("status %d, %s, want %s", status, complaints, want)
	}
}
