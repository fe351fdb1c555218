package session

import (
	"bytes"
	"testing"

	"tagbridge/drivers/opcua/wire"
)

// FuzzChannel gives a channel anything as what the server sends, with security and without: what comes of it is answers
// that were expected, and no more memory than is allowed.
func FuzzChannel(f *testing.F) {
	chunk := func(kind string, id uint32, body []byte) []byte {
		return join([]byte(kind), u32(uint32(24+len(body))), u32(7, 1, 1, id), body)
	}
	none := wire.AppendString(nil, policyBase+"None")
	opening := join(u32(7), none, u32(0xFFFFFFFF, 0xFFFFFFFF, 1, 1), message(question{service: openRequest}, 0, nil))
	f.Add(chunk("MSGF", 1, message(question{service: readRequest}, 0, nil)), false)
	f.Add(join(chunk("MSGC", 1, []byte{1, 2}), chunk("MSGC", 9, []byte{1, 2}), chunk("MSGF", 1, []byte{3})), false)
	f.Add(chunk("MSGA", 2, join(u32(0x80B90000, 3), []byte("big"))), false)
	f.Add(chunk("ERRF", 0, join(u32(3), []byte("off"))), false)
	f.Add(join([]byte("OPNF"), u32(uint32(8+len(opening))), opening), false)
	f.Add(join([]byte("OPNF"), u32(uint32(8+len(opening))), opening), true)
	f.Add(chunk("MSGF", 1, bytes.Repeat([]byte{7}, 48)), true)
	f.Fuzz(func(t *testing.T, stream []byte, secure bool) {
		c := &channel{
			o: &Options{}, peer: peer{mode: modeNone, policy: "None"}, in: inbox{conn: bytes.NewReader(stream)}, id: 7,
			tokens: [2]token{{id: 1}}, expected: map[uint32]*answer{1: {}, 2: {}},
		}
		if secure {
			ours, _ := pair(t, policies[0], true)
			c.peer, c.tokens[0].cipher, c.opening = peer{mode: modeEncrypt, policy: "None"}, ours, ours
		}
		for range len(stream) {
			id, msg, err := c.receive()
			if err != nil {
				break
			}
			if id != 1 && id != 2 || len(msg) > len(stream)+200 {
				t.Fatalf("%d bytes in answer to request %d", len(msg), id)
			}
			wire.NewReader(msg).Answer(&wire.Read{})
		}
		gathered := 0
		for _, a := range c.expected {
			gathered += len(a.parts)
		}
		if gathered != c.gathered || gathered > len(stream) {
			t.Fatalf("%d bytes are gathered, %d are counted, of %d", gathered, c.gathered, len(stream))
		}
	})
}

// FuzzAcknowledge reads anything as the answer to the greeting.
func FuzzAcknowledge(f *testing.F) {
	f.Add(u32(0, 8192, 65535, 0, 0))
	f.Add(u32(0, 0xFFFFFFFF, 8192, 0x80000000, 0xFFFFFFFF))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := acknowledged(wire.NewReader(b))
		if err == nil && (l.chunk < minBuffer || l.chunk > bufferSize || l.message < 0 || l.chunks < 0) {
			t.Fatalf("limits %+v", l)
		}
		if err == nil {
			l.check(len(b), l.chunk)
		}
	})
}

// FuzzOpening reads anything as a new token and as what a server says of a session.
func FuzzOpening(f *testing.F) {
	f.Add(message(question{service: openRequest}, 0, join(u32(0, 7, 1), make([]byte, 8), u32(3600000, 0xFFFFFFFF))))
	f.Add(message(question{service: openRequest}, 0, join(u32(0, 7, 1), make([]byte, 8), u32(0, 32), make([]byte, 32))))
	f.Fuzz(func(t *testing.T, b []byte) {
		c := &channel{o: &Options{}, peer: peer{mode: modeNone}, limits: limits{chunk: minBuffer}}
		if c.adopt(b, wire.OpenChannel{}) == nil && (!c.renewAt.After(c.o.now()) && c.expires.IsZero() || c.expires.Before(c.renewAt)) {
			t.Fatalf("renewed at %v, over at %v", c.renewAt, c.expires)
		}
		unpad(bytes.Clone(b), 1)
		unpad(bytes.Clone(b), 2)
		r := wire.NewReader(b)
		ep := r.Endpoints()
		for i := range ep {
			for kind := range uint32(3) {
				if p, _ := tokenPolicy(&ep[i], kind); p == nil {
					noLogin(&ep[i], kind)
				}
			}
		}
		offers(ep)
	})
}
