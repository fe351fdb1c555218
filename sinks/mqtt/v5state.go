package mqtt

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho/log"
	pahosession "github.com/eclipse/paho.golang/paho/session"

	"tagbridge/sinks/message"
)

// v5state is the client's session: packet identifiers are numbers of the window plus one, and nothing is ever sent again.
type v5state struct {
	slots []v5slot
	slot  int // of the next message to be added

	mu   sync.Mutex
	gone bool
	said error // what the broker said when it ended the connection
}

type v5slot struct {
	topic *message.Topic
	done  chan struct{}
	open  bool // not answered yet
	err   error
}

func newV5state(window int) *v5state {
	s := &v5state{slots: make([]v5slot, window)}
	for i := range s.slots {
		s.slots[i].done = make(chan struct{}, 1)
	}
	return s
}

// errLost is the verdict on what was not answered when the connection ended.
var errLost = errors.New("connection lost")

// next says which slot the message that is published next has.
func (s *v5state) next(slot int, t *message.Topic) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slot = slot
	s.slots[slot].topic, s.slots[slot].open, s.slots[slot].err = t, true, nil
	if s.gone {
		s.settle(slot, errLost)
	}
}

// settle answers a slot; s.mu is held.
func (s *v5state) settle(slot int, err error) {
	p := &s.slots[slot]
	if !p.open {
		return
	}
	p.open, p.err = false, err
	p.done <- struct{}{}
}

func (s *v5state) answer(slot int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle(slot, err)
}

// take is what slot was answered, and the topic of its message.
func (s *v5state) take(slot int) (*message.Topic, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.slots[slot].topic, s.slots[slot].err
}

func (s *v5state) reason() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said
}

// AddToSession implements pahosession.SessionManager.
func (s *v5state) AddToSession(_ context.Context, p pahosession.Packet, _ chan<- packets.ControlPacket) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.SetIdentifier(uint16(s.slot) + 1)
	return nil
}

// PacketReceived implements pahosession.SessionManager.
func (s *v5state) PacketReceived(p *packets.ControlPacket, _ chan<- *packets.Publish) error {
	ack, ok := p.Content.(*packets.Puback)
	if !ok || ack.PacketID == 0 || int(ack.PacketID) > len(s.slots) {
		return nil // nothing that we have asked for
	}
	text := ""
	if ack.Properties != nil {
		text = ack.Properties.ReasonString
	}
	s.answer(int(ack.PacketID)-1, refused(ack.ReasonCode, text))
	return nil
}

// ConnectionLost implements pahosession.SessionManager.
func (s *v5state) ConnectionLost(p *packets.Disconnect) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p != nil && s.said == nil {
		text := ""
		if p.Properties != nil {
			text = p.Properties.ReasonString
		}
		s.said = ended("the broker ended the connection", p.ReasonCode, text)
	}
	s.gone = true
	for i := range s.slots {
		s.settle(i, errLost)
	}
	return nil
}

// ConAckReceived implements pahosession.SessionManager.
func (s *v5state) ConAckReceived(io.Writer, *packets.Connect, *packets.Connack) error { return nil }

// Ack implements pahosession.SessionManager.
func (s *v5state) Ack(*packets.Publish) error { return nil }

// Close implements pahosession.SessionManager.
func (s *v5state) Close() error { return nil }

// SetErrorLogger implements pahosession.SessionManager.
func (s *v5state) SetErrorLogger(log.Logger) {}

// SetDebugLogger implements pahosession.SessionManager.
func (s *v5state) SetDebugLogger(log.Logger) {}
