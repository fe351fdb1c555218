package bridge

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"tagbridge/mapping/config"
)

// fakeServer is a Server without an address.
type fakeServer struct {
	address string
	broken  chan error // ends Serve
	serving atomic.Int32
	closed  bool
}

func (s *fakeServer) Address() string { return s.address }

func (s *fakeServer) Serve(ctx context.Context) error {
	s.serving.Add(1)
	defer s.serving.Add(-1)
	select {
	case err := <-s.broken:
		return err
	case <-ctx.Done():
		return nil
	}
}

func (s *fakeServer) Close() error {
	s.closed = true
	return nil
}

// opener opens fake servers, unless it is to fail.
type opener struct {
	t      *testing.T
	fails  atomic.Bool
	opened chan *fakeServer
	before chan Server // of each that was asked for
}

func newOpener(t *testing.T) *opener {
	return &opener{t: t, opened: make(chan *fakeServer, 10), before: make(chan Server, 10)}
}

func (o *opener) open(_ *Bridge, conf config.HTTP, old Server) (Server, error) {
	if o.fails.Load() {
		return nil, errors.New("another program listens on " + conf.Listen)
	}
	o.before <- old
	s := &fakeServer{address: conf.Listen, broken: make(chan error)}
	o.opened <- s
	return s, nil
}

// TestAServerThatCannotBeOpenedOrIsLostIsOpenedAgain has a port be taken at the start, and then lost while it runs.
func TestAServerThatCannotBeOpenedOrIsLostIsOpenedAgain(t *testing.T) {
	r := beginning(t, "")
	o := newOpener(t)
	o.fails.Store(true)
	r.server = o.open
	b := r.run()
	r.wait("samples", some)
	if s := b.bridge.status(); !strings.Contains(s, "bridge.http: another program listens on") {
		t.Errorf("status %q", s)
	}
	o.fails.Store(false)
	first := <-o.opened
	b.await("the server", func() bool { return first.serving.Load() == 1 })
	first.broken <- errors.New("the interface is gone")
	second := <-o.opened
	b.await("the server again", func() bool { return second.serving.Load() == 1 })
	if s := b.bridge.status(); strings.Contains(s, "bridge.http") || strings.Contains(s, "interface") {
		t.Errorf("status %q", s)
	}
	for range 2 {
		if old := <-o.before; old != nil {
			t.Errorf("there was no server before, but %v was given", old)
		}
	}
	b.stop()
	if first.serving.Load()+second.serving.Load() > 0 {
		t.Error("a server is served after the stop")
	}
}

// TestAReloadReplacesAServerWithoutAGap opens the new one before the old one ends, and keeps the old one when it cannot.
func TestAReloadReplacesAServerWithoutAGap(t *testing.T) {
	r := beginning(t, "")
	o := newOpener(t)
	r.server = o.open
	b := r.run()
	first := <-o.opened
	if old := <-o.before; old != nil {
		t.Errorf("the first was given %v", old)
	}
	b.await("the server", func() bool { return first.serving.Load() == 1 })
	if s := b.hup(); s.Applied != 1 || len(o.opened) > 0 {
		t.Errorf("a reload of the same: %+v, %d servers opened", s, len(o.opened))
	}
	o.fails.Store(true)
	r.edit("plant.yaml", "127.0.0.1:0", "127.0.0.1:1")
	if s := b.hup(); len(s.Problems) != 1 || !strings.Contains(s.Problems[0], "bridge.http: another program listens on 127.0.0.1:1") {
		t.Errorf("a reload to an address that cannot be opened: %+v", s)
	}
	if first.serving.Load() != 1 {
		t.Error("the old server ended for one that cannot be opened")
	}
	o.fails.Store(false)
	if s := b.hup(); len(s.Problems) > 0 {
		t.Errorf("reload: %+v", s)
	}
	second := <-o.opened
	if old := <-o.before; old != Server(first) {
		t.Errorf("the second was given %v", old)
	}
	b.await("the change", func() bool { return first.serving.Load() == 0 && second.serving.Load() == 1 })
	if b.bridge.now.Load().front.address() != "127.0.0.1:1" {
		t.Errorf("it listens on %s", b.bridge.now.Load().front.address())
	}
}

func TestABridgeThatIsNotRunLetsGoOfItsServer(t *testing.T) {
	r := beginning(t, "")
	o := newOpener(t)
	b, err := Open(r.load(), Options{Log: discard(), OpenServer: o.open})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if s := <-o.opened; !s.closed {
		t.Error("its address is still taken")
	}
}
