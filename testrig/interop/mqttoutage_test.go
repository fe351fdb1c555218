//go:build interop

package interop

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// window is how many messages can be under way.
const window = 20

// TestMQTTOutages stops, freezes and kills the broker in mid-stream: every sample arrives, in order per tag, and no more than
// a window of messages twice each time.
func TestMQTTOutages(t *testing.T) {
	t.Parallel()
	for _, outage := range []struct {
		name  string
		begin func(m *mosquitto)
		end   func(m *mosquitto)
	}{
		{"stopped", func(m *mosquitto) { m.terminate(m.t) }, (*mosquitto).again},
		{"frozen", func(m *mosquitto) { m.signal(syscall.SIGSTOP) }, func(m *mosquitto) { m.signal(syscall.SIGCONT) }},
		{"killed", func(m *mosquitto) { m.kill() }, (*mosquitto).again},
	} {
		t.Run(outage.name, func(t *testing.T) {
			t.Parallel()
			protocols(t, func(t *testing.T, version string) {
				dir := t.TempDir()
				m := startMosquitto(t, dir, "allow_anonymous true")
				tap := newTap(t, m.port, version)
				b := run(t, dir, movingDevice(t, dir), cloud(tap.port(), version, "mqtt", "flush: 0ms"))
				const times = 2
				for range times {
					polls := b.steps()
					await(t, "ten polls", func() bool { return b.steps() >= polls+10 })
					outage.begin(m)
					b.awaitOffline()
					polls = b.steps()
					await(t, "fifty polls without a broker", func() bool { return b.steps() >= polls+50 })
					outage.end(m)
					b.awaitOnline()
				}
				polls := b.steps()
				await(t, "ten polls", func() bool { return b.steps() >= polls+10 })
				tap.check(t, b.stop(), times*window)
			})
		})
	}
}

// awaitOffline waits until the bridge has noticed that its sink is out of reach, once more than it has come back.
func (b *bridge) awaitOffline() {
	b.t.Helper()
	await(b.t, "the bridge to miss the broker", func() bool { return b.logged("sink offline") > b.logged("outage=") })
}

// awaitOnline waits until the bridge has its sink back.
func (b *bridge) awaitOnline() {
	b.t.Helper()
	await(b.t, "the bridge to find the broker", func() bool { return b.logged("sink offline") == b.logged("outage=") })
}

// expireServer makes the server's certificate in dir one that was good until yesterday.
func expireServer(t *testing.T, dir string) {
	t.Helper()
	ca, caKey := readCA(t, dir)
	key := newKey(t)
	c := &x509.Certificate{
		SerialNumber: big.NewInt(9), Subject: pkix.Name{CommonName: "server"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(-24 * time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, c, ca, &key.PublicKey, caKey)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "server.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	writeFile(t, filepath.Join(dir, "server.key"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})))
}

// readCA reads what writeCertificates has written.
func readCA(t *testing.T, dir string) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	read := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(text)
		return block.Bytes
	}
	ca, err := x509.ParseCertificate(read("ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.ParsePKCS8PrivateKey(read("ca.key"))
	if err != nil {
		t.Fatal(err)
	}
	return ca, key.(*ecdsa.PrivateKey)
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
}
