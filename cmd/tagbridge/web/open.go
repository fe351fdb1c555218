package web

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping/cause"
	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
)

// Server answers HTTP at one address. It implements bridge.Server.
type Server struct {
	listen   string // as configured
	access   access
	listener net.Listener // of TCP
	pages    *pages
}

// access is how one comes in, and who may.
type access struct {
	tls   *tls.Config // nil: none
	users *users      // nil: everybody
}

var _ bridge.OpenServer = Open

// Open implements bridge.OpenServer.
func Open(b *bridge.Bridge, conf config.HTTP, old bridge.Server) (bridge.Server, error) {
	s := &Server{listen: conf.Listen}
	var err error
	if s.access, err = secure(conf); err == nil {
		before, _ := old.(*Server)
		s.listener, err = listen(before, conf.Listen)
	}
	if err != nil {
		return nil, listenError(conf.Listen, err)
	}
	s.pages = newPages(b, newRegistry(b), b.Log())
	s.pages.users, s.pages.edit = s.access.users, conf.Edit
	if before, _ := old.(*Server); before != nil {
		s.pages.editor = before.pages.editor // so that one change at a time is made
	}
	return s, nil
}

// Check is what serving cfg would find wrong with the files that bridge.http names, beyond what loading it does: a problem,
// as nobody would be let in, or everybody. A file that is not there was reported when cfg was loaded.
func Check(cfg *config.Config) source.Problems {
	if cfg.Bridge.HTTP.Listen == "" {
		return nil
	}
	_, err := secure(cfg.Bridge.HTTP)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return source.Problems{{File: cfg.File, Message: fmt.Sprintf("bridge.http: %v", err)}}
}

// Address implements bridge.Server.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Serve implements bridge.Server.
func (s *Server) Serve(ctx context.Context) error {
	g := newGuests(s.listener, maxConnections)
	l := net.Listener(g)
	if s.access.tls != nil {
		l = tls.NewListener(l, s.access.tls)
	}
	return s.pages.serve(ctx, l, g.changed)
}

// Close implements bridge.Server.
func (s *Server) Close() error { return s.listener.Close() }

// listenError says what to do where err is a mistake in the address.
func listenError(address string, err error) error {
	switch {
	case cause.Taken(err):
		return fmt.Errorf("another program listens on %s already: write another port, or \"\" for none (%w)", address, syscall.EADDRINUSE)
	case cause.Foreign(err):
		return fmt.Errorf("this machine does not have the address of %s (%w)", address, syscall.EADDRNOTAVAIL)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("not allowed to listen on %s: write a port above 1023 (%w)", address, syscall.EACCES)
	}
	return err
}

// listen opens the address, or shares it with old, when that is not nil and listens there.
func listen(old *Server, address string) (net.Listener, error) {
	if old == nil || old.listen != address {
		return net.Listen("tcp", address)
	}
	f, err := old.listener.(*net.TCPListener).File()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return net.FileListener(f)
}

// secure reads certificate, key and users.
func secure(conf config.HTTP) (a access, err error) {
	if conf.Users != "" {
		if a.users, err = readUsers(conf.Users); err != nil {
			return access{}, err
		}
	}
	if conf.TLS.Certificate == "" {
		return a, nil
	}
	pair, err := tls.LoadX509KeyPair(conf.TLS.Certificate, conf.TLS.Key)
	if err != nil {
		return access{}, fmt.Errorf("read tls certificate: %w", err)
	}
	a.tls = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, NextProtos: []string{"http/1.1"}}
	if conf.TLS.CA != "" {
		pem, err := os.ReadFile(conf.TLS.CA)
		if err != nil {
			return access{}, fmt.Errorf("read tls ca: %w", err)
		}
		a.tls.ClientCAs = x509.NewCertPool()
		if !a.tls.ClientCAs.AppendCertsFromPEM(pem) {
			return access{}, fmt.Errorf("read tls ca %s: %w", conf.TLS.CA, errors.New("no certificate in PEM form"))
		}
		a.tls.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return a, nil
}
