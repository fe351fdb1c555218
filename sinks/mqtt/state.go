package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"

	"tagbridge/mapping/secure"
	"tagbridge/sinks"
	"tagbridge/sinks/message"
)

// state is what became of publishing the bridge's own state.
type state struct {
	logged bool // that the broker does not take it
	ends   int  // connections in a row that ended while it was under way
}

// announce publishes the state of the bridge, retained, and waits until the broker has it. A broker that refuses it, or ends
// the connection for it again and again, is sent the values all the same.
func (s *Sink) announce(ctx context.Context, text string) error {
	if s.o.StateTopic == "" || s.state.ends >= endsProven {
		return nil
	}
	s.window.head, s.window.n = 0, 1
	m := &s.window.slots[0]
	*m = outgoing{retain: s.session.limits().retain}
	m.Topic, m.Payload = &message.Topic{Name: s.o.StateTopic}, []byte(text)
	if limit := s.packetLimit(s.session.limits()); limit > 0 && m.size() > limit {
		s.untold(fmt.Errorf("the message has %d bytes, the broker takes %d", m.size(), limit))
		return nil
	}
	err := s.session.publish(0, m)
	if err == nil {
		err = s.await(ctx, 0)
	}
	var no *refusal
	switch {
	case err == nil:
		s.proven, s.state.ends = true, 0
		return nil
	case errors.As(err, &no):
		s.untold(err)
		return nil
	}
	if s.state.ends++; s.state.ends == endsProven {
		s.untold(fmt.Errorf("it ended the connection each time: %w", err))
	}
	s.window.n = 0
	s.salvage(ctx, err)
	return err
}

// untold logs, once, that the broker does not take the state.
func (s *Sink) untold(err error) {
	if s.state.logged {
		return
	}
	s.state.logged = true
	s.o.Logger.Warn("the broker does not take the bridge's state", "topic", s.o.StateTopic, "err", s.hide(err.Error()))
}

// packetLimit is how many bytes a packet may have, 0 for any.
func (s *Sink) packetLimit(l limits) int {
	switch {
	case s.o.MaxPacket <= 0:
		return l.packet
	case l.packet <= 0:
		return s.o.MaxPacket
	}
	return min(s.o.MaxPacket, l.packet)
}

// fault names the broker in err and says what to do about it.
func (s *Sink) fault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	out := sinks.Fault{Action: sinks.Retry}
	var known *sinks.Fault
	if errors.As(err, &known) {
		out = *known
	}
	if untrusted(err) {
		out.Action = sinks.Hold
	}
	out.Err = fmt.Errorf("mqtt broker %s: %w", s.target.url.Host, err)
	if text := s.hide(out.Err.Error()); text != out.Err.Error() {
		out.Err = errors.New(text)
	}
	return &out
}

// hide replaces secrets in text: a broker's words may repeat what it was sent.
func (s *Sink) hide(text string) string {
	for _, secret := range []string{s.o.Password, s.o.SASKey, s.token} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return text
}

// untrusted reports a TLS handshake that one of both sides did not want to finish: time does not mend that.
func untrusted(err error) bool {
	var ours *tls.CertificateVerificationError
	var theirs *net.OpError // crypto/tls has no other name for an alert that it was sent
	return errors.As(err, &ours) || errors.Is(err, secure.ErrNotLet) || errors.As(err, &theirs) && theirs.Op == "remote error"
}
