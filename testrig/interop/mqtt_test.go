//go:build interop

package interop

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// protocols runs test with either version of the protocol.
func protocols(t *testing.T, test func(t *testing.T, version string)) {
	for _, version := range []string{"5", "3.1.1"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			test(t, version)
		})
	}
}

const stateTopic = "plant/interop, test = 1/_state"

// TestMQTTWays publishes in every way that a broker can be reached, and hears all that was read, the birth and the farewell.
func TestMQTTWays(t *testing.T) {
	for _, way := range []struct{ name, options, scheme, sink string }{
		{"plain", "allow_anonymous true", "mqtt", ""},
		{"tls", "allow_anonymous true\ncertfile server.pem\nkeyfile server.key", "mqtts", "tls: {ca: ca.pem}"},
		{"mutual tls", "allow_anonymous true\ncafile ca.pem\ncertfile server.pem\nkeyfile server.key\nrequire_certificate true",
			"mqtts", "tls: {ca: ca.pem, certificate: client.pem, key: client.key}"},
		{"websocket", "protocol websockets\nallow_anonymous true", "ws", ""},
		{"secure websocket", "protocol websockets\nallow_anonymous true\ncertfile server.pem\nkeyfile server.key",
			"wss", "tls: {ca: ca.pem}"},
		{"password", "allow_anonymous false\npassword_file passwords", "mqtt", "username: line-3, password: secret"},
	} {
		t.Run(way.name, func(t *testing.T) {
			protocols(t, func(t *testing.T, version string) {
				dir := t.TempDir()
				m := startMosquitto(t, dir, prepareBroker(t, dir, way.options))
				w := m.watch()
				b := run(t, dir, movingDevice(t, dir), cloud(m.port, version, way.scheme, way.sink))
				await(t, "ten polls", func() bool { return b.steps() >= 10 })
				w.wantAll(t, b.stop())
				if states := w.on(stateTopic); strings.Join(states, " ") != "online offline" {
					t.Errorf("states %q", states)
				}
				if r := b.rejected("cloud"); len(r) > 0 {
					t.Errorf("%d samples rejected, the first: %+v", len(r), r[0])
				}
			})
		})
	}
}

// prepareBroker writes certificates and passwords into dir, and returns options with the paths of their files in full.
func prepareBroker(t *testing.T, dir, options string) string {
	t.Helper()
	writeCertificates(t, dir)
	passwords := filepath.Join(dir, "passwords")
	if err := exec.Command("mosquitto_passwd", "-b", "-c", passwords, "line-3", "secret").Run(); err != nil {
		need(t, "mosquitto_passwd", err)
	}
	for _, file := range []string{"ca.pem", "server.pem", "server.key", "passwords", "acl"} {
		options = strings.ReplaceAll(options, " "+file, " "+filepath.Join(dir, file))
	}
	return options
}

// cloud is the sink that is tested; more are keys of it.
func cloud(port int, version, scheme, more string) string {
	if more != "" {
		more = ", " + more
	}
	return fmt.Sprintf("  - {name: cloud, type: mqtt, url: \"%s://127.0.0.1:%d\", version: %s%s}\n", scheme, port, version, more)
}

// TestMQTTDeniedTopic has the broker deny one topic. In MQTT 5 it says so, and the samples are set aside with the reason; in
// 3.1.1 it cannot, and they are gone.
func TestMQTTDeniedTopic(t *testing.T) {
	protocols(t, func(t *testing.T, version string) {
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, "acl"),
			"user line-3\ntopic readwrite plant/#\ntopic deny plant/+/press-1/step\ntopic deny plant/interop, test = 1/press-1/step\n")
		m := startMosquitto(t, dir, prepareBroker(t, dir, "allow_anonymous false\npassword_file passwords\nacl_file acl"))
		w := m.watch()
		b := run(t, dir, movingDevice(t, dir), cloud(m.port, version, "mqtt", "username: line-3, password: secret"))
		await(t, "thirty polls", func() bool { return b.steps() >= 30 })
		samples := b.stop()
		w.wantAll(t, samples, "step")
		rejected := b.rejected("cloud")
		if version == "3.1.1" {
			if len(rejected) > 0 {
				t.Errorf("%d samples rejected", len(rejected))
			}
			return
		}
		if steps := len(byTag(samples, "press-1")["step"]); len(rejected) != steps {
			t.Errorf("%d samples rejected, %d of step were read", len(rejected), steps)
		}
		for _, r := range rejected {
			if r.Tag != "step" || !strings.Contains(r.Reason, "not authorized") {
				t.Fatalf("rejected %+v", r)
			}
		}
		if _, order := w.samples(t); len(order) > len(samples)+3*window {
			t.Errorf("%d messages for %d samples", len(order), len(samples))
		}
	})
}

// TestMQTTAccess tries what a broker, or its certificate, does not allow: the log says what is wrong, and polling goes on.
func TestMQTTAccess(t *testing.T) {
	const tls = "allow_anonymous true\ncertfile server.pem\nkeyfile server.key"
	for _, c := range []struct{ name, options, scheme, sink, want5, want3 string }{
		{"wrong password", "allow_anonymous false\npassword_file passwords", "mqtt", "username: line-3, password: wrong",
			"not authorized", "not authorized"},
		{"wrong ca", tls, "mqtts", "tls: {ca: other/ca.pem}", "unknown authority", "unknown authority"},
		{"expired certificate", tls, "mqtts", "tls: {ca: ca.pem}", "expired", "expired"},
		{"no client certificate", tls + "\ncafile ca.pem\nrequire_certificate true", "mqtts", "tls: {ca: ca.pem}",
			"certificate", "certificate"},
		{"wrong name", tls, "mqtts", "tls: {ca: ca.pem, server_name: broker.example.org}", "broker.example.org", "broker.example.org"},
	} {
		t.Run(c.name, func(t *testing.T) {
			protocols(t, func(t *testing.T, version string) {
				dir := t.TempDir()
				options := prepareBroker(t, dir, c.options)
				mkdir(t, filepath.Join(dir, "other"))
				writeCertificates(t, filepath.Join(dir, "other"))
				if c.name == "expired certificate" {
					expireServer(t, dir)
				}
				m := startMosquitto(t, dir, options)
				b := run(t, dir, movingDevice(t, dir), cloud(m.port, version, c.scheme, c.sink))
				want := c.want5
				if version == "3.1.1" {
					want = c.want3
				}
				b.awaitLog("sink takes nothing until something is mended")
				b.awaitLog(want)
				before := b.steps()
				await(t, "ten more polls", func() bool { return b.steps() >= before+10 })
				b.stop()
				if log := b.stderr.tail(1 << 20); strings.Contains(log, "secret") {
					t.Errorf("a secret in the log:\n%s", log)
				}
			})
		})
	}
}
