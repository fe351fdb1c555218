package session

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"
)

// Certificate is an application's certificate as far as it can be read. Devices write some that the standard does not
// allow; what such a one says can be shown, and who trusts it itself can use its key.
type Certificate struct {
	Raw                 []byte // DER
	Subject, Issuer     string
	URIs                []string // as they stand there
	Hosts               []string // names and addresses
	NotBefore, NotAfter time.Time
	Key                 *rsa.PublicKey // nil: it has one of another kind
	// Flaw is why it is not by the standard, nil if it is. No authority can vouch for one with a flaw.
	Flaw   error
	strict *x509.Certificate // without a flaw
}

// ParseCertificate reads the first certificate of a chain in DER.
func ParseCertificate(chain []byte) (*Certificate, error) {
	certs := split(chain)
	if len(certs) == 0 {
		return nil, errors.New("no certificate in it")
	}
	c := &Certificate{Raw: certs[0]}
	if err := c.read(); err != nil {
		return nil, err
	}
	if c.strict, c.Flaw = x509.ParseCertificate(c.Raw); c.Flaw == nil {
		c.Key, _ = c.strict.PublicKey.(*rsa.PublicKey)
	}
	return c, nil
}

// parseAll reads all certificates of a chain.
func parseAll(chain []byte) (list []*Certificate, err error) {
	for _, raw := range split(chain) {
		c, err := ParseCertificate(raw)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// ReadCertificates reads all certificates of a PEM or DER file.
func ReadCertificates(path string) ([]*Certificate, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var chain []byte
	for rest := b; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == "CERTIFICATE" {
			chain = append(chain, block.Bytes...)
		}
	}
	if chain == nil {
		chain = b
	}
	certs, err := parseAll(chain)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: certificate cannot be read: %w", path, err)
	case len(certs) == 0:
		return nil, fmt.Errorf("%s: no certificate in PEM or DER", path)
	}
	return certs, nil
}

// leaf is the first certificate of a chain, which is the application's own: it alone is what signatures are over
// (Part 4, 5.6.3). nil: there is none.
func leaf(chain []byte) []byte {
	if certs := split(chain); len(certs) > 0 {
		return certs[0]
	}
	return nil
}

// publicKey is the RSA key of the first certificate of a chain.
func publicKey(chain []byte) (*rsa.PublicKey, error) {
	c, err := ParseCertificate(chain)
	if err != nil {
		return nil, fmt.Errorf("certificate of the server cannot be read: %w", err)
	}
	if c.Key == nil {
		return nil, errors.New("certificate of the server has no RSA key: OPC UA policies need one")
	}
	return c.Key, nil
}

// thumbprint is what identifies a certificate on the wire: SHA-1 of the first of a chain (Part 6, 6.7.2.3).
func thumbprint(chain []byte) []byte {
	sum := sha1.Sum(leaf(chain))
	return sum[:]
}

// Thumbprint is the SHA-256 thumbprint of a DER certificate.
func Thumbprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// sameCertificate compares the first ones of two chains.
func sameCertificate(a, b []byte) bool {
	x := leaf(a)
	return x != nil && bytes.Equal(x, leaf(b))
}
