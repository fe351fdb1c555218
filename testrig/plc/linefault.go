package plc

import "slices"

// The kinds of faults that only lines have.
const (
	NoiseBefore  FaultKind = "noise-before" // a few bytes, then the frame
	NoiseInside  FaultKind = "noise-inside" // a few bytes in the middle of the frame
	NoiseAfter   FaultKind = "noise-after"
	MissingFirst FaultKind = "missing-first" // the frame without its first byte
	WrongCheck   FaultKind = "check"         // another CRC or LRC
	Echoed       FaultKind = "echo"          // the request comes back before the answer
)

// LineFaultKinds are all kinds that a line can have.
var LineFaultKinds = []FaultKind{
	Delay, Silence, Exception, Truncate, Garble, WrongByteCount, ShortPDU, Duplicate, WrongUnit, WrongFunction, Late,
	NoiseBefore, NoiseInside, NoiseAfter, MissingFirst, WrongCheck, Echoed,
}

// answerLine is what u answers on a line to the request q in f: nothing, or the bytes of one frame, spoilt by the
// faults at work.
func (u *Unit) answerLine(fr framing, f frame) ([]byte, reply) {
	now := u.clock()
	q, exception := parseRequest(f.pdu)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.log.add(Request{Time: now, Unit: f.unit, Function: q.function, First: q.first, Count: q.count})
	u.refresh(now)
	struck, exception := u.strike(q, now, exception)
	var pdu []byte
	if exception != 0 {
		pdu = appendException(nil, q.function, exception)
	} else {
		pdu = u.image.appendAnswer(nil, q)
	}
	unit := f.unit
	for _, s := range struck {
		unit, pdu = u.mislead(s, unit, pdu)
	}
	out := fr.wrap(unit, pdu)
	var r reply
	for _, s := range struck {
		if s.Kind == Echoed {
			out = append(fr.wrap(f.unit, f.pdu), out...)
			continue
		}
		if len(out) >= 5 { // what another fault has left
			out = u.spoilLine(s, out, &r)
		}
	}
	return out, r
}

// mislead changes what the frame says and leaves its check right.
func (u *Unit) mislead(f *fault, unit byte, pdu []byte) (byte, []byte) {
	switch f.Kind {
	case WrongUnit:
		return unit + 1, pdu
	case WrongFunction:
		pdu[0] ^= 0x07
	case WrongByteCount:
		pdu[1] += 2
	case ShortPDU:
		if len(pdu) > 4 {
			pdu[1] -= 2
			pdu = pdu[:len(pdu)-2]
		}
	}
	return unit, pdu
}

// spoilLine does to a whole frame what f says.
func (u *Unit) spoilLine(f *fault, b []byte, r *reply) []byte {
	switch f.Kind {
	case Delay:
		r.pause += f.Delay
		if f.Jitter > 0 {
			r.pause += u.jitter(f)
		}
	case Silence, Drop:
		return nil
	case Late:
		r.hold = true
	case Duplicate:
		return append(b, b...)
	case Truncate:
		return b[:len(b)/2]
	case Garble:
		b[u.chance.IntN(len(b))] ^= byte(1 + u.chance.IntN(255))
	case NoiseBefore:
		return append(u.noise(), b...)
	case NoiseAfter:
		return append(b, u.noise()...)
	case NoiseInside:
		return slices.Insert(b, 1+u.chance.IntN(len(b)-1), u.noise()...)
	case MissingFirst:
		return b[1:]
	case WrongCheck:
		b[len(b)-3] ^= 0x01 // in RTU the last byte of the data, in ASCII the last digit of the LRC: both do not fit
	}
	return b
}

// noise is a few bytes.
func (u *Unit) noise() []byte {
	b := make([]byte, 1+u.chance.IntN(4))
	for i := range b {
		b[i] = byte(u.chance.IntN(256))
	}
	return b
}
