package wire

import (
	"fmt"
	"time"
)

// Request is a service request without its header.
type Request interface {
	// ID is the number of the encoding of the request.
	ID() uint32
	// Append appends the body.
	Append(dst []byte) []byte
}

// Header is what stands before the body of every request (Part 4, 7.33).
type Header struct {
	Token   NodeID // of the session; null before there is one
	Time    time.Time
	Handle  uint32
	Timeout time.Duration // a hint to the server, after how long it need not answer any more; 0: none
}

// AppendRequest appends the encoding's id, the header and the body of q.
func AppendRequest(dst []byte, h *Header, q Request) []byte {
	dst = AppendNodeID(dst, Numeric(q.ID()))
	dst = AppendNodeID(dst, h.Token)
	dst = AppendTime(dst, h.Time)
	dst = le.AppendUint32(dst, h.Handle)
	dst = le.AppendUint32(dst, 0) // no diagnostics
	dst = AppendString(dst, "")   // no audit entry
	dst = le.AppendUint32(dst, uint32(h.Timeout/time.Millisecond))
	dst = append(AppendNodeID(dst, NodeID{}), 0) // no additional header
	return q.Append(dst)
}

// Answer reads the id and header of the response to q (Part 4, 7.34) and leaves r at its body. A service that failed
// is a Status, or a *Fault of one.
func (r *Reader) Answer(q Request) error {
	id := r.NodeID()
	r.Time()
	r.Uint32()
	status := r.Status()
	info := r.diagnostics()
	for range r.Count(4) {
		r.Bytes()
	}
	r.skipNodeID()
	if r.Uint8() != 0 {
		r.Bytes()
	}
	switch {
	case r.err != nil:
		return fmt.Errorf("response header: %w", r.err)
	case status.IsBad():
		return faultOf(status, info)
	case id == Numeric(faultID):
		return Status(0x80020000) // BadInternalError: a fault that says Good
	case id != Numeric(answerID(q.ID())):
		return fmt.Errorf("response of type %v to request %d", id, q.ID())
	}
	return nil
}

// answerID is the id of the response's encoding: three after the request's in all services that are used here.
func answerID(request uint32) uint32 { return request + 3 }
