package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/testrig/influxd"
)

// TestVerbsTellNoSecret runs a bridge with secrets, then every verb that looks at its configuration and its folder.
func TestVerbsTellNoSecret(t *testing.T) {
	dir, db := journalPlant(t, "door")
	path, data := filepath.Join(dir, "plant.yaml"), filepath.Join(dir, "data")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TAGBRIDGE_TEST_SECRET", "hush-1-hush")
	full := strings.Replace(string(text), "org: o", `org: o, token: "${env:TAGBRIDGE_TEST_SECRET}"`, 1)
	full = strings.Replace(full, "sinks: [", `sinks: [{name: far, type: mqtt, url: "mqtt://me:hush-2-hush@127.0.0.1:1"},
  {name: old, type: influxdb, url: "http://127.0.0.1:1", bucket: b/r, username: me, password: hush-3-hush}, `, 1)
	wrong := strings.Replace(full, "mqtt://me:", "mqtt://me: ", 1)
	for name, text := range map[string]string{"plant.yaml": full, "other.yaml": strings.ReplaceAll(full, "hush-3", "hush-4"), "wrong.yaml": wrong} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stop := runAside(t, path)
	err = db.Wait(t.Context(), func(p []influxd.Point) bool { return len(times(p, "temp")) > 2 })
	stop()
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"check", path}, {"check", filepath.Join(dir, "wrong.yaml")}, {"check", "--online", path}, {"plan", path}, {"plan", "--json", path},
		{"diff", path, filepath.Join(dir, "other.yaml")}, {"diff", path, filepath.Join(dir, "wrong.yaml")}, {"rollback", path},
		{"journal", "stat", data}, {"journal", "stat", "--json", data}, {"journal", "dump", data}, {"journal", "verify", data},
		{"journal", "resend", data, "db"}, {"read", path + "#oven", "40001"}, {"read", "tcp://me:hush-5-hush@127.0.0.1:1", "40001"},
		{"browse", "opc.tcp://me:hush-6-hush@127.0.0.1:1"}, {"run", filepath.Join(dir, "wrong.yaml")},
	} {
		_, out, complaints := typed(t, "", args...)
		if all := out + complaints; all == "" && args[1] != "verify" || strings.Contains(all, "hush-") {
			t.Errorf("%s prints %s", strings.Join(args, " "), all)
		}
	}
}
