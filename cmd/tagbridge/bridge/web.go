package bridge

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"tagbridge/mapping/config"
)

// web is the HTTP server's address, and who may come in.
type web struct {
	conf     config.HTTP
	print    string
	listener net.Listener // of TCP
	tls      *tls.Config  // nil: none
	users    *users       // nil: everybody
	task     *task
	closed   string // why there is no listener; "": there is one
}

// openWeb opens the address; nil when there is none, old when that is the same. An address that old listens on already
// is shared until old stops. At the start, one that cannot be opened is tried again: see mendWeb.
func (b *Bridge) openWeb(old *web, conf config.HTTP, start bool) (*web, error) {
	if conf.Listen == "" {
		return nil, nil
	}
	w := &web{conf: conf, print: fmt.Sprintf("%+v %s", conf, contentsOf(conf.TLS.CA, conf.TLS.Certificate, conf.TLS.Key, conf.Users))}
	if old != nil && old.print == w.print {
		return old, nil
	}
	err := w.open(old)
	if err != nil && !start {
		return nil, err
	}
	if err != nil {
		b.o.Log.Error("status page and API are not served yet", "err", err)
		w.closed = err.Error()
	}
	return w, nil
}

// open reads what secures w and opens its address.
func (w *web) open(old *web) error {
	err := w.secure()
	if err == nil {
		w.listener, err = listen(old, w.conf.Listen)
	}
	if err != nil {
		return fmt.Errorf("bridge.http: %w", listenError(w.conf.Listen, err))
	}
	return nil
}

// mendWeb opens the address again that could not be opened, or was lost.
func (b *Bridge) mendWeb() {
	now := b.now.Load()
	if now.web == nil || now.web.closed == "" {
		return
	}
	w := &web{conf: now.web.conf, print: now.web.print}
	if err := w.open(nil); err != nil {
		return // it was said when it began
	}
	next := *now
	next.web = w
	b.now.Store(&next)
	b.startWeb(w)
	b.o.Log.Info("status page and API are served", "http", w.address())
}

// loseWeb notes that the listener of the running setup was lost.
func (b *Bridge) loseWeb(lost lostWeb) {
	now := b.now.Load()
	if now.web == nil || now.web != lost.web {
		return
	}
	b.o.Log.Error("status page and API are lost, they are opened again", "err", lost.err)
	next := *now
	next.web = &web{conf: lost.web.conf, print: lost.web.print, closed: lost.err.Error()}
	b.now.Store(&next)
	lost.web.stop()
}

// lostWeb is a server whose listener came to an end.
type lostWeb struct {
	web *web
	err error
}

// listenError says what to do where err is a mistake in the address.
func listenError(address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("another program listens on %s already: write another port, or \"\" for none (%w)", address, syscall.EADDRINUSE)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("this machine does not have the address of %s (%w)", address, syscall.EADDRNOTAVAIL)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("not allowed to listen on %s: write a port above 1023 (%w)", address, syscall.EACCES)
	}
	return err
}

func listen(old *web, address string) (net.Listener, error) {
	if old == nil || old.listener == nil || old.conf.Listen != address {
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
func (w *web) secure() error {
	if w.conf.Users != "" {
		u, err := readUsers(w.conf.Users)
		if err != nil {
			return err
		}
		w.users = u
	}
	if w.conf.TLS.Certificate == "" {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(w.conf.TLS.Certificate, w.conf.TLS.Key)
	if err != nil {
		return fmt.Errorf("read tls certificate: %w", err)
	}
	w.tls = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, NextProtos: []string{"http/1.1"}}
	if w.conf.TLS.CA != "" {
		pem, err := os.ReadFile(w.conf.TLS.CA)
		if err != nil {
			return fmt.Errorf("read tls ca: %w", err)
		}
		w.tls.ClientCAs = x509.NewCertPool()
		if !w.tls.ClientCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("read tls ca %s: %w", w.conf.TLS.CA, errors.New("no certificate in PEM form"))
		}
		w.tls.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return nil
}

// address is where w listens; "" on nil, or when it does not.
func (w *web) address() string {
	if w == nil || w.listener == nil {
		return ""
	}
	return w.listener.Addr().String()
}

// startWeb serves on w, if there is one and it listens. A listener that is lost is opened again.
func (b *Bridge) startWeb(w *web) {
	if w == nil || w.task != nil || w.listener == nil {
		return
	}
	g := newGuests(w.listener, maxConnections)
	l := net.Listener(g)
	if w.tls != nil {
		l = tls.NewListener(l, w.tls)
	}
	srv := newServer(b, newRegistry(b), b.o.Log)
	srv.users = w.users
	w.task = begin(func(ctx context.Context) {
		if err := srv.serve(ctx, l, g.changed); err != nil {
			select {
			case b.lost <- lostWeb{w, err}:
			case <-ctx.Done():
			}
		}
	})
}

// stop ends the server; nothing on nil.
func (w *web) stop() {
	if w != nil && w.task != nil {
		w.task.end(context.Background())
	}
}
