package session

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/drivers/opcua/wire"
)

// element writes an element of ASN.1, with a length of long bytes; 0: as DER has it.
func element(tag byte, long int, content ...[]byte) []byte {
	body := bytes.Join(content, nil)
	switch n := len(body); {
	case long > 0:
		size := make([]byte, long)
		big.NewInt(int64(n)).FillBytes(size)
		return append(append([]byte{tag, 0x80 | byte(long)}, size...), body...)
	case n < 0x80:
		return append([]byte{tag, byte(n)}, body...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, body...)
	}
	return append([]byte{tag, 0x82, byte(len(body) >> 8), byte(len(body))}, body...)
}

// odd is what is not as it should be in a certificate that is written by hand.
type odd struct {
	serial      []byte // DER of the number
	constraints []byte // BER of the basic constraints
	uri         string
	long        int // bytes of the lengths of the outermost elements
	modulus     func([]byte) []byte
}

var (
	idCommonName  = []byte{0x06, 0x03, 0x55, 0x04, 0x03}
	idSHA256RSA   = []byte{0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B}
	idRSA         = []byte{0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01}
	idConstraints = []byte{0x06, 0x03, 0x55, 0x1D, 0x13}
	idAlternative = []byte{0x06, 0x03, 0x55, 0x1D, 0x11}
	derNull       = []byte{0x05, 0x00}
)

// byHand is a self-signed certificate of key as a device would write it that follows rules of its own.
func byHand(t *testing.T, key *rsa.PrivateKey, o odd) []byte {
	t.Helper()
	if o.serial == nil {
		o.serial = []byte{0x02, 0x01, 0x07}
	}
	if o.uri == "" {
		o.uri = "urn:press"
	}
	modulus := append([]byte{0}, key.N.Bytes()...)
	if o.modulus != nil {
		modulus = o.modulus(modulus)
	}
	algorithm := element(tagSequence, 0, idSHA256RSA, derNull)
	name := element(tagSequence, 0, element(0x31, 0, element(tagSequence, 0, idCommonName, element(0x0C, 0, []byte("press")))))
	bits := element(tagSequence, 0, element(tagInteger, 0, modulus), element(tagInteger, 0, []byte{1, 0, 1}))
	extensions := [][]byte{element(tagSequence, 0, idAlternative, element(0x04, 0, element(tagSequence, 0,
		element(tagURI, 0, []byte(o.uri)), element(tagDNSName, 0, []byte("press.example")), element(tagAddress, 0, []byte{192, 0, 2, 1}))))}
	if o.constraints != nil {
		extensions = append(extensions, element(tagSequence, 0, idConstraints, element(0x04, 0, o.constraints)))
	}
	tbs := element(tagSequence, o.long,
		element(tagVersion, 0, []byte{0x02, 0x01, 0x02}), o.serial, algorithm, name,
		element(tagSequence, 0, element(tagUTCTime, 0, []byte("250601000000Z")), element(tagTime, 0, []byte("20600601000000Z"))),
		name, element(tagSequence, 0, element(tagSequence, 0, idRSA, derNull), element(tagBits, 0, []byte{0}, bits)),
		element(tagExtension, 0, element(tagSequence, 0, extensions...)))
	sum := sha256.Sum256(tbs)
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return element(tagSequence, o.long, tbs, algorithm, element(tagBits, 0, []byte{0}, signature))
}

// oddities are certificates of devices in the field, and one that is as it should be.
var oddities = map[string]odd{
	"right":            {},
	"negative serial":  {serial: []byte{0x02, 0x02, 0x80, 0x01}},
	"BER constraints":  {constraints: []byte{0x30, 0x03, 0x01, 0x01, 0x01}}, // true is 0xFF in DER
	"URI with blank":   {uri: "http://plc 1/a b"},
	"URI of no scheme": {uri: "PLC_1:OPC:UA"},
	"URI with umlaut":  {uri: "urn:Prüfstand:PLC"},
	"long lengths":     {long: 4},
	"negative modulus": {modulus: func(b []byte) []byte { return b[1:] }},
}

// TestOddCertificatesAreRead reads what Go's own parser refuses, too, and has it trusted as a file and as a pin.
func TestOddCertificatesAreRead(t *testing.T) {
	flaws := 0
	for name, o := range oddities {
		raw := byHand(t, key(), o)
		c, err := ParseCertificate(append(bytes.Clone(raw), 0, 0, 0))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.Flaw != nil {
			flaws++
		} else if name == "negative serial" {
			t.Errorf("%s has no flaw", name)
		}
		uri := o.uri
		if uri == "" {
			uri = "urn:press"
		}
		if c.Key == nil || c.Key.N.Cmp(key().N) != 0 || c.Subject != "CN=press" || c.URIs[0] != uri || strings.Join(c.Hosts, " ") != "press.example 192.0.2.1" {
			t.Errorf("%s is read as %s %v %v", name, c.Subject, c.URIs, c.Hosts)
		}
		if c.NotBefore.Year() != 2025 || c.NotAfter.Year() != 2060 {
			t.Errorf("%s is valid from %v to %v", name, c.NotBefore, c.NotAfter)
		}
		file := filepath.Join(t.TempDir(), "press.pem")
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, entry := range []string{file, Thumbprint(raw)} {
			trust, err := LoadTrust([]string{entry})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			at := &Options{Address: "192.0.2.7:4840", Now: func() time.Time { return now }}
			if err := trust.Verify(&wire.Endpoint{Certificate: raw, ApplicationURI: "urn:mill"}, at); err != nil {
				t.Errorf("%s, trusted as %.20s: %v", name, entry, err)
			}
		}
		other, err := LoadTrust([]string{Thumbprint([]byte{1})})
		if err != nil {
			t.Fatal(err)
		}
		untrusted := &UntrustedError{}
		err = other.Verify(&wire.Endpoint{Certificate: raw}, &Options{Now: func() time.Time { return now }})
		if !errors.As(err, &untrusted) || (c.Flaw != nil) != strings.Contains(untrusted.Why, "by the standard") {
			t.Errorf("%s, not trusted: %v", name, err)
		}
	}
	if flaws < 4 {
		t.Errorf("only %d of the certificates are refused by Go's parser: the others show nothing", flaws)
	}
}

// chain is root, intermediate and leaf, each signed by the one before.
func chain(t *testing.T) (root, between, end *x509.Certificate) {
	t.Helper()
	ca := func(name string) func(*x509.Certificate) {
		return func(c *x509.Certificate) {
			c.Subject.CommonName, c.IsCA, c.KeyUsage, c.URIs = name, true, x509.KeyUsageCertSign, nil
		}
	}
	root = certificate(t, nil, ca("plant root"))
	between = certificate(t, root, ca("line 3 CA"))
	return root, between, certificate(t, between, nil)
}

func TestChains(t *testing.T) {
	root, between, end := chain(t)
	both := append(bytes.Clone(end.Raw), between.Raw...)
	for name, c := range map[string]struct {
		trust   *Trust
		sent    []byte
		wantErr string
	}{
		"root, chain":         {trusting(t, root), both, ""},
		"root, leaf only":     {trusting(t, root), end.Raw, "CN=line 3 CA"},
		"both, leaf only":     {trusting(t, root, between), end.Raw, ""},
		"intermediate, chain": {trusting(t, between), both, ""},
		"leaf, chain":         {trusting(t, end), both, ""},
		"another, chain":      {trusting(t, certificate(t, nil, nil)), both, "CN=plant root"},
	} {
		err := c.trust.Verify(&wire.Endpoint{Certificate: c.sent, ApplicationURI: "urn:press"},
			&Options{Address: "press.example:4840", Now: func() time.Time { return now }})
		if c.wantErr == "" && err != nil || c.wantErr != "" && (err == nil || !strings.Contains(err.Error(), c.wantErr)) {
			t.Errorf("%s: %v, want %q", name, err, c.wantErr)
		}
	}
}

// ownCertificate is a self-signed certificate of a key.
func ownCertificate(t *testing.T, k *rsa.PrivateKey, uri string) []byte {
	t.Helper()
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: uri}, URIs: []*url.URL{u},
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0), BasicConstraintsValid: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, c, c, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// FuzzCertificate reads anything as a chain: no panic, and what is kept is within the bytes.
func FuzzCertificate(f *testing.F) {
	f.Add([]byte{0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF})
	f.Add([]byte{0x30, 0x82, 0x00, 0x04, 0x30, 0x80, 0x00, 0x00})
	k := testKey(f, "server", 2048)
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x"}, DNSNames: []string{"x"}}
	raw, err := x509.CreateCertificate(rand.Reader, c, c, &k.PublicKey, k)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(append(raw, raw...))
	f.Fuzz(func(t *testing.T, b []byte) {
		total := 0
		for _, c := range split(b) {
			total += len(c)
		}
		if total > len(b) {
			t.Fatalf("%d bytes of %d", total, len(b))
		}
		for _, raw := range split(b) {
			c, err := ParseCertificate(raw)
			if err == nil && c.Flaw == nil && (c.Key == nil) != (c.strict.PublicKeyAlgorithm != x509.RSA) {
				t.Fatalf("key %v of a certificate of %v", c.Key, c.strict.PublicKeyAlgorithm)
			}
		}
		trust := &Trust{pins: map[string]bool{"x": true}, roots: x509.NewCertPool()}
		if trust.Verify(&wire.Endpoint{Certificate: b}, &Options{}) == nil {
			t.Fatal("a certificate is trusted that nobody named")
		}
	})
}
