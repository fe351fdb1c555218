// Package secure makes of the certificates that a configuration names how a client secures its connection, and says when the
// other side may have ended it for them. It reads these files and no others; whoever opens a connection, of a driver or of a
// sink, calls it.
package secure

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// TLS says how a client secures its connection. The zero value trusts the system's certificate authorities.
type TLS struct {
	CA               string // PEM file of the authorities to trust instead
	Certificate, Key string // PEM files of the client's own; both or none
	ServerName       string // to expect in the certificate; "": the host of the URL
	Insecure         bool   // trust any certificate
}

// Config reads the files and returns the configuration: TLS 1.2 at least.
func (t TLS) Config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName, InsecureSkipVerify: t.Insecure}
	if t.CA != "" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, fmt.Errorf("read tls ca: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read tls ca %s: no certificate in PEM form", t.CA)
		}
	}
	if t.Certificate != "" || t.Key != "" {
		pair, err := tls.LoadX509KeyPair(t.Certificate, t.Key)
		if err != nil {
			return nil, fmt.Errorf("read tls certificate %s and key %s: %w", t.Certificate, t.Key, err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
