package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"time"
)

// certificateOptions are what an application certificate says (OPC UA Part 6, 6.2.2).
type certificateOptions struct {
	uri   string // of the application
	name  string
	hosts []string // names and addresses
	years int      // 0: 10
}

// newCertificate makes an RSA key and a self-signed certificate of an OPC UA application, in DER. Its usages are those
// that servers insist on, for a client as for a server.
func newCertificate(o certificateOptions) ([]byte, *rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, nil, fmt.Errorf("make key: %w", err)
	}
	uri, err := url.Parse(o.uri)
	if err != nil || uri.Scheme == "" {
		return nil, nil, fmt.Errorf("application URI %q: want something like urn:HOST:tagbridge", o.uri)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, fmt.Errorf("make certificate: %w", err)
	}
	if o.years == 0 {
		o.years = 10
	}
	now := time.Now()
	c := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: o.name, Organization: []string{"tagbridge"}},
		NotBefore:    now.Add(-24 * time.Hour), // clocks in plants differ
		NotAfter:     now.AddDate(o.years, 0, 0),
		URIs:         []*url.URL{uri},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment | x509.KeyUsageKeyEncipherment |
			x509.KeyUsageDataEncipherment | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	for _, h := range o.hosts {
		if ip := net.ParseIP(h); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else if h != "" {
			c.DNSNames = append(c.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		return nil, nil, fmt.Errorf("make certificate: %w", err)
	}
	return der, key, nil
}
