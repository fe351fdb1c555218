package session

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tagbridge/drivers/opcua/wire"
)

var now = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

// key is one for all certificates of the tests: making them takes long.
var key = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

// certificate makes one, signed by parent or by itself; change is made before.
func certificate(t *testing.T, parent *x509.Certificate, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<60))
	uri, _ := url.Parse("urn:press")
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "press"}, URIs: []*url.URL{uri},
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0), DNSNames: []string{"press.example"},
		BasicConstraintsValid: true,
	}
	if change != nil {
		change(c)
	}
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key().PublicKey, key())
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// trusting is the trust in these certificates, from files of both encodings.
func trusting(t *testing.T, certs ...*x509.Certificate) *Trust {
	t.Helper()
	dir := t.TempDir()
	for i, c := range certs {
		name, data := string(rune('a'+i))+".der", c.Raw
		if i%2 == 1 {
			name, data = string(rune('a'+i))+".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trust, err := LoadTrust([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	return trust
}

func TestVerify(t *testing.T) {
	ca := certificate(t, nil, func(c *x509.Certificate) {
		c.Subject.CommonName, c.IsCA, c.KeyUsage, c.URIs = "plant CA", true, x509.KeyUsageCertSign, nil
	})
	own := certificate(t, nil, nil)
	other := certificate(t, nil, func(c *x509.Certificate) { c.Subject.CommonName = "other" })
	signed := certificate(t, ca, nil)
	old := certificate(t, nil, func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, -1, 0) })
	young := certificate(t, nil, func(c *x509.Certificate) { c.NotBefore = now.AddDate(0, 1, 0) })
	pin, _ := LoadTrust([]string{Thumbprint(own.Raw)})
	for name, c := range map[string]struct {
		trust   *Trust
		server  *x509.Certificate
		host    string
		uri     string
		wantErr string
	}{
		"listed":                 {trusting(t, other, own), own, "192.0.2.1:4840", "urn:press", ""},
		"pinned":                 {pin, own, "192.0.2.1:4840", "urn:press", ""},
		"pin of another":         {pin, other, "192.0.2.1:4840", "urn:press", "not trusted"},
		"not listed":             {trusting(t, other), own, "press.example:4840", "urn:press", Thumbprint(own.Raw)},
		"nothing trusted":        {nil, own, "press.example:4840", "urn:press", "cert trust"},
		"by authority":           {trusting(t, ca), signed, "press.example:4840", "urn:press", ""},
		"by authority, host":     {trusting(t, ca), signed, "mill.example:4840", "urn:press", "not for host mill.example"},
		"expired":                {trusting(t, old), old, "press.example:4840", "urn:press", "expired"},
		"not valid yet":          {trusting(t, young), young, "press.example:4840", "urn:press", "clock"},
		"listed, other program":  {trusting(t, own), own, "press.example:4840", "urn:mill", ""},
		"pinned, other program":  {pin, own, "192.0.2.1:4840", "urn:mill", ""},
		"of another program":     {trusting(t, ca), signed, "press.example:4840", "urn:mill", "trust the certificate itself"},
		"signed by one not a CA": {trusting(t, own), certificate(t, own, func(c *x509.Certificate) { c.Subject.CommonName = "x" }), "press.example:4840", "urn:press", "not trusted"},
	} {
		err := c.trust.Verify(&wire.Endpoint{Certificate: c.server.Raw, ApplicationURI: c.uri},
			&Options{Address: c.host, Now: func() time.Time { return now }})
		if c.wantErr == "" && err != nil || c.wantErr != "" && (err == nil || !strings.Contains(err.Error(), c.wantErr)) {
			t.Errorf("%s: %v, want %q", name, err, c.wantErr)
		}
	}
}

func TestLoadTrustFaults(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.pem")
	if err := os.WriteFile(file, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, entry := range []string{file, filepath.Join(t.TempDir(), "missing.pem")} {
		if _, err := LoadTrust([]string{entry}); err == nil {
			t.Errorf("%s passes", entry)
		}
	}
}
