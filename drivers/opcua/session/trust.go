package session

import (
	"bytes"
	"crypto/x509"
	"errors"
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
	certs []*Certificate
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
		if IsCertificateFile(e.Name()) {
			if err := t.loadFile(filepath.Join(path, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// IsCertificateFile reports a name that files of certificates have.
func IsCertificateFile(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".pem", ".der", ".crt", ".cer":
		return true
	}
	return false
}

func (t *Trust) loadFile(path string) error {
	certs, err := ReadCertificates(path)
	if err != nil {
		return fmt.Errorf("trusted certificates: %w", err)
	}
	for _, c := range certs {
		t.certs = append(t.certs, c)
		if c.strict != nil && c.strict.IsCA {
			t.roots.AddCert(c.strict)
		}
	}
	return nil
}

func (t *Trust) empty() bool { return t == nil || len(t.certs)+len(t.pins) == 0 }

// UntrustedError is that of a server whose certificate nothing vouches for.
type UntrustedError struct {
	Thumbprint, Subject, Why string
}

func (e *UntrustedError) Error() string {
	return fmt.Sprintf("the server's certificate is not trusted: %s (%s, SHA-256 thumbprint %s): compare the thumbprint "+
		"with the server's, then name the certificate under security: {trust: […]} (tagbridge cert trust fetches it)",
		e.Why, e.Subject, e.Thumbprint)
}

// Verify checks the certificate of e: whether it, or who signed it, is trusted, and that it is valid now. One that is
// trusted because of its authority has to be of the application that e says it is, and of the host, too; who trusts the
// certificate itself has said which one it is.
func (t *Trust) Verify(e *wire.Endpoint, o *Options) error {
	chain := split(e.Certificate)
	if len(chain) == 0 {
		return errors.New("the server shows no certificate")
	}
	c, err := ParseCertificate(chain[0])
	if err != nil {
		return fmt.Errorf("certificate of the server cannot be read: %w", err)
	}
	now := o.now()
	byAuthority, err := t.vouches(c, chain[1:], now)
	if err != nil {
		return &UntrustedError{Thumbprint: Thumbprint(c.Raw), Subject: c.Subject, Why: err.Error()}
	}
	switch {
	case now.Before(c.NotBefore):
		return fmt.Errorf("the server's certificate is valid from %s only: is the clock right?", c.NotBefore.Format(time.DateOnly))
	case !c.NotAfter.IsZero() && now.After(c.NotAfter):
		return fmt.Errorf("the server's certificate has expired on %s: have the server make a new one", c.NotAfter.Format(time.DateOnly))
	case !byAuthority:
		return nil
	}
	if uri := c.OtherURI(e.ApplicationURI); uri != "" {
		return fmt.Errorf("the server's certificate belongs to application %s, the server says that it is %s: "+
			"have it make a new one, or trust the certificate itself", uri, wire.Printable(e.ApplicationURI))
	}
	host, _, _ := net.SplitHostPort(o.Address)
	if err := c.strict.VerifyHostname(host); err != nil {
		return fmt.Errorf("the server's certificate is not for host %s: use the name that it is for, or trust the certificate itself: %w", host, err)
	}
	return nil
}

// OtherURI is the application that c belongs to, if it says so and that is not uri; "" otherwise.
func (c *Certificate) OtherURI(uri string) string {
	if len(c.URIs) == 0 || uri == "" || c.URIs[0] == uri {
		return ""
	}
	return wire.Printable(c.URIs[0])
}

// vouches reports whether c is trusted, and if only because of an authority. others are what the server sent with it.
func (t *Trust) vouches(c *Certificate, others [][]byte, now time.Time) (byAuthority bool, err error) {
	if t.empty() {
		return false, errors.New("no certificate is")
	}
	if t.pins[Thumbprint(c.Raw)] {
		return false, nil
	}
	for _, known := range t.certs {
		if bytes.Equal(c.Raw, known.Raw) {
			return false, nil
		}
	}
	if c.Flaw != nil {
		return false, fmt.Errorf("it is not among the trusted ones, and as it is not by the standard (%w), no authority can vouch for it", c.Flaw)
	}
	between := x509.NewCertPool()
	top := c.strict
	for _, raw := range others {
		x, err := x509.ParseCertificate(raw)
		if err != nil {
			continue
		}
		between.AddCert(x)
		if bytes.Equal(x.RawSubject, top.RawIssuer) {
			top = x
		}
	}
	_, err = c.strict.Verify(x509.VerifyOptions{
		Roots: t.roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	unknown := x509.UnknownAuthorityError{}
	switch {
	case err == nil:
		return true, nil
	case !errors.As(err, &unknown):
		return false, fmt.Errorf("it is not among the trusted ones, and its authority does not vouch for it: %w", err)
	case bytes.Equal(top.RawIssuer, top.RawSubject):
		return false, errors.New("it is not among the trusted ones, nor signed by one")
	}
	return false, fmt.Errorf("it is not among the trusted ones, and the certificate of its issuer (%s) is neither there nor sent "+
		"by the server: name that under security: {trust: […]}, too", wire.Printable(top.Issuer.String()))
}
