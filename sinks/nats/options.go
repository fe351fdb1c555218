package nats

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/secure"
)

// Options says where and how to publish.
type Options struct {
	// URLs are the servers, nats or tls, each with a port; they are tried one after the other, from the one on that worked last.
	// User and password in them are as Username and Password.
	URLs               []string
	TLS                secure.TLS
	Credentials        string // text of a .creds file, with a JWT and a seed; "": none
	NKey               string // seed of a user; "": none
	Username, Password string
	Name               string // of the connection, shown by the server
	Subject            mapping.Template
	Stream             string // that has to take the messages; "": any
	Format             string // json value line batch; "" is batch
	Compress           string // gzip zstd, of batch and line; "" or none: nothing is compressed
	InFlight           int    // messages without an acknowledgement at most; 0: 20
	// Origin names the journal that samples come from and the sink, for ever: with a position it tells a sample from all others
	// of the stream. It is called for each connection; nil, or "": messages have no identifier.
	Origin  func() string
	Timeout time.Duration // of connecting, and of an acknowledgement while nothing moves; 0: 10 s
	Logger  *slog.Logger  // nil: none
}

// The defaults.
const (
	inFlight    = 20
	maxInFlight = 1000
	timeout     = 10 * time.Second
)

// withDefaults is o completed.
func (o Options) withDefaults() Options {
	if o.Format == "" {
		o.Format = "batch"
	}
	if o.InFlight <= 0 {
		o.InFlight = inFlight
	}
	o.InFlight = min(o.InFlight, maxInFlight)
	if o.Timeout <= 0 {
		o.Timeout = timeout
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// server is one of those to connect to.
type server struct {
	address string      // host:port
	tls     *tls.Config // nil: without
}

// servers reads the URLs and the files of TLS, and moves user and password of a URL to where they belong.
func (o *Options) servers() ([]server, error) {
	if len(o.URLs) == 0 {
		return nil, errors.New("nats: there is no url")
	}
	var list []server
	for _, text := range o.URLs {
		u, err := url.Parse(text)
		if err != nil {
			return nil, errors.New("nats: a url is not one") // the error would show the password
		}
		if u.Scheme != "nats" && u.Scheme != "tls" || u.Hostname() == "" || u.Port() == "" {
			return nil, errors.New("nats: each url must be nats://host:port or tls://host:port")
		}
		if u.User != nil && o.Username == "" {
			o.Username = u.User.Username()
			o.Password, _ = u.User.Password()
		}
		s := server{address: net.JoinHostPort(u.Hostname(), u.Port())}
		if u.Scheme == "tls" {
			if s.tls, err = o.TLS.Config(); err != nil {
				return nil, fmt.Errorf("nats: %w", err)
			}
			if s.tls.ServerName == "" {
				s.tls.ServerName = u.Hostname()
			}
		}
		list = append(list, s)
	}
	return list, nil
}
