package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"tagbridge/mapping/cause"
	"tagbridge/mapping/config"
)

// usualConfig is where the package has its configuration.
const usualConfig = "/etc/tagbridge/tagbridge.yaml"

// usualAddress is where a bridge answers unless its configuration says otherwise.
const usualAddress = "127.0.0.1:8080"

// loginVariable holds NAME:PASSWORD or a token, where the address should not.
const loginVariable = "TAGBRIDGE_LOGIN"

// runningAPI is the API of a bridge that runs.
type runningAPI struct {
	base   string // without a / at its end, and without a login
	login  string // NAME:PASSWORD, a token, or ""
	client *http.Client
}

// isURL reports that target is an address of an API, and no file.
func isURL(target string) bool {
	return strings.HasPrefix(target, "http://") || strings.HasPrefix(target, "https://")
}

// apiOf is the API that target, an address or a configuration, means; ca is a file of authorities, "" for those of the
// machine. Without target it is that of the configuration in the usual place, or else of the usual address.
func apiOf(target, ca string, in io.Reader) (*runningAPI, error) {
	a := &runningAPI{login: os.Getenv(loginVariable), client: &http.Client{Timeout: time.Minute}}
	if isURL(target) {
		u, err := url.Parse(target)
		if err != nil || u.Host == "" {
			return nil, errors.New("that is no address: write http://HOST:8080") // err may hold a password
		}
		if u.User != nil {
			a.login = u.User.String()
			if name := u.User.Username(); name != "" {
				password, _ := u.User.Password()
				a.login = name + ":" + password
			}
		}
		a.base = u.Scheme + "://" + u.Host + strings.TrimRight(u.Path, "/")
		return a, a.trust(ca)
	}
	http, err := httpOf(target, in)
	if err != nil {
		return nil, err
	}
	a.base = "http://" + dialable(http.Listen)
	if http.TLS.Certificate == "" {
		return a, nil
	}
	a.base = "https://" + dialable(http.Listen)
	if ca != "" {
		return a, a.trust(ca)
	}
	return a, a.pin(http.TLS.Certificate)
}

// httpOf is bridge.http of a configuration, however much else is wrong with it.
func httpOf(path string, in io.Reader) (config.HTTP, error) {
	usual := config.HTTP{Listen: usualAddress}
	if path == "" {
		path = usualConfig
		if _, err := os.ReadFile(path); err != nil {
			return usual, nil // not there, or not for this user: its address is likely the usual one
		}
	} else if path != "-" {
		if _, err := os.ReadFile(path); err != nil {
			return usual, fmt.Errorf("%w%s", err, permissionRemedy(err))
		}
	}
	cfg, _ := config.Load(path, config.Options{Stdin: in})
	switch {
	case cfg == nil:
		return usual, nil
	case cfg.Bridge.HTTP.Listen == "":
		return usual, fmt.Errorf("%s has http: \"\", so its bridge answers nobody: give bridge.http an address and restart it", path)
	}
	return cfg.Bridge.HTTP, nil
}

// permissionRemedy is what to do about a file that may not be read; "" where that is not it.
func permissionRemedy(err error) string {
	if !errors.Is(err, fs.ErrPermission) {
		return ""
	}
	return ": this user may not read it; try sudo, or join the group of the file"
}

// dialable is the address to reach a listener of this machine at.
func dialable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip != nil && ip.To4() == nil {
			host = "::1"
		}
	}
	return net.JoinHostPort(host, port)
}

// trust has the authorities in file be trusted; "": those of the machine.
func (a *runningAPI) trust(file string) error {
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read authorities: %w%s", err, permissionRemedy(err))
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return fmt.Errorf("read authorities: %s holds no certificate in PEM form", file)
	}
	a.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	return nil
}

// pin has the certificate in file be the one that the bridge shows, by whatever name it is asked.
func (a *runningAPI) pin(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read the certificate of the bridge: %w%s; or name the bridge by its address, https://…", err, permissionRemedy(err))
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return fmt.Errorf("read the certificate of the bridge: %s holds none in PEM form", file)
	}
	own, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return fmt.Errorf("read the certificate of the bridge: %s: %w", file, err)
	}
	a.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // it is compared whole
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 0 || !s.PeerCertificates[0].Equal(own) {
				return fmt.Errorf("what answers at this address shows another certificate than %s", file)
			}
			return nil
		},
	}}
	return nil
}

// get asks for path, and decodes the answer into v.
func (a *runningAPI) get(ctx context.Context, path string, v any) error {
	body, err := a.open(ctx, path)
	if err != nil {
		return err
	}
	defer body.Close()
	if err := json.NewDecoder(body).Decode(v); err != nil {
		return fmt.Errorf("%s%s: what answers is no bridge of this version: %w", a.base, path, err)
	}
	return nil
}

// open asks for path. The error says what to do about it.
func (a *runningAPI) open(ctx context.Context, path string) (io.ReadCloser, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+path, nil)
	if err != nil {
		return nil, fmt.Errorf("%s is no address", a.base)
	}
	a.authorize(r)
	answer, err := a.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("no bridge is reached at %s: %s", a.base, unreached(err))
	}
	if answer.StatusCode == http.StatusOK || path == "/readyz" && answer.StatusCode == http.StatusServiceUnavailable {
		return answer.Body, nil
	}
	defer answer.Body.Close()
	return nil, a.declined(answer)
}

// authorize has r bear the login.
func (a *runningAPI) authorize(r *http.Request) {
	if name, password, ok := strings.Cut(a.login, ":"); ok {
		r.SetBasicAuth(name, password)
	} else if a.login != "" {
		r.Header.Set("Authorization", "Bearer "+a.login)
	}
}

// unreached is why a request got no answer, and what to do.
func unreached(err error) string {
	var inner *url.Error
	if errors.As(err, &inner) {
		err = inner.Err // which does not repeat the address
	}
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	text := err.Error()
	switch {
	case cause.Refused(err):
		return "nothing listens there: does it run (systemctl status tagbridge)? Or it has another address in bridge.http than this"
	case errors.As(err, &unknown):
		return "its certificate is not trusted: name its authority, or the certificate itself, with --ca FILE"
	case errors.As(err, &name):
		return text + ": use a name that is in its certificate"
	case strings.Contains(text, "server gave HTTP response to HTTPS client"):
		return "it does not speak TLS: write http://"
	case strings.Contains(text, "certificate required"):
		return "it wants a certificate of its clients (bridge.http.tls.ca): ask it on its own machine, at an address without TLS"
	case errors.Is(err, context.DeadlineExceeded) || os.IsTimeout(err):
		return "no answer: is a firewall in between, or is the machine down?"
	}
	return text
}

// declined is an answer that is not what was asked for.
func (a *runningAPI) declined(answer *http.Response) error {
	var said struct{ Error string }
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<10))
	_ = json.Unmarshal(text, &said)
	switch answer.StatusCode {
	case http.StatusUnauthorized:
		if a.login != "" {
			return fmt.Errorf("%s does not take this login: is name or password wrong?", a.base)
		}
		return fmt.Errorf("%s wants a login: put NAME:PASSWORD, or a token, into the environment variable %s", a.base, loginVariable)
	case http.StatusBadRequest:
		if strings.Contains(string(text), "HTTP request to an HTTPS server") {
			return fmt.Errorf("%s speaks TLS: write https://", a.base)
		}
		return errors.New(said.Error)
	case http.StatusNotFound:
		return fmt.Errorf("%s: what answers is no bridge of this version", a.base)
	}
	if said.Error != "" {
		return fmt.Errorf("%s: %s", a.base, said.Error)
	}
	return fmt.Errorf("%s: %s", a.base, answer.Status)
}
