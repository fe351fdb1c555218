package mqtt

import (
	"errors"
	"fmt"

	"tagbridge/sinks"
	"tagbridge/sinks/message"
)

// outgoing is a message on its way to the broker.
type outgoing struct {
	message.Message
	retain  bool
	once    bool   // its topic is used this once: it gets no alias
	content string // its media type (RFC 6838); "": it is not said
	settled bool   // it need not be sent: verdict is known
	verdict error  // nil, a *refusal, or errUnfit
}

// overhead is what a PUBLISH has besides topic and payload at most: fixed header, length of the topic, packet identifier,
// length of the properties and an alias.
const overhead = 5 + 2 + 2 + 1 + 3

// size is about the bytes of m on the wire.
func (m *outgoing) size() int { return m.Size() + overhead }

// content is how many bytes of topic and payload fit into a packet of that size, 0 for any.
func content(packet int) int {
	if packet <= 0 {
		return 0
	}
	return max(packet-overhead, 1)
}

// errUnfit is the verdict on a message of one sample that line protocol cannot hold: see sinks.Unfit.
var errUnfit = errors.New("line protocol has no unsigned integers over 2^63-1")

// begin makes v what messages are made of.
func (s *Sink) begin(v *sinks.View, l limits) {
	s.view, s.packet = v, s.packetLimit(l)
	if s.packet > 0 && s.contentType() != "" {
		s.packet = max(1, s.packet-3-len(s.contentType()))
	}
	s.cutter.Begin(v)
}

// contentType is the media type of a payload that is compressed, "" of others.
func (s *Sink) contentType() string {
	switch s.o.Compress {
	case "gzip":
		return "application/gzip" // RFC 6713
	case "zstd":
		return "application/zstd" // RFC 8878
	}
	return ""
}

// next makes the next message of the view in m; false: there is none.
func (s *Sink) next(m *outgoing) bool {
	s.cutter.Limits = s.suspect.limits(s.packet)
	if !s.cutter.Next(&m.Message) {
		return false
	}
	m.retain, m.content, m.settled, m.verdict = s.o.Retain, s.contentType(), m.Skip != 0, nil
	switch m.Skip {
	case message.Unfit:
		m.verdict = errUnfit
	case message.TooLarge:
		m.verdict = &refusal{reason: fmt.Sprintf("the message has %d bytes, the broker takes %d", m.size(), s.packet)}
	}
	return true
}
