package modbus

import (
	"encoding/binary"
	"fmt"
)

// The parts of a Modbus TCP frame (messaging on TCP/IP V1.0b, 3.1.3): a header of transaction(2), protocol(2) = 0,
// length(2) of what follows and unit(1), then function(1) and data.
const (
	headerSize = 7
	frameSize  = 260 // at most, with the header
)

// header is the start of a frame.
type header struct {
	transaction uint16
	protocol    uint16
	length      uint16 // of unit, function and data
	unit        uint8
}

// appendRequest appends r as a frame.
func appendRequest(dst []byte, transaction uint16, r request) []byte {
	dst = binary.BigEndian.AppendUint16(dst, transaction)
	dst = append(dst, 0, 0, 0, 6, r.unit, r.function)
	dst = binary.BigEndian.AppendUint16(dst, r.address)
	return binary.BigEndian.AppendUint16(dst, r.count)
}

// parseHeader takes apart the first headerSize bytes of a frame. A length that no frame has means that what follows
// cannot be told apart from the next frame.
func parseHeader(b [headerSize]byte) (header, error) {
	h := header{
		transaction: binary.BigEndian.Uint16(b[0:]),
		protocol:    binary.BigEndian.Uint16(b[2:]),
		length:      binary.BigEndian.Uint16(b[4:]),
		unit:        b[6],
	}
	if h.length < 2 || h.length > frameSize-headerSize+1 {
		return h, fmt.Errorf("wrong answer: length %d in its header", h.length)
	}
	return h, nil
}

// parseAnswer is the data of the answer to r, a part of pdu, which begins with the function (application protocol
// V1.1b3, 6.1 to 6.4): function(1) bytes(1) data. An exception, function|0x80(1) code(1), is an Exception.
func parseAnswer(r request, pdu []byte) ([]byte, error) {
	switch {
	case len(pdu) < 2:
		return nil, fmt.Errorf("wrong answer: %d bytes", len(pdu))
	case pdu[0] == r.function|0x80 && len(pdu) == 2:
		return nil, Exception(pdu[1])
	case pdu[0]&0x7F != r.function:
		return nil, fmt.Errorf("wrong answer: function %d, want %d", pdu[0]&0x7F, r.function)
	case len(pdu) != 2+r.size() || pdu[0] != r.function:
		return nil, fmt.Errorf("wrong answer: %d bytes of data, want %d", len(pdu)-2, r.size())
	case int(pdu[1]) != r.size():
		return nil, fmt.Errorf("wrong answer: byte count %d, want %d", pdu[1], r.size())
	}
	return pdu[2:], nil
}
