package hostile

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// PLC is a Modbus TCP server (Modbus Messaging on TCP/IP V1.0b) of holding registers, of every unit. A register holds what
// Register says, so that a value that comes from elsewhere is told. What a fault is done to is named unit:N and register:N,
// the latter for requests that touch it.
type PLC struct{ peer }

// plcFaults are what a PLC can do: silent and hangup and reset instead of an answer; late:300ms; exception:N; short by a
// register; long by one; the answer of another unit, transaction or function; length, a header that promises more than
// comes; garbage instead of a frame; the answer twice; a stray frame before it; drip, a byte at a time; endless bytes.
var plcFaults = []string{
	"silent", "hangup", "reset", "late", "exception", "short", "long", "unit", "transaction", "function", "length", "garbage",
	"twice", "stray", "drip", "endless",
}

// NewPLC starts one with that script.
func NewPLC(lines ...string) (*PLC, error) {
	s, err := newScript(plcFaults, lines)
	if err != nil {
		return nil, err
	}
	p := &PLC{peer{Script: s}}
	return p, p.listen(p.serve)
}

// Register is what a unit's register holds.
func Register(unit byte, address uint16) uint16 { return address*7 + uint16(unit)*1009 + 3 }

func (p *PLC) serve(c net.Conn) {
	var head [7]byte
	for {
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return
		}
		size := int(binary.BigEndian.Uint16(head[4:])) - 1
		if size < 1 || size > 253 {
			return
		}
		pdu := make([]byte, size)
		if _, err := io.ReadFull(c, pdu); err != nil {
			return
		}
		if !p.answer(c, head, pdu) {
			return
		}
	}
}

// answer answers a request as the script has it; false: the connection ends.
func (p *PLC) answer(c net.Conn, head [7]byte, pdu []byte) bool {
	unit := head[6]
	if len(pdu) != 5 || pdu[0] != 3 {
		return send(c, frame(head, []byte{pdu[0] | 0x80, 1}))
	}
	first, count := binary.BigEndian.Uint16(pdu[1:]), binary.BigEndian.Uint16(pdu[3:])
	if count < 1 || count > 125 {
		return send(c, frame(head, []byte{0x83, 3}))
	}
	f := p.next(func(text string) bool {
		kind, number, _ := strings.Cut(text, ":")
		n, err := strconv.Atoi(number)
		switch {
		case err != nil:
			return false
		case kind == "unit":
			return n == int(unit)
		}
		return kind == "register" && n >= int(first) && n < int(first)+int(count)
	})
	if done, goOn := p.rude(c, f); done {
		return goOn
	}
	return p.spoilt(c, f, head, first, count)
}

// rude does faults that leave no answer; done is false for others.
func (p *PLC) rude(c net.Conn, f Fault) (done, goOn bool) {
	if done, goOn := unanswered(c, f); done {
		return done, goOn
	}
	switch f.What {
	case "garbage":
		return true, send(c, bytes.Repeat([]byte{0xA5, 0x5A, 0xFF}, 20))
	case "endless":
		endless(c, bytes.Repeat([]byte{0xFF}, 4096))
		return true, false
	}
	return false, false
}

// spoilt answers, with what f does to it.
func (p *PLC) spoilt(c net.Conn, f Fault, head [7]byte, first, count uint16) bool {
	unit := head[6]
	switch f.What {
	case "short":
		count--
	case "long":
		count++
	}
	pdu := []byte{3, byte(2 * count)}
	for i := range count {
		pdu = binary.BigEndian.AppendUint16(pdu, Register(unit, first+i))
	}
	switch f.What {
	case "exception":
		code, err := strconv.Atoi(f.Value)
		if err != nil {
			code = 4
		}
		pdu = []byte{0x83, byte(code)}
	case "function":
		pdu[0] = 4
	case "unit":
		head[6]++
	case "transaction":
		head[0] ^= 0x40
	case "late":
		d, err := time.ParseDuration(f.Value)
		if err != nil {
			d = time.Second
		}
		answer := frame(head, pdu)
		p.all.Go(func() {
			time.Sleep(d)
			send(c, answer)
		})
		return true
	}
	answer := frame(head, pdu)
	switch f.What {
	case "length":
		answer[5] += 3
	case "twice":
		answer = append(answer, answer...)
	case "stray":
		answer = append(frame([7]byte{0x7F, 0xFF, 0, 0, 0, 0, unit}, []byte{3, 2, 0xDE, 0xAD}), answer...)
	case "drip":
		for i := range answer {
			if !send(c, answer[i:i+1]) {
				return false
			}
			time.Sleep(time.Millisecond)
		}
		return true
	}
	return send(c, answer)
}

// frame is the MBAP header of head and pdu.
func frame(head [7]byte, pdu []byte) []byte {
	binary.BigEndian.PutUint16(head[4:], uint16(1+len(pdu)))
	return append(head[:], pdu...)
}

func send(c net.Conn, b []byte) bool {
	_, err := c.Write(b)
	return err == nil
}
