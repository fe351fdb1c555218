package modbus

import (
	"encoding/binary"
	"fmt"
)

// Accept says which units may answer besides the one that is asked: a gateway may put another number into its answers.
// With numbered requests that can do no harm.
type Accept struct {
	Any  bool
	Only bool // Unit, beside the one that is asked
	Unit uint8
}

func (a Accept) takes(unit uint8) bool { return a.Any || a.Only && a.Unit == unit }

// question is a request under way, with all that its answer has to fit.
type question struct {
	request
	transaction uint16
	accept      Accept
}

// gatewayUnit is the number under which some gateways answer exceptions of their own.
const gatewayUnit = 255

// find looks for the answer to q in b, of which the first old bytes came before q was sent. The answer's end is how many
// bytes of b are done with, also when it is not there yet. What else b holds goes to s. Whole frames are passed over as
// such; where b is no frame, or may be the rest of a damaged one, the answer is found by all that is known of its start.
func (q *question) find(b []byte, old int, s *strange) (a answer, ok bool) {
	for {
		f := b[a.end:]
		if len(f) < countedFrom {
			return a, false
		}
		h := parseHeader(f)
		switch {
		case h.protocol == 0 && h.transaction == q.transaction:
			found, ok := q.judge(h, f, s)
			found.end += a.end
			return found, ok
		case !h.isAnswer(f):
			n, found := q.search(f, 1)
			s.noise(f[:n])
			a.end += n
			if !found {
				return a, false
			}
			continue
		case a.end < old:
			if n, found := q.search(b, max(old, a.end+1)); found {
				a.end = n
				continue
			}
		}
		if len(f) < h.size() {
			return a, false
		}
		s.other(h.transaction)
		a.end += h.size()
	}
}

// judge is what becomes of the frame f, which h begins and which bears q's number: the answer, or what is wrong with it.
// It is not ok when more has to come.
func (q *question) judge(h header, f []byte, s *strange) (a answer, ok bool) {
	want := leastFrame + q.size()
	switch {
	case !h.isLength():
		a.err = fmt.Errorf("wrong answer: its header promises %d bytes, which no frame has, want %d", h.length, want-countedFrom)
		a.end = len(f)
		return a, true
	case len(f) >= leastFrame && f[headerSize] == q.function && int(f[headerSize+1]) == q.size() && h.size() != want:
		a.err = fmt.Errorf("wrong answer: its header promises %d bytes, its byte count makes them %d: a fault of the device or "+
			"gateway, is there newer firmware?", h.length, want-countedFrom)
		a.end = len(f)
		return a, true
	case len(f) < h.size():
		s.came, s.promised = len(f), h.size()
		return answer{}, false
	}
	a.end = h.size()
	a.data, a.err = parseAnswer(q.request, f[headerSize:a.end])
	_, refused := a.err.(Exception)
	if unit := f[countedFrom]; unit != q.unit && !q.accept.takes(unit) && !(refused && unit == gatewayUnit) {
		a.data = nil
		a.err = fmt.Errorf("wrong answer: unit %d answered, unit %d was asked: if unit %d is the one that is meant, set unit_id: %d; "+
			"if the gateway always answers as that, set accept_unit: %d", unit, q.unit, unit, unit, unit)
	}
	return a, true
}

// search is where in b, from the given index on, the answer to q begins, as far as the start of one can be known. When
// it is not there, it is from where on it may still come.
func (q *question) search(b []byte, from int) (at int, found bool) {
	for ; from+leastFrame <= len(b); from++ {
		if q.begins(b[from:]) {
			return from, true
		}
	}
	return max(from, 0), false
}

// begins reports that b, of leastFrame bytes at least, begins like the answer to q.
func (q *question) begins(b []byte) bool {
	h := parseHeader(b)
	if h.transaction != q.transaction || h.protocol != 0 {
		return false
	}
	if b[headerSize] == q.function|0x80 {
		return h.size() == leastFrame
	}
	return b[headerSize] == q.function && int(b[headerSize+1]) == q.size() && h.size() == leastFrame+q.size()
}

// strange is what came, while an answer was waited for, that is none to it.
type strange struct {
	others         int    // frames that answer something else
	transaction    uint16 // of the last of them
	start          [16]byte
	noisy          int // bytes that are no frame, of which start has the first
	came, promised int // of a frame that has q's number
}

func (s *strange) other(transaction uint16) {
	s.others++
	s.transaction = transaction
}

func (s *strange) noise(b []byte) {
	if s.noisy < len(s.start) {
		copy(s.start[s.noisy:], b)
	}
	s.noisy += len(b)
}

// String says what came that is no frame.
func (s *strange) String() string {
	b := s.start[:min(s.noisy, len(s.start))]
	text := fmt.Sprintf("% X", b)
	if isText(b) {
		text = fmt.Sprintf("%q", b)
	}
	if s.noisy > len(b) {
		text += " and so on"
	}
	if n := len(b); n >= 5 && isRead(b[1]&0x7F) {
		for end := 5; end <= n; end++ {
			if binary.LittleEndian.Uint16(b[end-2:]) == crc(b[:end-2]) {
				return text + ", an RTU frame: is url to begin with rtuovertcp://?"
			}
		}
	}
	return text + "; is the port right, and does the device speak Modbus TCP?"
}

func isText(b []byte) bool {
	for _, c := range b {
		if (c < ' ' || c > '~') && c != '\r' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}
