//go:build interop

package interop

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// TestInfluxLogin has a sink with the right password and one with a wrong one. The second is held, not rejected, and
// costs the first nothing; nobody is told a password.
func TestInfluxLogin(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := newInfluxd(t, true)
	d.start()
	d.query("", `CREATE USER admin WITH PASSWORD 'administrator' WITH ALL PRIVILEGES`)
	d.login = url.Values{"u": {"admin"}, "p": {"administrator"}}
	for _, q := range []string{
		`CREATE DATABASE plant`, `CREATE USER "line-3" WITH PASSWORD 'pass, word:"%7"'`, `GRANT WRITE ON plant TO "line-3"`,
	} {
		d.query("", q)
	}
	b := run(t, dir, movingDevice(t, dir), fmt.Sprintf(`
  - {name: right, type: influxdb, url: %[1]q, bucket: plant/autogen, precision: ns,
     username: line-3, password: 'pass, word:"%%7"'}
  - {name: wrong, type: influxdb, url: %[1]q, bucket: plant/autogen, precision: ns,
     username: line-3, password: "mistaken-42"}
`, d.url))
	await(t, "thirty polls", func() bool { return b.steps() >= 30 })
	samples := b.stop()
	comparePoints(t, d.points("plant"), wide().points(t, samples))
	if r := b.rejected("wrong"); len(r) > 0 {
		t.Errorf("the sink that is not let in rejected %d samples", len(r))
	}
	said := b.stderr.tail(1 << 20)
	if !strings.Contains(said, "401") && !strings.Contains(strings.ToLower(said), "auth") {
		t.Errorf("nothing says that a login was refused:\n%s", said)
	}
	for _, secret := range []string{"pass, word", "mistaken-42"} {
		if strings.Contains(said, secret) {
			t.Errorf("the password %q was logged", secret)
		}
	}
}
