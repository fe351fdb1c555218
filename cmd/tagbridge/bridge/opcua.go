package bridge

import (
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua"
	"tagbridge/drivers/opcua/session"
	"tagbridge/mapping/config"
)

func newOPCUALink(d *config.Device, e config.Endpoint, log *slog.Logger) (drivers.Link, error) {
	o, err := OPCUASession(d, e)
	if err != nil {
		return nil, err
	}
	return opcua.NewLink(opcua.LinkOptions{Session: o, Retries: d.Retries, Log: log}), nil
}

// OPCUASession is how d, which is at e, is connected to.
func OPCUASession(d *config.Device, e config.Endpoint) (session.Options, error) {
	o := session.Options{
		URL:     ServerURL(d, e),
		Address: e.Address,
		Policy:  d.Security.Policy,
		Mode:    d.Security.Mode,
		Name:    "tagbridge " + d.Name,
		Timeout: d.Timeout,
		Login: session.Login{
			User:     d.Auth.Username,
			Password: string(d.Auth.Password),
			Insecure: d.Auth.AllowInsecurePassword,
		},
	}
	var err error
	if o.Trust, err = session.LoadTrust(d.Security.Trust); err != nil {
		return o, err
	}
	if d.Security.Certificate != "" {
		if o.Certificate, o.Key, err = keyPair(d.Security.Certificate, d.Security.Key); err != nil {
			return o, fmt.Errorf("security: %w", err)
		}
	}
	if d.Auth.Certificate != "" {
		if o.Login.Certificate, o.Login.Key, err = keyPair(d.Auth.Certificate, d.Auth.Key); err != nil {
			return o, fmt.Errorf("auth: %w", err)
		}
	}
	return o, nil
}

// ServerURL is the URL that the server is to be told: with the path of the configured one, at the endpoint's address.
func ServerURL(d *config.Device, e config.Endpoint) string {
	u := url.URL{Scheme: "opc.tcp", Host: e.Address}
	if configured, err := url.Parse(string(d.URL)); err == nil {
		u.Path = configured.Path
	}
	return u.String()
}

// keyPair reads a certificate, in DER, and its RSA key from PEM files.
func keyPair(certificate, key string) ([]byte, *rsa.PrivateKey, error) {
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return nil, nil, err
	}
	k, ok := pair.PrivateKey.(*rsa.PrivateKey)
	if !ok {
		return nil, nil, errors.New("the key is not an RSA key, which OPC UA needs (tagbridge cert create makes one)")
	}
	return pair.Certificate[0], k, nil
}
