package main

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/drivers/opcua/session"
	"tagbridge/drivers/opcua/wire"
)

// certVerb is the verbs for certificates of OPC UA.
type certVerb struct {
	Create certCreateVerb `cmd:"" help:"Make the bridge's own certificate and key."`
	Show   certShowVerb   `cmd:"" help:"Show what a server offers, and its certificate."`
	Trust  certTrustVerb  `cmd:"" help:"Save the certificate of a server, once you have compared its thumbprint."`
}

type certCreateVerb struct {
	Certificate string   `default:"client.pem" help:"File of the certificate."`
	Key         string   `default:"client.key" help:"File of the key."`
	URI         string   `name:"uri" help:"Application URI; default urn:HOST:tagbridge."`
	Host        []string `help:"Name or address of this computer; default its host name."`
	Years       int      `default:"10" help:"For how long the certificate is valid."`
}

// Run makes the files; it overwrites none.
func (v certCreateVerb) Run(std streams) error {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	if v.URI == "" {
		v.URI = "urn:" + host + ":tagbridge"
	}
	if len(v.Host) == 0 {
		v.Host = []string{host}
	}
	der, key, err := newCertificate(certificateOptions{uri: v.URI, name: "tagbridge on " + host, hosts: v.Host, years: v.Years})
	if err != nil {
		return err
	}
	if err := writeKey(v.Key, key); err != nil {
		return err
	}
	if err := writeCertificate(v.Certificate, der); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "certificate        %s\nkey                %s\napplication URI    %s\n", v.Certificate, v.Key, v.URI)
	printThumbprints(std, der)
	fmt.Fprintf(std.err, "Name both under security: of the device, and have the server trust the certificate.\n")
	return nil
}

func writeKey(path string, key *rsa.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	return writeNew(path, 0o600, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func writeCertificate(path string, der []byte) error {
	return writeNew(path, 0o644, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

type certShowVerb struct {
	Target string `arg:"" help:"opc.tcp URL of a server, CONFIG#DEVICE, or the file of a certificate."`
}

// Run prints endpoints, logins and the certificate.
func (v certShowVerb) Run(ctx context.Context, std streams) error {
	if certs, err := session.ReadCertificates(v.Target); err == nil {
		for _, c := range certs {
			printCertificate(std, c, "")
		}
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) && session.IsCertificateFile(v.Target) {
		return err
	}
	list, err := endpointsOf(ctx, v.Target, std)
	if err != nil {
		return err
	}
	for _, e := range list {
		var logins []string
		for _, t := range e.Tokens {
			if name := loginName(t); !slices.Contains(logins, name) { // a server may list a login for each policy
				logins = append(logins, name)
			}
		}
		fmt.Fprintf(std.out, "%-24s %-16s logins: %s\n", session.PolicyName(e.Policy), session.ModeName(e.Mode), strings.Join(logins, ", "))
	}
	certs, err := certificatesOf(list)
	for _, c := range certs {
		fmt.Fprintln(std.out)
		printCertificate(std, c, list[0].ApplicationURI)
	}
	return err
}

func loginName(t wire.TokenPolicy) string {
	switch t.Type {
	case wire.TokenAnonymous:
		return "anonymous"
	case wire.TokenPassword:
		return "password"
	case wire.TokenCertificate:
		return "certificate"
	}
	return "other"
}

// endpointsOf asks the server that target names.
func endpointsOf(ctx context.Context, target string, std streams) ([]wire.Endpoint, error) {
	device, err := opcuaDevice(target, "", std)
	if err != nil {
		return nil, err
	}
	o := session.Options{
		URL: bridge.ServerURL(device, device.Endpoint), Address: device.Endpoint.Address,
		Timeout: max(device.Timeout, browseTimeout),
	}
	list, err := session.Endpoints(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("ask %s for its endpoints: %w", bridge.PublicURL(device.Endpoint), err)
	}
	return list, nil
}

// certificatesOf are the different certificates of endpoints. The error is that of the first one that cannot be read.
func certificatesOf(list []wire.Endpoint) (certs []*session.Certificate, err error) {
	seen := map[string]bool{}
	for _, e := range list {
		if len(e.Certificate) == 0 {
			continue
		}
		c, bad := session.ParseCertificate(e.Certificate)
		if bad != nil {
			err = cmp.Or(err, fmt.Errorf("the server shows a certificate that cannot be read: %w", bad))
			continue
		}
		if !seen[string(c.Raw)] {
			seen[string(c.Raw)] = true
			certs = append(certs, c)
		}
	}
	return certs, err
}

// printCertificate prints c, and what is wrong with it for a server that calls itself application; "" for none.
func printCertificate(std streams, c *session.Certificate, application string) {
	fmt.Fprintf(std.out, "subject            %s\n", c.Subject)
	if c.Issuer != c.Subject {
		fmt.Fprintf(std.out, "issuer             %s\n", c.Issuer)
	}
	for _, u := range c.URIs {
		fmt.Fprintf(std.out, "application URI    %s\n", wire.Printable(u))
	}
	fmt.Fprintf(std.out, "hosts              %s\nvalid              %s to %s\n", strings.Join(c.Hosts, ", "),
		c.NotBefore.Format(time.DateOnly), c.NotAfter.Format(time.DateOnly))
	switch {
	case c.Key != nil:
		fmt.Fprintf(std.out, "key                RSA, %d bits\n", c.Key.N.BitLen())
	default:
		fmt.Fprintf(std.out, "key                not RSA: no policy that the bridge knows can use it\n")
	}
	printThumbprints(std, c.Raw)
	if c.Flaw != nil {
		fmt.Fprintf(std.out, "problem            it is not by the standard (%v): trust this certificate itself, an authority cannot vouch for it\n", c.Flaw)
	}
	if c.OtherURI(application) != "" {
		fmt.Fprintf(std.out, "problem            the server calls itself %s: trust this certificate itself, an authority cannot vouch for it\n",
			wire.Printable(application))
	}
}

func printThumbprints(std streams, der []byte) {
	fmt.Fprintf(std.out, "SHA-256 thumbprint %s\nSHA-1 thumbprint   %X\n", session.Thumbprint(der), sha1.Sum(der))
}

type certTrustVerb struct {
	Target string `arg:"" help:"opc.tcp URL of a server, or CONFIG#DEVICE."`
	Yes    bool   `help:"Do not ask."`
	Out    string `placeholder:"FILE" help:"File to save the certificate to; default: the server's host, .pem."`
}

// Run shows the certificate, asks, and saves it.
func (v certTrustVerb) Run(ctx context.Context, std streams) error {
	list, err := endpointsOf(ctx, v.Target, std)
	if err != nil {
		return err
	}
	certs, err := certificatesOf(list)
	switch len(certs) {
	case 0:
		if err != nil {
			return fmt.Errorf("%w: save it from the server's own tools, or have it make a new one", err)
		}
		return errors.New("the server shows no certificate: it offers no security")
	case 1:
	default:
		return fmt.Errorf("the server shows %d certificates (tagbridge cert show): save the right one from its own tools", len(certs))
	}
	printCertificate(std, certs[0], list[0].ApplicationURI)
	if !v.Yes {
		fmt.Fprint(std.err, "Compare the thumbprint with what the server itself shows. Trust it? [y/N] ")
		answer, _ := bufio.NewReader(std.in).ReadString('\n')
		if a := strings.ToLower(strings.TrimSpace(answer)); a != "y" && a != "yes" {
			return errors.New("not trusted")
		}
	}
	if v.Out == "" {
		v.Out = fileName(list[0].URL) + ".pem"
	}
	if err := writeCertificate(v.Out, certs[0].Raw); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "saved              %s\n", v.Out)
	fmt.Fprintf(std.err, "Name it in the device: security: {trust: [%s]}\n", v.Out)
	return nil
}

// fileName is the host of a URL as the name of a file.
func fileName(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return strings.Map(func(c rune) rune {
		if c == ':' || c == '/' || c == '\\' || c < ' ' {
			return '-'
		}
		return c
	}, host)
}
