//go:build interop

package interop

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writePEM writes certificates and a key to NAME.pem and NAME.key.
func writePEM(t *testing.T, path string, key *rsa.PrivateKey, chain ...*x509.Certificate) {
	t.Helper()
	var text strings.Builder
	for _, c := range chain {
		text.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	writeFile(t, path+".pem", text.String())
	if key == nil {
		return
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, path+".key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

// uaCertificate is an application's certificate, or an authority's without a URI, signed by parent or by itself.
func uaCertificate(t *testing.T, name, uri string, key *rsa.PrivateKey, parent *x509.Certificate, by *rsa.PrivateKey) *x509.Certificate {
	t.Helper()
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<60))
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment | x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment,
		BasicConstraintsValid: true, IsCA: uri == "",
	}
	if uri == "" {
		c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	} else {
		u, err := url.Parse(uri)
		if err != nil {
			t.Fatal(err)
		}
		c.URIs, c.IPAddresses = []*url.URL{u}, []net.IP{net.IPv4(127, 0, 0, 1)}
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	}
	if parent == nil {
		parent, by = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// checked is what check --online says of a device at s with these lines.
func (s *nodeServer) checked(t *testing.T, dir string, lines ...string) string {
	t.Helper()
	u, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "bridge"+u.Port()+".yaml") // others use dir at the same time
	writeFile(t, config, "devices:\n"+s.device("press", uaTag("force", space+"Force"), lines...))
	out, _ := tagbridge(t, dir, "check", config, "--online")
	return out
}

const interopURI = "urn:tagbridge:interop"

// TestOPCUAKeySizes connects with every pair of key sizes and every policy and mode to servers of another make.
func TestOPCUAKeySizes(t *testing.T) {
	t.Parallel()
	sizes := []int{2048, 3072, 4096}
	dir := t.TempDir()
	for _, bits := range sizes {
		key := rsaKey(t, bits)
		writePEM(t, filepath.Join(dir, fmt.Sprint("client", bits)), key, uaCertificate(t, "bridge", "urn:bridge", key, nil, nil))
	}
	for _, server := range sizes {
		t.Run(fmt.Sprint(server), func(t *testing.T) {
			t.Parallel()
			key := rsaKey(t, server)
			path := filepath.Join(dir, fmt.Sprint("server", server))
			writePEM(t, path, key, uaCertificate(t, "press", interopURI, key, nil, nil))
			s := nodeOPCUA(t, 0, t.TempDir(), fmt.Sprintf(`{"certificate": %q, "key": %q}`, path+".pem", path+".key"))
			for _, client := range sizes {
				for _, policy := range []string{"Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"} {
					for _, mode := range []string{"Sign", "SignAndEncrypt"} {
						line := fmt.Sprintf("security: {policy: %s, mode: %s, certificate: client%d.pem, key: client%d.key, trust: [server%d.pem]}",
							policy, mode, client, client, server)
						if out := s.checked(t, dir, line); !strings.Contains(out, "12.5") {
							t.Errorf("client %d, server %d, %s %s:\n%s", client, server, policy, mode, out)
						}
					}
				}
			}
		})
	}
}

// TestOPCUAChain connects to a server that sends its certificate with that of its authority.
func TestOPCUAChain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rootKey, betweenKey, key, own := rsaKey(t, 2048), rsaKey(t, 3072), rsaKey(t, 2048), rsaKey(t, 2048)
	root := uaCertificate(t, "plant root", "", rootKey, nil, nil)
	between := uaCertificate(t, "line 3 CA", "", betweenKey, root, rootKey)
	end := uaCertificate(t, "press", interopURI, key, between, betweenKey)
	writePEM(t, filepath.Join(dir, "server"), key, end, between)
	writePEM(t, filepath.Join(dir, "client"), own, uaCertificate(t, "bridge", "urn:bridge", own, nil, nil))
	for name, c := range map[string]*x509.Certificate{"root": root, "between": between, "leaf": end} {
		writePEM(t, filepath.Join(dir, name), nil, c)
	}
	s := nodeOPCUA(t, 0, t.TempDir(), fmt.Sprintf(`{"certificate": %q, "key": %q}`, filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key")))
	for _, trusted := range []string{"root", "between", "leaf"} {
		for _, policy := range []string{"Basic256Sha256", "Aes256_Sha256_RsaPss"} {
			for _, login := range []string{"", "auth: {username: reader, password: secret}", "auth: {certificate: client.pem, key: client.key}"} {
				line := fmt.Sprintf("security: {policy: %s, mode: SignAndEncrypt, certificate: client.pem, key: client.key, trust: [%s.pem]}", policy, trusted)
				if out := s.checked(t, dir, line, login); !strings.Contains(out, "12.5") {
					t.Errorf("%s trusted, %s, %s:\n%s", trusted, policy, login, out)
				}
			}
		}
	}
}

// TestOPCUABuffers reads 1,000 nodes of servers whose buffers and limits are small and not alike.
func TestOPCUABuffers(t *testing.T) {
	t.Parallel()
	for _, b := range []string{
		`"receiveBufferSize": 8192, "sendBufferSize": 65535, "maxMessageSize": 0, "maxChunkCount": 0`,
		`"receiveBufferSize": 65535, "sendBufferSize": 8192, "maxMessageSize": 0, "maxChunkCount": 0`,
		`"receiveBufferSize": 8192, "sendBufferSize": 8192, "maxMessageSize": 16384, "maxChunkCount": 2`,
	} {
		s := nodeOPCUA(t, 0, t.TempDir(), `{"nodes": 1000, "buffers": {"protocolVersion": 0, `+b+`}}`)
		var rows strings.Builder
		for i := range 1000 {
			rows.WriteString(uaTag(fmt.Sprint("n", i), fmt.Sprint(space, "Line1/Machine/Node", i)))
		}
		dir := t.TempDir()
		config := filepath.Join(dir, "bridge.yaml")
		writeFile(t, config, "devices:\n"+s.device("press", rows.String()))
		out, _ := tagbridge(t, dir, "check", config, "--online")
		if n := strings.Count(out, " Good"); n < 1000 {
			t.Errorf("%s: %d of 1000 tags are good:\n%.2000s", b, n, out)
		}
	}
}
