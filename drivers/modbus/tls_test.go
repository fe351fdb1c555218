package modbus

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// selfSigned is a certificate for host that is its own authority.
func selfSigned(t testing.TB, host string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, pool
}

// serveTLS answers right, in TLS.
func serveTLS(t *testing.T, config *tls.Config) *responder {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return serveOn(listener, always(query.right))
}

func openTLS(t *testing.T, r *responder, config *tls.Config) (*line, error) {
	t.Helper()
	link, err := NewLink(LinkOptions{Transport: "tls", Address: r.addr, TLS: config})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { link.Close() })
	return on(t, link, long, words(0)...), link.Open(t.Context())
}

func TestTLS(t *testing.T) {
	server, pool := selfSigned(t, "127.0.0.1")
	l, err := openTLS(t, serveTLS(t, &tls.Config{Certificates: []tls.Certificate{server}}), &tls.Config{RootCAs: pool})
	if err != nil {
		t.Fatal(err)
	}
	l.wantRight()
}

func TestTLSWithClientCertificate(t *testing.T) {
	server, pool := selfSigned(t, "127.0.0.1")
	client, clients := selfSigned(t, "client")
	r := serveTLS(t, &tls.Config{
		Certificates: []tls.Certificate{server},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    clients,
	})
	l, err := openTLS(t, r, &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{client}})
	if err != nil {
		t.Fatal(err)
	}
	l.wantRight()
	l, err = openTLS(t, r, &tls.Config{RootCAs: pool})
	if err == nil { // TLS 1.3 tells the client only when it reads
		_, err = l.poll()
	}
	if err == nil || !strings.Contains(err.Error(), "does it want a certificate of ours") {
		t.Errorf("without a certificate: %v", err)
	}
}

func TestTLSTrust(t *testing.T) {
	here, _ := selfSigned(t, "127.0.0.1")
	elsewhere, pool := selfSigned(t, "plc.example")
	for name, test := range map[string]struct {
		server tls.Certificate
		config *tls.Config
		want   string
	}{
		"another authority":      {here, &tls.Config{RootCAs: pool}, "unknown authority"},
		"the system's":           {here, nil, "unknown authority"},
		"another host's":         {elsewhere, &tls.Config{RootCAs: pool}, "cannot validate certificate for 127.0.0.1"},
		"another than the named": {elsewhere, &tls.Config{RootCAs: pool, ServerName: "other.example"}, "valid for plc.example"},
		"named, not trusted":     {elsewhere, &tls.Config{ServerName: "plc.example"}, "unknown authority"},
	} {
		t.Run(name, func(t *testing.T) {
			r := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{test.server}})
			if _, err := openTLS(t, r, test.config); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("open = %v, want %q", err, test.want)
			}
		})
	}
}

func TestTLSServerNameAndInsecure(t *testing.T) {
	server, pool := selfSigned(t, "plc.example")
	for name, config := range map[string]*tls.Config{
		"server_name": {RootCAs: pool, ServerName: "plc.example"},
		"insecure":    {InsecureSkipVerify: true},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := openTLS(t, serveTLS(t, &tls.Config{Certificates: []tls.Certificate{server}}), config)
			if err != nil {
				t.Fatal(err)
			}
			l.wantRight()
		})
	}
}
