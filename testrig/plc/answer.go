package plc

import (
	"encoding/binary"

	"tagbridge/mapping"
)

// request is a read request (application protocol V1.1b3, 6.1 to 6.4): function(1) address(2) quantity(2).
type request struct {
	function byte
	first    uint16
	count    uint16
}

// tableOf is the table that a function reads; ok is false for any other function.
func tableOf(function byte) (t mapping.Table, ok bool) {
	switch function {
	case fnCoils:
		return mapping.Coil, true
	case fnDiscrete:
		return mapping.Discrete, true
	case fnHolding:
		return mapping.Holding, true
	case fnInput:
		return mapping.Input, true
	}
	return 0, false
}

// parseRequest decodes a request PDU. It returns an exception code, or 0.
func parseRequest(pdu []byte) (r request, exception byte) {
	r.function = pdu[0]
	t, ok := tableOf(r.function)
	if !ok {
		return r, illegalFunction
	}
	if len(pdu) != 5 {
		return r, illegalValue
	}
	r.first, r.count = binary.BigEndian.Uint16(pdu[1:]), binary.BigEndian.Uint16(pdu[3:])
	limit := uint16(125)
	if t.IsBits() {
		limit = 2000
	}
	switch {
	case r.count == 0 || r.count > limit:
		return r, illegalValue
	case int(r.first)+int(r.count) > 1<<16:
		return r, illegalAddress
	}
	return r, 0
}

// appendAnswer appends the PDU that answers r from m: function(1) bytes(1) values.
func (m *image) appendAnswer(dst []byte, r request) []byte {
	t, _ := tableOf(r.function)
	data := m.find(t, int(r.first), int(r.count))
	if data == nil {
		return appendException(dst, r.function, illegalAddress)
	}
	switch {
	case t.IsBits():
	case len(data) > 250:
		return appendException(dst, r.function, illegalValue)
	default:
		dst = append(dst, r.function, byte(len(data)))
		return append(dst, data...)
	}
	n := (len(data) + 7) / 8
	dst = append(dst, r.function, byte(n))
	at := len(dst)
	dst = append(dst, make([]byte, n)...)
	for i, bit := range data { // the first in the least significant place
		dst[at+i/8] |= bit << (i % 8)
	}
	return dst
}

// appendException appends an exception PDU: function + 0x80 (1) code(1).
func appendException(dst []byte, function, code byte) []byte {
	return append(dst, function|0x80, code)
}
