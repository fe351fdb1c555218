package mqtt

import (
	"fmt"

	"tagbridge/sinks/message"
)

// suspect finds the message for which a broker ends the connection instead of refusing it, as every broker of MQTT 3.1.1
// does that is sent too much. After a connection has ended with messages under way, they are sent one at a time; the
// message that ends it again, alone, is made smaller, and what cannot be made smaller is refused.
type suspect struct {
	careful int        // messages still to be sent one at a time
	of      message.ID // the message that ended the connection last, alone
	ends    int        // how often
	guilty  bool       // it is, and cannot be made smaller
	limit   int        // bytes of a message at most, as far as is known from this; 0: any
	passed  int        // bytes of the largest message that was taken
	cut     int        // the message that begins as it does has so many samples at most; 0: any
}

// The ends of a connection that make a message guilty: fewer when the broker has taken something on the same connection
// before, so that it is known to be well.
const (
	endsProven   = 2
	endsUnproven = 5
)

// taken notes that m was acknowledged.
func (s *suspect) taken(m *outgoing) {
	s.passed = max(s.passed, m.size())
	if s.limit > 0 && s.limit < s.passed {
		s.limit = s.passed
	}
	if m.ID.Start == s.of.Start {
		s.ends, s.guilty = 0, false
	}
	if s.careful > 0 {
		s.careful--
	}
}

// ended notes that the connection has ended with n messages under way, the oldest of which is m. proven says that the
// broker had taken another one on it. It reports whether m alone is suspected.
func (s *suspect) ended(m *outgoing, n, window int, proven bool) bool {
	s.careful = window + 1
	if n != 1 {
		return false
	}
	if m.ID.Start != s.of.Start {
		s.cut, s.ends = 0, 0
	}
	if m.ID.Samples != s.of.Samples {
		s.ends = 0
	}
	s.of = m.ID
	s.ends++
	if !proven && s.ends < endsUnproven || s.ends < endsProven {
		return true
	}
	switch {
	case m.ID.Samples <= 1:
		s.guilty = true
	case m.size() > s.passed:
		s.limit, s.ends = max(s.passed, m.size()/2), 0
	default: // messages of that size are taken: it is something that it holds
		s.cut, s.ends = m.ID.Samples/2, 0
	}
	return true
}

// flight is how many of limit messages may be under way.
func (s *suspect) flight(limit int) int {
	if s.careful > 0 {
		return 1
	}
	return limit
}

// verdict is the refusal of m when it is guilty, else nil.
func (s *suspect) verdict(m *outgoing) error {
	if !s.guilty || m.ID.Start != s.of.Start || m.ID.Samples != s.of.Samples {
		return nil
	}
	s.guilty, s.ends = false, 0
	return &refusal{reason: fmt.Sprintf("it ended the connection each time that a message of %d bytes was sent to %s: is it "+
		"larger than the broker takes (then set max_packet), or may this client not publish there?", m.size(), m.Topic.Name)}
}

// limits are those of the messages that are made next, of packets of that size at most; 0: any.
func (s *suspect) limits(packet int) message.Limits {
	return message.Limits{Size: content(packet), Try: content(s.limit), Start: s.of.Start, Samples: s.cut}
}
