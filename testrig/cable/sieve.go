package cable

import (
	"bytes"
	"strconv"
)

// sieve takes messages out of one direction of a NATS connection.
type sieve struct {
	line []byte // the beginning of one
	sent int    // how much of it came out already
	body int    // how many bytes of a message are still to come
	drop bool   // it is swallowed
}

// pass returns what of b comes out. What is swallowed is whole messages.
func (s *sieve) pass(b []byte, swallow bool) (out []byte) {
	for len(b) > 0 {
		if s.body > 0 {
			n := min(s.body, len(b))
			if !s.drop {
				out = append(out, b[:n]...)
			}
			s.body, b = s.body-n, b[n:]
			continue
		}
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			s.line = append(s.line, b...)
			if !swallow {
				out, s.sent = append(out, s.line[s.sent:]...), len(s.line)
			}
			return out
		}
		s.line = append(s.line, b[:end+1]...)
		b = b[end+1:]
		s.body, s.drop = size(s.line), false
		if s.body > 0 && swallow && s.sent == 0 {
			s.drop = true
		} else {
			out = append(out, s.line[s.sent:]...)
		}
		s.line, s.sent = s.line[:0], 0
	}
	return out
}

// size is how many bytes follow that line, with the end of line after them; 0: it is no message.
func size(line []byte) int {
	fields := bytes.Fields(line)
	if len(fields) < 3 {
		return 0
	}
	switch string(bytes.ToUpper(fields[0])) {
	case "PUB", "HPUB", "MSG", "HMSG":
	default:
		return 0
	}
	n, err := strconv.Atoi(string(fields[len(fields)-1]))
	if err != nil {
		return 0
	}
	return n + 2
}
