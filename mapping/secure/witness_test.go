package secure

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/testrig"
)

// ending is how a server ends a connection whose client has shown no certificate.
type ending int

const (
	byAlert ending = iota
	bySilence
	byReset
	afterAWord
)

// serve answers one connection, and ends it in that way; it returns where, and the certificate to trust.
func serve(t *testing.T, c *tls.Config, how ending) (address, ca string) {
	t.Helper()
	dir := t.TempDir()
	testrig.Certificate(t, dir)
	ca = filepath.Join(dir, "cert.pem")
	pair, err := tls.LoadX509KeyPair(ca, filepath.Join(dir, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	c.Certificates, c.ClientCAs = []tls.Certificate{pair}, x509.NewCertPool()
	c.ClientCAs.AppendCertsFromPEM(text)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		raw, err := l.Accept()
		if err != nil {
			return
		}
		defer raw.Close()
		conn := tls.Server(raw, c)
		err = conn.Handshake()
		if how == byAlert || err != nil {
			return
		}
		if _, err := conn.Read(make([]byte, 1)); err != nil { // so that the client is through
			t.Error(err)
		}
		if how == afterAWord {
			if _, err := conn.Write([]byte("word")); err != nil {
				t.Error(err)
			}
		}
		if how == byReset {
			if err := raw.(*net.TCPConn).SetLinger(0); err != nil {
				t.Error(err)
			}
		}
	}()
	return l.Addr().String(), ca
}

// TestClosedWithoutAWord connects to servers that ask for a certificate, without one: however they end the connection, the error
// says that this may be why. It does not where they have not asked, or have said something.
func TestClosedWithoutAWord(t *testing.T) {
	for _, c := range []struct {
		name string
		auth tls.ClientAuthType
		how  ending
		want bool
	}{
		{"alert", tls.RequireAndVerifyClientCert, byAlert, true},
		{"silence", tls.RequestClientCert, bySilence, true},
		{"reset", tls.RequestClientCert, byReset, true},
		{"a word", tls.RequestClientCert, afterAWord, false},
		{"not asked, silence", tls.NoClientCert, bySilence, false},
		{"not asked, reset", tls.NoClientCert, byReset, false},
	} {
		for name, version := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
			t.Run(c.name+", TLS "+name, func(t *testing.T) {
				address, ca := serve(t, &tls.Config{ClientAuth: c.auth, MaxVersion: version}, c.how)
				config, err := TLS{CA: ca}.Config()
				if err != nil {
					t.Fatal(err)
				}
				err = untilEnd(t, address, config)
				if got := errors.Is(err, ErrNotLet); got != c.want {
					t.Errorf("the error is %v, with ErrNotLet %v, want %v", err, got, c.want)
				}
				if got := strings.Contains(err.Error(), "does it want a certificate of ours"); got != c.want {
					t.Errorf("the error is %v", err)
				}
			})
		}
	}
}

// untilEnd connects, says something and reads until there is an error.
func untilEnd(t *testing.T, address string, c *tls.Config) error {
	conn, err := Dial(t.Context(), &net.Dialer{Timeout: time.Minute}, address, c)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("?")); err != nil {
		return err
	}
	for {
		if _, err := conn.Read(make([]byte, 10)); err != nil {
			return err
		}
	}
}

// TestWriteAfterTheEnd has the server be gone before the client writes: that error says the same as that of reading.
func TestWriteAfterTheEnd(t *testing.T) {
	address, ca := serve(t, &tls.Config{ClientAuth: tls.RequestClientCert}, byReset)
	config, err := TLS{CA: ca}.Config()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := Dial(t.Context(), &net.Dialer{Timeout: time.Minute}, address, config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for err == nil {
		_, err = conn.Write(make([]byte, 1<<14))
	}
	if !errors.Is(err, ErrNotLet) {
		t.Errorf("Write: %v", err)
	}
}

// TestOwnCertificate shows the one that the configuration names.
func TestOwnCertificate(t *testing.T) {
	address, ca := serve(t, &tls.Config{ClientAuth: tls.RequireAnyClientCert}, afterAWord)
	config, err := TLS{CA: ca, Certificate: ca, Key: filepath.Join(filepath.Dir(ca), "key.pem")}.Config()
	if err != nil {
		t.Fatal(err)
	}
	if err := untilEnd(t, address, config); errors.Is(err, ErrNotLet) {
		t.Error(err)
	}
}
