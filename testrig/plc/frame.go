package plc

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Function codes (application protocol V1.1b3, 5.1).
const (
	fnCoils    = 1
	fnDiscrete = 2
	fnHolding  = 3
	fnInput    = 4
)

// Exception codes (application protocol V1.1b3, 7).
const (
	illegalFunction = 1
	illegalAddress  = 2
	illegalValue    = 3
	targetSilent    = 11
)

const (
	headerSize = 7   // transaction(2) protocol(2) length(2) unit(1)
	maxFrame   = 260 // header and a PDU of 253 bytes
)

var errFrame = errors.New("not a Modbus TCP frame")

// frame is one MBAP frame (Modbus messaging on TCP/IP V1.0b, 3.1.3): pdu is a part of what it was parsed from.
type frame struct {
	transaction uint16
	unit        byte
	pdu         []byte
}

// parseFrame splits the first frame off b. size 0 without an error means that b does not hold all of it yet; an error
// means that what follows in the stream cannot be understood either.
func parseFrame(b []byte) (f frame, size int, err error) {
	if len(b) < headerSize {
		return f, 0, nil
	}
	if p := binary.BigEndian.Uint16(b[2:]); p != 0 {
		return f, 0, fmt.Errorf("%w: protocol %d", errFrame, p)
	}
	size = 6 + int(binary.BigEndian.Uint16(b[4:]))
	if size <= headerSize || size > maxFrame {
		return f, 0, fmt.Errorf("%w: length %d", errFrame, size-6)
	}
	if len(b) < size {
		return f, 0, nil
	}
	f = frame{transaction: binary.BigEndian.Uint16(b), unit: b[6], pdu: b[headerSize:size]}
	return f, size, nil
}

// appendHeader appends an MBAP header whose length is filled in by closeFrame.
func appendHeader(dst []byte, transaction uint16, unit byte) []byte {
	dst = binary.BigEndian.AppendUint16(dst, transaction)
	return append(dst, 0, 0, 0, 0, unit)
}

// closeFrame writes the length of the frame that b is into its header.
func closeFrame(b []byte) {
	binary.BigEndian.PutUint16(b[4:], uint16(len(b)-6))
}
