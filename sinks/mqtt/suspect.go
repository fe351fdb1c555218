package mqtt

import "fmt"

// suspect finds the message for which a broker ends the connection instead of refusing it, as every broker of MQTT 3.1.1
// does that is sent too much. After a connection has ended with messages under way, they are sent one at a time; the
// message that ends it again, alone, is made smaller, and what cannot be made smaller is refused.
type suspect struct {
	careful int   // messages still to be sent one at a time
	first   place // of the message that ended the connection last, alone
	samples int   // of it
	ends    int   // how often
	guilty  bool  // it is, and cannot be made smaller
	limit   int   // bytes of a message at most, as far as is known from this; 0: any
	passed  int   // bytes of the largest message that was taken
	cut     int   // the message that begins at first has so many samples at most; 0: any
}

// The ends of a connection that make a message guilty: fewer when the broker has taken something on the same connection
// before, so that it is known to be well.
const (
	endsProven   = 2
	endsUnproven = 5
)

// taken notes that m was acknowledged.
func (s *suspect) taken(m *message) {
	s.passed = max(s.passed, m.size())
	if s.limit > 0 && s.limit < s.passed {
		s.limit = s.passed
	}
	if m.first == s.first {
		s.ends, s.guilty = 0, false
	}
	if s.careful > 0 {
		s.careful--
	}
}

// ended notes that the connection has ended with n messages under way, the oldest of which is m. proven says that the
// broker had taken another one on it. It reports whether m alone is suspected.
func (s *suspect) ended(m *message, n, window int, proven bool) bool {
	s.careful = window + 1
	if n != 1 {
		return false
	}
	if m.first != s.first {
		s.first, s.cut, s.ends = m.first, 0, 0
	}
	if m.count != s.samples {
		s.samples, s.ends = m.count, 0
	}
	s.ends++
	if !proven && s.ends < endsUnproven || s.ends < endsProven {
		return true
	}
	switch {
	case m.count <= 1:
		s.guilty = true
	case m.size() > s.passed:
		s.limit, s.ends = max(s.passed, m.size()/2), 0
	default: // messages of that size are taken: it is something that it holds
		s.cut, s.ends = m.count/2, 0
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
func (s *suspect) verdict(m *message) error {
	if !s.guilty || m.first != s.first || m.count != s.samples {
		return nil
	}
	s.guilty, s.ends = false, 0
	return &refusal{reason: fmt.Sprintf("it ended the connection each time that a message of %d bytes was sent to %s: is it "+
		"larger than the broker takes (then set max_packet), or may this client not publish there?", m.size(), m.topic.name)}
}

// size is how many samples of a part of n, whose first is at, may be in one message.
func (s *suspect) size(at place, n int) int {
	if s.cut > 0 && at == s.first {
		return min(n, s.cut)
	}
	return n
}

// size is about the bytes of m on the wire.
func (m *message) size() int { return len(m.payload) + overhead + len(m.topic.name) }
