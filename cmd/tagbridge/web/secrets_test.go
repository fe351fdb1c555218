package web

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/testrig/influxd"
)

// TestSecretsStayInside runs a bridge full of secrets against sinks that refuse them, reloads it with others, and looks
// for them in everything that comes out: log, API, metrics, files.
func TestSecretsStayInside(t *testing.T) {
	r := newRig(t)
	r.influx.Always(influxd.Step{Status: 401})
	secret := func(n int) string { return fmt.Sprintf("hush-%d-hush", n) }
	r.write("tags.csv", threeTags)
	r.write("token", secret(1)+"\n")
	t.Setenv("TAGBRIDGE_TEST_SECRET", secret(2))
	r.plant("127.0.0.1:1", "")
	r.edit("plant.yaml", "org: o", `org: o, token: "${file:token}"`)
	text, err := os.ReadFile(filepath.Join(r.dir, "plant.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	r.write("plant.yaml", string(text)+fmt.Sprintf(`
  - {name: second, type: influxdb, url: "http://user:%s@127.0.0.1:1", bucket: b, username: u, password: "${env:TAGBRIDGE_TEST_SECRET}", from: now}
  - {name: broker, type: mqtt, url: "mqtt://127.0.0.1:1", username: u, password: "${env:TAGBRIDGE_TEST_SECRET}", qos: 1}
`, secret(3)))
	if r.loader()(nil).Problems.HasProblems() { // a user has no place in a URL of that type
		r.edit("plant.yaml", "user:"+secret(3)+"@", "")
	}
	b := r.run()
	b.await("failures", func() bool {
		for _, s := range b.bridge.Sinks() {
			if s.Error == "" {
				return false
			}
		}
		return true
	})
	r.write("token", secret(4))
	if s := b.hup(); s.Applied != 1 {
		t.Errorf("reload: %+v", s)
	}
	r.edit("plant.yaml", "password: \"${env:TAGBRIDGE_TEST_SECRET}\", qos: 1", "password: "+secret(5)+", qos: many")
	if s := b.hup(); s.Refused != 1 {
		t.Errorf("reload: %+v", s)
	}
	seen := map[string]string{}
	for _, path := range []string{"/metrics", "/readyz", "/api/v1/devices", "/api/v1/tags", "/api/v1/sinks", "/api/v1/configuration"} {
		_, seen[path] = b.get(path)
	}
	b.stop()
	seen["log"] = b.log.String()
	err = filepath.WalkDir(filepath.Join(r.dir, "data"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		seen[path] = string(content)
		if info, err := d.Info(); err == nil && info.Mode().Perm()&0o007 != 0 {
			t.Errorf("%s: mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for where, text := range seen {
		if strings.Contains(text, "hush-") && !strings.Contains(where, "configurations") {
			i := strings.Index(text, "hush-")
			t.Errorf("%s tells a secret: …%s…", where, text[max(0, i-60):min(len(text), i+30)])
		}
		for n := range 6 {
			if n != 3 && strings.Contains(text, secret(n)) {
				t.Errorf("%s tells secret %d", where, n)
			}
		}
	}
}
