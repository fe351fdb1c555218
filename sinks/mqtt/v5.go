package mqtt

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"

	"tagbridge/sinks"
	"tagbridge/sinks/message"
)

// v5 is a session of MQTT 5.
type v5 struct {
	wire   *wire
	client *paho.Client
	state  *v5state
	login  login
	limit  limits
	// Each alias stands for the first topic that was given it (MQTT 5, 3.3.2.3.4).
	aliases, maxAliases uint16
}

// alias is the number of a topic on one connection. It stands for the topic once a message that carried both was taken.
type alias struct {
	owner *v5
	id    uint16
	known bool
}

// connect5 opens a session of MQTT 5.
func connect5(ctx context.Context, w *wire, l login) (session, error) {
	s := &v5{wire: w, login: l, state: newV5state(l.window)}
	s.client = paho.NewClient(paho.ClientConfig{
		Conn: w, Session: s.state, PacketTimeout: l.timeout, AuthHandler: noAuth{},
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){ignorePublish},
		OnServerDisconnect: func(*paho.Disconnect) {
			// The state was told before: see v5state.ConnectionLost.
		},
	})
	stop := context.AfterFunc(ctx, func() { w.Close() })
	defer stop()
	answer, err := s.client.Connect(ctx, l.packet5())
	if err != nil {
		w.Close()
		return nil, refused5(w, answer, err)
	}
	s.limit = limits{inFlight: l.window, retain: true}
	if p := answer.Properties; p != nil {
		s.limit.retain = p.RetainAvailable
		if p.ReceiveMaximum != nil {
			s.limit.inFlight = max(1, min(l.window, int(*p.ReceiveMaximum)))
		}
		if p.MaximumPacketSize != nil {
			s.limit.packet = int(*p.MaximumPacketSize)
		}
		if p.TopicAliasMaximum != nil {
			s.maxAliases = *p.TopicAliasMaximum
		}
		if p.MaximumQoS != nil && *p.MaximumQoS < l.qos {
			s.close(true)
			return nil, ended("connect", 0x9B, "")
		}
	}
	return s, nil
}

// noAuth is there for brokers that name an authentication method although none was asked for: the client then calls it.
type noAuth struct{}

// Authenticate implements paho.Auther. It is never called: the front lets no AUTH packet pass.
func (noAuth) Authenticate(a *paho.Auth) *paho.Auth { return a }

// Authenticated implements paho.Auther.
func (noAuth) Authenticated() {}

func ignorePublish(paho.PublishReceived) (bool, error) { return true, nil }

// packet5 is the CONNECT packet of MQTT 5.
func (l login) packet5() *paho.Connect {
	one := uint16(1) // of our Receive Maximum: the client reserves memory for as many
	largest := uint32(maxInbound)
	c := &paho.Connect{
		ClientID: l.clientID, CleanStart: true, KeepAlive: uint16(keepAlive.Seconds()),
		Username: l.username, UsernameFlag: l.username != "",
		Password: []byte(l.password), PasswordFlag: l.password != "",
		Properties: &paho.ConnectProperties{ReceiveMaximum: &one, MaximumPacketSize: &largest, RequestProblemInfo: true},
	}
	if w := l.will; w != nil {
		c.WillMessage = &paho.WillMessage{Topic: w.topic, Payload: w.payload, QoS: w.qos, Retain: w.retain}
	}
	return c
}

// refused5 is what to do about a connection that was not made.
func refused5(w *wire, answer *paho.Connack, err error) error {
	switch {
	case old(w.in.greeting()):
		return ended("connect", codeUnsupportedVersion, "the broker answers in MQTT 3.1.1")
	case answer != nil && answer.ReasonCode >= codeError:
		text := ""
		if answer.Properties != nil {
			text = answer.Properties.ReasonString
		}
		return ended("connect", answer.ReasonCode, text)
	case w.in.greeting() == nil && errors.Is(err, io.EOF):
		return errors.New("connect: the broker closed the connection without a word, as one does that knows MQTT 3.1.1 only: " +
			"then set version: 3.1.1")
	}
	return unanswered(err)
}

func (s *v5) limits() limits { return s.limit }

func (s *v5) publish(slot int, m *outgoing) error {
	p := &paho.Publish{QoS: s.login.qos, Retain: m.retain, Topic: m.Topic.Name, Payload: m.Payload}
	if a := s.aliasFor(m); a != nil {
		p.Properties = &paho.PublishProperties{TopicAlias: &a.id}
		if a.known {
			p.Topic = ""
		}
	}
	if m.content != "" {
		if p.Properties == nil {
			p.Properties = new(paho.PublishProperties)
		}
		p.Properties.ContentType = m.content
	}
	s.state.next(slot, m.Topic)
	// An unblocked context: the wire takes everything at once, and its end ends all.
	_, err := s.client.PublishWithOptions(context.Background(), p, paho.PublishOptions{Method: paho.PublishMethod_AsyncSend})
	switch {
	case err == nil:
		if p.QoS == 0 {
			s.state.answer(slot, nil)
		}
		return nil
	case errors.Is(err, paho.ErrInvalidArguments):
		return &sinks.Fault{Action: sinks.Hold, Err: fmt.Errorf("publish to %s: %w", m.Topic.Name, err)}
	}
	return s.why(err)
}

// aliasFor is the alias that m is sent with; nil: none.
func (s *v5) aliasFor(m *outgoing) *alias {
	if m.once {
		return nil
	}
	return s.alias(m.Topic)
}

// alias is that of t, given to it if there is one left; nil: none.
func (s *v5) alias(t *message.Topic) *alias {
	if a := s.aliasOf(t); a != nil {
		return a
	}
	if s.aliases == s.maxAliases {
		return nil
	}
	s.aliases++
	a := &alias{owner: s, id: s.aliases}
	t.Own = a
	return a
}

// aliasOf is the alias that t has in this session; nil: none.
func (s *v5) aliasOf(t *message.Topic) *alias {
	if a, _ := t.Own.(*alias); a != nil && a.owner == s {
		return a
	}
	return nil
}

func (s *v5) answered(slot int) <-chan struct{} { return s.state.slots[slot].done }

func (s *v5) verdict(slot int) error {
	t, err := s.state.take(slot)
	if err == nil {
		if a := s.aliasOf(t); a != nil {
			a.known = true
		}
	}
	var no *refusal
	if err == nil || errors.As(err, &no) {
		return err
	}
	return s.why(err)
}

func (s *v5) reason() error { return s.why(errLost) }

// why is the reason for which the session has ended; err is how it showed.
func (s *v5) why(err error) error {
	if said := s.state.reason(); said != nil {
		return said
	}
	if cause := s.wire.err(); cause != nil {
		return cause
	}
	return err
}

func (s *v5) close(goodbye bool) {
	if goodbye {
		s.wire.farewell(func(w io.Writer) error {
			_, err := (&packets.Disconnect{ReasonCode: s.login.leave, Properties: &packets.Properties{}}).WriteTo(w)
			return err
		})
	}
	s.wire.Close()
	<-s.client.Done()
}
