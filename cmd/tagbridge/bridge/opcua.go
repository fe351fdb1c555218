package bridge

import (
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua"
	"tagbridge/drivers/opcua/session"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// opcuaProtocol is OPC UA: a server with a session of its own, polled or subscribed to.
type opcuaProtocol struct{}

// link implements protocol.
func (opcuaProtocol) link(c config.Connection, log *slog.Logger) (drivers.Link, error) {
	d := c.Devices[0]
	o, err := OPCUASession(d, c.Endpoint)
	if err != nil {
		return nil, err
	}
	return opcua.NewLink(opcua.LinkOptions{Session: o, Retries: d.Retries, Log: log}), nil
}

// sameAs implements protocol: the session is that of its only device.
func (opcuaProtocol) sameAs(d *config.Device) string {
	files := []string{d.OPCUA.Security.Certificate, d.OPCUA.Security.Key, d.OPCUA.Auth.Certificate, d.OPCUA.Auth.Key}
	return fmt.Sprintf("%q %q %v %d %+v %q %+v", d.Name, string(d.URL), d.Timeout, d.Retries, d.OPCUA.Security,
		string(d.OPCUA.Auth.Password), d.OPCUA.Auth) + contentsOf(append(files, d.OPCUA.Security.Trust...)...)
}

// manner implements protocol.
func (opcuaProtocol) manner(*config.Device) manner {
	return manner{pushes: true}
}

// work implements protocol. What the server has told of the tags already they are completed with.
func (opcuaProtocol) work(c *Compiler, d *config.Device, tags []*mapping.Tag, before *compiled) (mapping.Compiled, drivers.Work) {
	facts := factsOf(d, before)
	read := mapping.WithoutComputed(tags)
	full, computed := opcua.Complete(read, facts), tags[len(read):]
	with := func(list []*mapping.Tag) []*mapping.Tag { return append(slices.Clip(list), computed...) }
	made := c.compile(d, with(full))
	name, all := c.bridge, c.protocols
	return made, opcua.NewPlan(full, made.Codecs[:len(full)], opcua.PlanOptions{
		Subscribe:  d.Pushed(),
		Period:     tags[0].Poll,
		Timestamps: timestamps[d.OPCUA.Timestamps],
		Maps:       read,
		Facts:      facts,
		Remake:     func(list []*mapping.Tag) mapping.Compiled { return newCompiler(name, all).compile(d, with(list)) },
	})
}

// factsOf is what the server of d has told before, when it is still the same one.
func factsOf(d *config.Device, before *compiled) map[opcua.Place]opcua.Facts {
	if before == nil || before.conf.URL != d.URL {
		return nil
	}
	facts := map[opcua.Place]opcua.Facts{}
	for _, j := range before.jobs {
		if p, ok := j.Work.(*opcua.Plan); ok { // it may have been another driver's
			maps.Copy(facts, p.Known())
		}
	}
	return facts
}

var timestamps = map[string]opcua.Timestamps{
	"bridge": opcua.BridgeTime, "source": opcua.SourceTime, "server": opcua.ServerTime,
}

// OPCUASession is how d, which is at e, is connected to.
func OPCUASession(d *config.Device, e config.Endpoint) (session.Options, error) {
	o := session.Options{
		URL:     ServerURL(d, e),
		Address: e.Address,
		Policy:  d.OPCUA.Security.Policy,
		Mode:    d.OPCUA.Security.Mode,
		Name:    "tagbridge " + d.Name,
		Timeout: d.Timeout,
		Login: session.Login{
			User:     d.OPCUA.Auth.Username,
			Password: string(d.OPCUA.Auth.Password),
			Insecure: d.OPCUA.Auth.AllowInsecurePassword,
		},
	}
	var err error
	if o.Trust, err = session.LoadTrust(d.OPCUA.Security.Trust); err != nil {
		return o, err
	}
	if d.OPCUA.Security.Certificate != "" {
		if o.Certificate, o.Key, err = keyPair(d.OPCUA.Security.Certificate, d.OPCUA.Security.Key); err != nil {
			return o, fmt.Errorf("security: %w", err)
		}
	}
	if d.OPCUA.Auth.Certificate != "" {
		if o.Login.Certificate, o.Login.Key, err = keyPair(d.OPCUA.Auth.Certificate, d.OPCUA.Auth.Key); err != nil {
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
