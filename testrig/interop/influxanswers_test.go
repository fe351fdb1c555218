//go:build interop

package interop

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestInfluxTurnsToTLS has a database begin to speak TLS on the same port, for a sink that does not know: nothing is
// rejected for that, the sink says what to write, and everything is delivered when the database is back as it was.
func TestInfluxTurnsToTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := startInfluxd(t, "plant")
	b := run(t, dir, movingDevice(t, dir), fmt.Sprintf(`
  - {name: historian, type: influxdb, url: %q, bucket: plant/autogen, precision: ns, flush: 200ms}
`, d.url))
	await(t, "twenty polls", func() bool { return b.steps() >= 20 })
	plain, err := os.ReadFile(d.config)
	if err != nil {
		t.Fatal(err)
	}
	writeCertificates(t, dir)
	writeFile(t, d.config, string(plain)+fmt.Sprintf("  https-enabled = true\n  https-certificate = %q\n  https-private-key = %q\n",
		filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key")))
	d.kill()
	d.child = launch(t, exec.Command(d.binary, "-config", d.config))
	await(t, "influxd to refuse what is not TLS", func() bool {
		resp, err := http.Get(d.url + "/ping")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusBadRequest
	})
	b.awaitLog("write https:// in url")
	polls := b.steps()
	await(t, "twenty polls more", func() bool { return b.steps() >= polls+20 })
	d.kill()
	writeFile(t, d.config, string(plain))
	d.start()
	await(t, "ten polls more", func() bool { return b.steps() >= polls+30 })
	b.awaitLog("outage=")
	samples := b.stop()
	b.checkRejected("historian", samples, "huge")
	comparePoints(t, d.points("plant"), wide().points(t, samples))
}
