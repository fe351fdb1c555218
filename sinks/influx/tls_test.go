package influx

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping/secure"
	"tagbridge/sinks"
	"tagbridge/testrig/influxd"
)

// certificate writes a self-signed certificate for that host name and its key, and returns the paths.
func certificate(t *testing.T, name string) (certPath, keyPath string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certPath, keyPath = filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
	for path, block := range map[string]*pem.Block{
		certPath: {Type: "CERTIFICATE", Bytes: der}, keyPath: {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certPath, keyPath
}

// tlsServer is a stand-in with the certificate of historian.example, that asks for client certificates of clientCA
// when that is not "".
func tlsServer(t *testing.T, clientCA string, maxVersion uint16) (url, ca string) {
	t.Helper()
	ca, key := certificate(t, "historian.example")
	pair, err := tls.LoadX509KeyPair(ca, key)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewUnstartedServer(influxd.New(influxd.Options{}))
	h.Config.ErrorLog = log.New(io.Discard, "", 0)
	h.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS10, MaxVersion: maxVersion}
	if clientCA != "" {
		text, err := os.ReadFile(clientCA)
		if err != nil {
			t.Fatal(err)
		}
		h.TLS.ClientAuth, h.TLS.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		h.TLS.ClientCAs.AppendCertsFromPEM(text)
	}
	h.StartTLS()
	t.Cleanup(h.Close)
	return h.URL, ca
}

func TestTLS(t *testing.T) {
	clientCert, clientKey := certificate(t, "bridge")
	otherCA, _ := certificate(t, "historian.example")
	plain, ca := tlsServer(t, "", 0)
	mutual, mutualCA := tlsServer(t, clientCert, 0)
	old, oldCA := tlsServer(t, "", tls.VersionTLS11)
	const name = "historian.example"
	tests := []struct {
		name    string
		url     string
		tls     secure.TLS
		wantErr string
		action  sinks.Action
	}{
		{"own ca", plain, secure.TLS{CA: ca, ServerName: name}, "", 0},
		{"wrong ca", plain, secure.TLS{CA: otherCA, ServerName: name}, "certificate", sinks.Hold},
		{"system's authorities", plain, secure.TLS{ServerName: name}, "certificate", sinks.Hold},
		{"wrong name", plain, secure.TLS{CA: ca}, "certificate", sinks.Hold},
		{"insecure", plain, secure.TLS{Insecure: true}, "", 0},
		{"client certificate", mutual, secure.TLS{CA: mutualCA, ServerName: name, Certificate: clientCert, Key: clientKey}, "", 0},
		{"client certificate missing", mutual, secure.TLS{CA: mutualCA, ServerName: name}, "does it want a certificate of ours", sinks.Hold},
		{"tls 1.1", old, secure.TLS{CA: oldCA, ServerName: name}, "protocol version", sinks.Retry},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := send(open(t, Options{URL: test.url, TLS: test.tls}))
			if test.wantErr == "" {
				if err != nil {
					t.Errorf("Send = %v", err)
				}
				return
			}
			if fault := faultOf(t, err); fault.Action != test.action || !strings.Contains(fault.Error(), test.wantErr) {
				t.Errorf("fault %d: %v, want %d: %s", fault.Action, fault, test.action, test.wantErr)
			}
		})
	}
}

func TestTLSFiles(t *testing.T) {
	cert, key := certificate(t, "bridge")
	_, otherKey := certificate(t, "bridge")
	for name, o := range map[string]secure.TLS{
		"no such ca":              {CA: filepath.Join(t.TempDir(), "none.pem")},
		"a ca without any":        {CA: key},
		"certificate without key": {Certificate: cert},
		"another key":             {Certificate: cert, Key: otherKey},
	} {
		if _, err := Open(Options{URL: "https://127.0.0.1:1", TLS: o}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
