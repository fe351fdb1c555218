package session

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tagbridge/drivers/opcua/wire"
)

// Trust is the certificates of servers, or of authorities that vouch for servers, that are trusted.
type Trust struct {
	pins  map[string]bool // SHA-256 thumbprints
	certs []*x509.Certificate
	roots *x509.CertPool
}

// LoadTrust reads entries: PEM or DER files, folders of them, and SHA-256 thumbprints as 64 hexadecimal digits.
func LoadTrust(entries []string) (*Trust, error) {
	t := &Trust{pins: map[string]bool{}, roots: x509.NewCertPool()}
	for _, e := range entries {
		if pin := strings.ToLower(e); len(pin) == 64 && strings.Trim(pin, "0123456789abcdef") == "" {
			t.pins[pin] = true
			continue
		}
		if err := t.load(e); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *Trust) load(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("trusted certificates: %w", err)
	}
	if !info.IsDir() {
		return t.loadFile(path)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("trusted certificates: %w", err)
	}
	for _, e := range entries {
		switch strings.ToLower(filepath.Ext(e.Name())) {
		case ".pem", ".der", ".crt", ".cer":
			if err := t.loadFile(filepath.Join(path, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *Trust) loadFile(path string) error {
	certs, err := ReadCertificates(path)
	if err != nil {
		return fmt.Errorf("trusted certificates: %w", err)
	}
	for _, c := range certs {
		t.certs = append(t.certs, c)
		if c.IsCA {
			t.roots.AddCert(c)
		}
	}
	return nil
}

// ReadCertificates reads all certificates of a PEM or DER file.
func ReadCertificates(path string) ([]*x509.Certificate, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var der []byte
	for rest := b; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == "CERTIFICATE" {
			der = append(der, block.Bytes...)
		}
	}
	if der == nil {
		der = b
	}
	certs, err := x509.ParseCertificates(der)
	if err != nil || len(certs) == 0 {
		return nil, fmt.Errorf("%s: no certificate in PEM or DER", path)
	}
	return certs, nil
}

func (t *Trust) empty() bool { return t == nil || len(t.certs)+len(t.pins) == 0 }

// Thumbprint is the SHA-256 thumbprint of a DER certificate.
func Thumbprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// UntrustedError is that of a server whose certificate nothing vouches for.
type UntrustedError struct {
	Thumbprint, Subject, Why string
}

func (e *UntrustedError) Error() string {
	return fmt.Sprintf("the server's certificate is not trusted: %s (%s, SHA-256 thumbprint %s): compare the thumbprint "+
		"with the server's, then name the certificate under security: {trust: […]} (tagbridge cert trust fetches it)",
		e.Why, e.Subject, e.Thumbprint)
}

// Verify checks the certificate of e: whether it, or who signed it, is trusted, that it is valid now and belongs to the
// application that e says; a certificate that is trusted because of its authority has to name the host, too.
func (t *Trust) Verify(e *wire.Endpoint, o *Options) error {
	c, others, err := leaf(e.Certificate)
	if err != nil {
		return err
	}
	now := o.now()
	untrusted := &UntrustedError{Thumbprint: Thumbprint(c.Raw), Subject: wire.Printable(c.Subject.String())}
	byAuthority, err := t.vouches(c, others, now)
	if err != nil {
		untrusted.Why = err.Error()
		return untrusted
	}
	switch {
	case now.Before(c.NotBefore):
		return fmt.Errorf("the server's certificate is valid from %s only: is the clock right?", c.NotBefore.Format(time.DateOnly))
	case now.After(c.NotAfter):
		return fmt.Errorf("the server's certificate has expired on %s: have the server make a new one", c.NotAfter.Format(time.DateOnly))
	case len(c.URIs) > 0 && e.ApplicationURI != "" && c.URIs[0].String() != e.ApplicationURI:
		return fmt.Errorf("the server's certificate belongs to application %s, the server says that it is %s: have it make a new one",
			wire.Printable(c.URIs[0].String()), wire.Printable(e.ApplicationURI))
	}
	if !byAuthority {
		return nil
	}
	host, _, _ := net.SplitHostPort(o.Address)
	if err := c.VerifyHostname(host); err != nil {
		return fmt.Errorf("the server's certificate is not for host %s: use the name that it is for, or trust the certificate itself: %w", host, err)
	}
	return nil
}

// vouches reports whether c is trusted, and if only because of an authority.
func (t *Trust) vouches(c *x509.Certificate, others []*x509.Certificate, now time.Time) (byAuthority bool, err error) {
	if t.empty() {
		return false, fmt.Errorf("no certificate is")
	}
	if t.pins[Thumbprint(c.Raw)] {
		return false, nil
	}
	for _, known := range t.certs {
		if c.Equal(known) {
			return false, nil
		}
	}
	between := x509.NewCertPool()
	for _, x := range others {
		between.AddCert(x)
	}
	_, err = c.Verify(x509.VerifyOptions{
		Roots: t.roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		return false, fmt.Errorf("it is not among the trusted ones, nor signed by one")
	}
	return true, nil
}
