package plc

import (
	"bytes"
	"encoding/hex"
	"strings"
)

// A framing is how frames stand on a serial line (MODBUS over serial line V1.02, 2.5): unit and PDU with a check.
type framing interface {
	// next finds the first request in b. used is how much of b is done with; ok is false when there is none yet.
	next(b []byte) (f frame, used int, ok bool)
	// wrap makes a frame of unit and PDU.
	wrap(unit byte, pdu []byte) []byte
}

// requestBytes is the length of a read request: unit(1) function(1) address(2) quantity(2).
const requestBytes = 6

// rtuFrames ends frames with a CRC, low byte first.
type rtuFrames struct{}

// checkRTU computes the CRC bit by bit, as the specification's text does (6.2.2).
func checkRTU(b []byte) []byte {
	c := uint16(0xFFFF)
	for _, v := range b {
		c ^= uint16(v)
		for range 8 {
			odd := c&1 == 1
			c >>= 1
			if odd {
				c ^= 0xA001
			}
		}
	}
	return []byte{byte(c), byte(c >> 8)}
}

func (rtuFrames) next(b []byte) (f frame, used int, ok bool) {
	const size = requestBytes + 2
	for i := 0; i+size <= len(b); i++ {
		if bytes.Equal(checkRTU(b[i:i+requestBytes]), b[i+requestBytes:i+size]) {
			return frame{unit: b[i], pdu: b[i+1 : i+requestBytes]}, i + size, true
		}
	}
	return frame{}, max(0, len(b)-size+1), false
}

func (rtuFrames) wrap(unit byte, pdu []byte) []byte {
	b := append([]byte{unit}, pdu...)
	return append(b, checkRTU(b)...)
}

// asciiFrames writes each byte as two digits between a colon and CR LF, the last the LRC.
type asciiFrames struct{}

// checkASCII is the two's complement of the sum (6.2.1).
func checkASCII(b []byte) byte {
	sum := 0
	for _, v := range b {
		sum += int(v)
	}
	return byte(256 - sum%256)
}

func (asciiFrames) next(b []byte) (f frame, used int, ok bool) {
	end := bytes.IndexByte(b, '\n')
	if end < 0 {
		return frame{}, 0, false
	}
	start := bytes.LastIndexByte(b[:end], ':')
	if start < 0 {
		return frame{}, end + 1, false
	}
	raw, err := hex.DecodeString(strings.TrimSuffix(string(b[start+1:end]), "\r"))
	if err != nil || len(raw) != requestBytes+1 || checkASCII(raw[:requestBytes]) != raw[requestBytes] {
		return frame{}, end + 1, false
	}
	return frame{unit: raw[0], pdu: raw[1:requestBytes]}, end + 1, true
}

func (asciiFrames) wrap(unit byte, pdu []byte) []byte {
	b := append([]byte{unit}, pdu...)
	b = append(b, checkASCII(b))
	return []byte(":" + strings.ToUpper(hex.EncodeToString(b)) + "\r\n")
}
