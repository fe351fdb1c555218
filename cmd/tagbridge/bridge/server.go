package bridge

import (
	"context"
	"fmt"

	"tagbridge/mapping/config"
)

// Server answers HTTP at the address of one configuration; cmd/tagbridge/web opens it.
type Server interface {
	// Address is where it listens.
	Address() string
	// Serve answers until ctx ends. Its error is why it cannot listen any longer. The address is free when it returns.
	Serve(ctx context.Context) error
	// Close lets go of the address of a server that is not served.
	Close() error
}

// OpenServer opens the address of conf and reads what secures it, for b; nothing is answered before Serve. old, which is
// nil or serves b already, goes on until the new one does, be it at the same address.
type OpenServer func(b *Bridge, conf config.HTTP, old Server) (Server, error)

// front is the HTTP server of a setup, or why there is none yet.
type front struct {
	conf   config.HTTP
	sameAs string
	server Server // nil: closed says why
	task   *task
	closed string
}

// openFront opens the address; nil when there is none, old when that is the same. An address that old listens on already
// is shared until old stops. At the start, one that cannot be opened is tried again: see mendFront.
func (b *Bridge) openFront(old *front, conf config.HTTP, start bool) (*front, error) {
	if conf.Listen == "" || b.o.OpenServer == nil {
		return nil, nil
	}
	f := &front{conf: conf, sameAs: fmt.Sprintf("%+v %s", conf, contentsOf(conf.TLS.CA, conf.TLS.Certificate, conf.TLS.Key, conf.Users))}
	if old != nil && old.sameAs == f.sameAs {
		return old, nil
	}
	err := f.open(b, old)
	if err != nil && !start {
		return nil, err
	}
	if err != nil {
		b.o.Log.Error("status page and API are not served yet", "err", err)
		f.closed = err.Error()
	}
	return f, nil
}

// open opens the address of f, shared with old if that is not nil.
func (f *front) open(b *Bridge, old *front) error {
	var before Server
	if old != nil {
		before = old.server
	}
	server, err := b.o.OpenServer(b, f.conf, before)
	if err != nil {
		return fmt.Errorf("bridge.http: %w", err)
	}
	f.server = server
	return nil
}

// mendFront opens the address again that could not be opened, or was lost.
func (b *Bridge) mendFront() {
	now := b.now.Load()
	if now.front == nil || now.front.closed == "" {
		return
	}
	f := &front{conf: now.front.conf, sameAs: now.front.sameAs}
	if err := f.open(b, nil); err != nil {
		return // it was said when it began
	}
	next := *now
	next.front = f
	b.now.Store(&next)
	b.startFront(f)
	b.o.Log.Info("status page and API are served", "http", f.address())
}

// lostFront is a server whose listener came to an end.
type lostFront struct {
	front *front
	err   error
}

// loseFront notes that the listener of the running setup was lost.
func (b *Bridge) loseFront(lost lostFront) {
	now := b.now.Load()
	if now.front == nil || now.front != lost.front {
		return
	}
	b.o.Log.Error("status page and API are lost, they are opened again", "err", lost.err)
	next := *now
	next.front = &front{conf: lost.front.conf, sameAs: lost.front.sameAs, closed: lost.err.Error()}
	b.now.Store(&next)
	lost.front.stop()
}

// address is where f listens; "" on nil, or when it does not.
func (f *front) address() string {
	if f == nil || f.server == nil {
		return ""
	}
	return f.server.Address()
}

// startFront serves f, if there is one and it listens. A listener that is lost is opened again.
func (b *Bridge) startFront(f *front) {
	if f == nil || f.task != nil || f.server == nil {
		return
	}
	f.task = begin(func(ctx context.Context) {
		if err := f.server.Serve(ctx); err != nil {
			select {
			case b.lost <- lostFront{f, err}:
			case <-ctx.Done():
			}
		}
	})
}

// stop ends the server; nothing on nil.
func (f *front) stop() {
	if f != nil && f.task != nil {
		f.task.end(context.Background())
	}
}

// abandon lets go of the address of a server that was never started; nothing on nil.
func (f *front) abandon() {
	if f != nil && f.task == nil && f.server != nil {
		f.server.Close()
	}
}
