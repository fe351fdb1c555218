package plc

import "time"

// reply is what happens to an answer besides its bytes.
type reply struct {
	pause time.Duration // before it is sent
	drop  bool          // then the connection ends
	hold  bool          // it is sent before the next answer
}

// answer appends the frame that answers f, spoilt by the faults at work.
func (u *Unit) answer(dst []byte, f frame) ([]byte, reply) {
	now := u.clock()
	q, exception := parseRequest(f.pdu)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.log.add(Request{Time: now, Unit: f.unit, Function: q.function, First: q.first, Count: q.count})
	u.refresh(now)
	if exception == 0 && u.cuts(q) {
		exception = illegalAddress
	}
	var struck []*fault
	if len(u.faults) > 0 {
		struck, exception = u.strike(q, now, exception)
	}
	start := len(dst)
	dst = appendHeader(dst, f.transaction, f.unit)
	if exception != 0 {
		dst = appendException(dst, q.function, exception)
	} else {
		dst = u.image.appendAnswer(dst, q)
	}
	closeFrame(dst[start:])
	var r reply
	for _, f := range struck {
		dst = u.spoil(f, dst, start, &r)
	}
	return dst, r
}

// strike chooses the faults that hit q, and the exception to answer.
func (u *Unit) strike(q request, now time.Time, exception byte) ([]*fault, byte) {
	var struck []*fault
	kept := u.faults[:0:0]
	for _, f := range u.faults {
		if f.over(now) {
			continue
		}
		kept = append(kept, f)
		if !u.hits(f, q) {
			continue
		}
		if f.Kind == Exception {
			if exception = f.Code; exception == 0 {
				exception = 4
			}
			continue
		}
		struck = append(struck, f)
	}
	u.faults = kept
	return struck, exception
}
