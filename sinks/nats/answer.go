package nats

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/sinks"
)

// Error codes of JetStream that a publisher gets (nats-server, server/errors.json).
const (
	codeTooLarge       = 10054 // of the stream's max_msg_size
	codeNotExpected    = 10060 // expected stream does not match
	codeStoreFailed    = 10077 // what the store says: it is full
	codeInProcess      = 10158 // the same identifier is on its way
	codeTooMany        = 10167 // requests
	codeNotAvailable   = 10008 // the cluster has no leader
	codeNotLeader      = 10009
	codeInsufficient   = 10023 // resources
	codeMemoryExceeded = 10028
	codeStorage        = 10047
	codeAccountLimit   = 10002
	codeSealed         = 10109
)

// election is how long a stream that has taken something may be without a leader: the servers of a cluster need up to ten
// seconds to choose one.
const election = 30 * time.Second

// answerFault is what to do about an answer to m that is no acknowledgement.
func (s *Sink) answerFault(m *flight, err error) error {
	to := m.Topic.Name
	var api *jetstream.APIError
	switch {
	case errors.Is(err, jetstream.ErrNoStreamResponse) && time.Since(s.took) < election:
		return fmt.Errorf("publish to %s: no stream takes it at present: does the cluster choose a new leader, or was the stream removed?", to)
	case errors.Is(err, jetstream.ErrNoStreamResponse):
		return hold("publish to %s: no stream takes this subject: make one (nats stream add NAME --subjects %q), or set another subject", to, to)
	case errors.Is(err, jetstream.ErrInvalidJSAck):
		return hold("publish to %s: something answers there that is no stream: make one that takes this subject", to)
	case errors.As(err, &api):
		return s.apiFault(m, api)
	}
	return fmt.Errorf("publish to %s: %w", to, err)
}

// apiFault is what to do about an error that JetStream has a number for.
func (s *Sink) apiFault(m *flight, api *jetstream.APIError) error {
	err := fmt.Errorf("publish to %s: %s (%d)", m.Topic.Name, api.Description, api.ErrorCode)
	with := func(a sinks.Action, hint string) error {
		if hint != "" {
			err = fmt.Errorf("%w; %s", err, hint)
		}
		return &sinks.Fault{Action: a, Err: err}
	}
	switch api.ErrorCode {
	case codeTooLarge:
		s.most, s.passed = max(1, s.passed, m.Size()/2), 0
		if m.ID.Samples <= 1 {
			return &sinks.Fault{Action: sinks.Refuse, Refused: m.Refused(), Err: fmt.Errorf("%w; the stream's max_msg_size is smaller", err)}
		}
		return with(sinks.Shrink, "the stream's max_msg_size is smaller")
	case codeNotExpected:
		return with(sinks.Hold, fmt.Sprintf("another stream than %s takes this subject: set stream, or another subject", s.o.Stream))
	case codeStoreFailed:
		if strings.Contains(api.Description, "maximum") {
			return with(sinks.Hold, "the stream is full: raise its limits, or have it discard old messages")
		}
		return with(sinks.Hold, "look at the server's disk")
	case codeInsufficient, codeMemoryExceeded, codeStorage, codeAccountLimit:
		return with(sinks.Hold, "the account or the server has no room left")
	case codeSealed:
		return with(sinks.Hold, "the stream is sealed, which lasts for ever")
	case codeInProcess, codeTooMany, codeNotAvailable, codeNotLeader:
		return with(sinks.Retry, "")
	}
	if api.Code >= 500 || api.Code == 429 {
		return with(sinks.Retry, "")
	}
	return with(sinks.Hold, "")
}

// acknowledged is nil when that is the acknowledgement of the stream that has to take it.
func (s *Sink) acknowledged(m *flight, ack *jetstream.PubAck) error {
	if s.o.Stream != "" && ack.Stream != s.o.Stream {
		return hold("publish to %s: stream %s has taken it, and not %s: set stream, or another subject", m.Topic.Name, ack.Stream, s.o.Stream)
	}
	return nil
}
