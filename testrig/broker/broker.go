// Package broker is an MQTT broker for the demo, for tests and for measurements: mochi-mqtt on loopback, open to all. It
// keeps nothing when it is stopped.
package broker

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
)

// Options of a broker.
type Options struct {
	// Published is called with each message that a client publishes, by several goroutines. nil: by none.
	Published func(topic string, payload []byte)
}

// Broker is a broker that can be stopped and started again at the same address. It is safe for concurrent use.
type Broker struct {
	o    Options
	addr string

	mu     sync.Mutex
	server *mochi.Server // nil: stopped
}

// Listen starts a broker at address, such as 127.0.0.1:1883.
func Listen(address string, o Options) (*Broker, error) {
	b := &Broker{o: o, addr: address}
	return b, b.Start()
}

// Addr is where it listens, or would: with the port that was given for port 0.
func (b *Broker) Addr() string { return b.addr }

// Start starts it, unless it runs.
func (b *Broker) Start() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.server != nil {
		return nil
	}
	ln, err := net.Listen("tcp", b.addr)
	if err != nil {
		return fmt.Errorf("start broker: %w", err)
	}
	b.addr = ln.Addr().String()
	s := mochi.New(&mochi.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	err = errors.Join(
		s.AddHook(new(auth.AllowHook), nil),
		s.AddHook(&published{do: b.o.Published}, nil),
		s.AddListener(listeners.NewNet("broker", ln)),
	)
	if err == nil {
		err = s.Serve()
	}
	if err != nil {
		ln.Close()
		return fmt.Errorf("start broker: %w", err)
	}
	b.server = s
	return nil
}

// Stop ends all connections and forgets everything, unless it is stopped.
func (b *Broker) Stop() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.server == nil {
		return nil
	}
	s := b.server
	b.server = nil
	return s.Close()
}

// published is the hook behind Options.Published.
type published struct {
	mochi.HookBase
	do func(topic string, payload []byte)
}

// ID implements mochi.Hook.
func (p *published) ID() string { return "published" }

// Provides implements mochi.Hook.
func (p *published) Provides(b byte) bool { return p.do != nil && b == mochi.OnPublish }

// OnPublish implements mochi.Hook.
func (p *published) OnPublish(_ *mochi.Client, pk packets.Packet) (packets.Packet, error) {
	p.do(pk.TopicName, pk.Payload)
	return pk, nil
}
