package modbus

import (
	"encoding/binary"
	"fmt"
)

// The parts of a Modbus TCP frame (messaging on TCP/IP V1.0b, 3.1.3): a header of transaction(2), protocol(2) = 0,
// length(2) of what follows and unit(1), then function(1) and data. The data of an answer is bytes(1) and so many, or
// the code(1) of an exception: no answer is shorter than leastFrame, nor longer than frameSize.
const (
	countedFrom = 6 // what the length counts begins here
	headerSize  = 7
	leastFrame  = 9
	frameSize   = 260
)

// header is the start of a frame.
type header struct {
	transaction uint16
	protocol    uint16
	length      uint16 // of unit, function and data
}

// appendRequest appends r as a frame.
func appendRequest(dst []byte, transaction uint16, r request) []byte {
	dst = binary.BigEndian.AppendUint16(dst, transaction)
	dst = append(dst, 0, 0, 0, 6, r.unit, r.function)
	dst = binary.BigEndian.AppendUint16(dst, r.address)
	return binary.BigEndian.AppendUint16(dst, r.count)
}

// parseHeader takes apart the start of a frame up to its length: countedFrom bytes of b, which has them.
func parseHeader(b []byte) header {
	return header{
		transaction: binary.BigEndian.Uint16(b[0:]),
		protocol:    binary.BigEndian.Uint16(b[2:]),
		length:      binary.BigEndian.Uint16(b[4:]),
	}
}

// size is that of the frame that h begins.
func (h header) size() int { return countedFrom + int(h.length) }

// isLength reports that a frame can have the length of h.
func (h header) isLength() bool { return h.length >= 2 && h.size() <= frameSize }

// isAnswer reports that b, which h begins, may go on as an answer to a request that reads: with a function that reads
// and the length that fits its byte count, or an exception of one.
func (h header) isAnswer(b []byte) bool {
	switch {
	case h.protocol != 0 || !h.isLength():
		return false
	case len(b) < leastFrame:
		return true // so far
	}
	function := b[headerSize]
	if function&0x80 != 0 {
		return isRead(function&0x7F) && h.size() == leastFrame
	}
	return isRead(function) && h.size() == leastFrame+int(b[headerSize+1])
}

func isRead(function uint8) bool { return function >= readCoils && function <= readInput }

// parseAnswer is the data of the answer to r, a part of pdu, which begins with the function (application protocol
// V1.1b3, 6.1 to 6.4): function(1) bytes(1) data. An exception, function|0x80(1) code(1), is an Exception.
func parseAnswer(r request, pdu []byte) ([]byte, error) {
	switch {
	case len(pdu) < 2:
		return nil, fmt.Errorf("wrong answer: %d bytes, want 2 at least", len(pdu))
	case pdu[0] == r.function|0x80 && len(pdu) == 2:
		return nil, Exception(pdu[1])
	case pdu[0] == r.function|0x80:
		return nil, fmt.Errorf("wrong answer: an exception of %d bytes, want 2", len(pdu))
	case pdu[0]&0x80 != 0 && len(pdu) == 2:
		return nil, fmt.Errorf("wrong answer: function %d in %v, want %d", pdu[0]&0x7F, Exception(pdu[1]), r.function)
	case pdu[0] != r.function:
		return nil, fmt.Errorf("wrong answer: function %d, want %d", pdu[0], r.function)
	case int(pdu[1]) != len(pdu)-2:
		return nil, fmt.Errorf("wrong answer: byte count %d before %d bytes of data, want %d", pdu[1], len(pdu)-2, r.size())
	case len(pdu) != 2+r.size():
		return nil, fmt.Errorf("wrong answer: %s", otherSize(r, len(pdu)-2))
	}
	return pdu[2:], nil
}

// otherSize is what is wrong with n bytes as the data of r.
func otherSize(r request, n int) string {
	s := fmt.Sprintf("%d bytes of data instead of %d", n, r.size())
	switch {
	case isBits(r.function):
		return s
	case n == 2*r.size() && !r.wide:
		return s + "; the device answers with 4 bytes for each register: set register_bytes: 4, for these tags in a device of their own where others have 2"
	case 2*n == r.size() && r.wide:
		return s + "; the device answers with 2 bytes for each register: leave out register_bytes: 4"
	case n < r.size():
		return s + ": does max_registers or max_gap ask for more than the device gives at once?"
	}
	return s
}
