package mqtt

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"

	"tagbridge/mapping/cause"
	"tagbridge/sinks"
)

// v311 is a session of MQTT 3.1.1. A broker of that version acknowledges a message that it may not take like any other,
// or ends the connection.
type v311 struct {
	wire   *wire
	client paho.Client
	login  login
	tokens []paho.Token // by slot
}

// connect311 opens a session of MQTT 3.1.1.
func connect311(ctx context.Context, w *wire, l login) (session, error) {
	s := &v311{wire: w, login: l, tokens: make([]paho.Token, l.window)}
	s.client = paho.NewClient(s.options())
	stop := context.AfterFunc(ctx, func() { w.Close() })
	defer stop()
	token := s.client.Connect()
	<-token.Done() // the options bound it
	if err := token.Error(); err != nil {
		w.Close()
		return nil, refused311(err)
	}
	return s, nil
}

// options of the client. Those about the session and reconnects are not a matter of taste: with AutoReconnect, tokens are
// done without an error when a connection is lost, and with CleanSession false they are never done.
func (s *v311) options() *paho.ClientOptions {
	l := &s.login
	o := paho.NewClientOptions().
		AddBroker("tcp://broker"). // for the form of it: the connection is made already
		SetCustomOpenConnectionFn(func(*url.URL, paho.ClientOptions) (net.Conn, error) { return s.wire, nil }).
		SetProtocolVersion(4).
		SetAutoReconnect(false).
		SetConnectRetry(false).
		SetCleanSession(true).
		SetOrderMatters(false).
		SetStore(noStore{}).
		SetConnectTimeout(l.timeout).
		SetWriteTimeout(writeTimeout).
		SetKeepAlive(keepAlive).
		SetPingTimeout(l.timeout).
		SetClientID(l.clientID).
		SetUsername(l.username).
		SetPassword(l.password)
	if w := l.will; w != nil {
		o.SetBinaryWill(w.topic, w.payload, w.qos, w.retain)
	}
	return o
}

// writeTimeout is how long the client tries to hand a message to its own goroutine, which writes into memory: it is only
// ever over once the connection is.
const writeTimeout = time.Second

// refused311 is what to do about a connection that was not made.
func refused311(err error) error {
	hold := func(text string) error {
		return &sinks.Fault{Action: sinks.Hold, Err: errors.New("connect: " + text)}
	}
	switch {
	case errors.Is(err, packets.ErrorRefusedBadProtocolVersion):
		return hold("the broker does not know MQTT 3.1.1; set version: 5")
	case errors.Is(err, packets.ErrorRefusedIDRejected):
		return hold("client identifier not valid; set another client_id")
	case errors.Is(err, packets.ErrorRefusedBadUsernameOrPassword):
		return hold("bad user name or password; check username and password")
	case errors.Is(err, packets.ErrorRefusedNotAuthorised):
		return hold("not authorized; check username, password and what the broker allows this user")
	case errors.Is(err, packets.ErrorRefusedServerUnavailable):
		return errors.New("connect: server unavailable")
	}
	return unanswered(err)
}

// unanswered is a connection that ended, or did not get on, before the broker had said anything.
func unanswered(err error) error {
	var slow net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &slow) && slow.Timeout() {
		return errors.New("connect: the broker does not answer")
	}
	return fmt.Errorf("connect: %w", cause.Of(err))
}

func (s *v311) limits() limits { return limits{inFlight: s.login.window, retain: true} }

func (s *v311) publish(slot int, m *outgoing) error {
	s.tokens[slot] = s.client.Publish(m.Topic.Name, s.login.qos, m.retain, m.Payload)
	return s.wire.err()
}

func (s *v311) answered(slot int) <-chan struct{} { return s.tokens[slot].Done() }

func (s *v311) verdict(slot int) error {
	err := s.tokens[slot].Error()
	if err == nil {
		return nil
	}
	if cause := s.wire.err(); cause != nil {
		return cause
	}
	return err
}

func (s *v311) reason() error {
	if cause := s.wire.err(); cause != nil {
		return cause
	}
	return errLost
}

func (s *v311) close(goodbye bool) {
	if goodbye {
		// The client's own Disconnect closes the connection before the packet has gone out.
		s.wire.farewell(packets.NewControlPacket(packets.Disconnect).Write)
	}
	s.wire.Close() // which the client takes for a lost connection
}

// noStore keeps nothing: what a connection has not acknowledged is sent again from the journal.
type noStore struct{}

// Open implements paho.Store.
func (noStore) Open() {}

// Put implements paho.Store.
func (noStore) Put(string, packets.ControlPacket) {}

// Get implements paho.Store.
func (noStore) Get(string) packets.ControlPacket { return nil }

// All implements paho.Store.
func (noStore) All() []string { return nil }

// Del implements paho.Store.
func (noStore) Del(string) {}

// Close implements paho.Store.
func (noStore) Close() {}

// Reset implements paho.Store.
func (noStore) Reset() {}
