package hostile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Broker takes MQTT 5 and 3.1.1. What a fault is done to is named connect, for the login, or by a text that topic or payload
// of a message contains.
type Broker struct {
	peer
	mu    sync.Mutex
	taken []Message // that were acknowledged
}

// brokerFaults are what a broker can do to a login or a message: silent, hangup, reset; lost, taking it and then hanging up;
// garbage that is no MQTT; huge, a packet of 256 MB; length, one of five bytes; auth, a CONNACK that names an authentication
// method; code:N, that answer of the protocol; twice; other, the acknowledgement of another message; flood, messages that
// nobody subscribed to; leave:N, a DISCONNECT with that reason.
var brokerFaults = []string{
	"silent", "hangup", "reset", "lost", "garbage", "huge", "length", "auth", "code", "twice", "other", "flood", "leave",
}

// NewBroker starts one with that script.
func NewBroker(lines ...string) (*Broker, error) {
	s, err := newScript(brokerFaults, lines)
	if err != nil {
		return nil, err
	}
	b := &Broker{peer: peer{Script: s}}
	return b, b.listen(b.serve)
}

// Taken are the payloads that it has acknowledged or taken otherwise, by topic and payload, each with how often it came.
func (b *Broker) Taken() map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make(map[string]int, len(b.taken))
	for _, m := range b.taken {
		out[m.Topic+" "+m.Payload]++
	}
	return out
}

// Message is a message that a broker has taken.
type Message struct{ Topic, Payload string }

// Messages are those that Taken counts, in the order in which they were taken.
func (b *Broker) Messages() []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.taken)
}

func (b *Broker) serve(c net.Conn) {
	in := bufio.NewReader(c)
	five := false
	aliases := map[uint16]string{}
	for {
		head, body, err := readPacket(in)
		if err != nil || len(body) < 2 && head>>4 != 12 {
			return
		}
		goOn := true
		switch head >> 4 {
		case 1:
			five = len(body) > 6 && body[6] == 5
			goOn = b.login(c, five)
		case 3:
			m := parsePublish(head, body, five, aliases)
			goOn = b.message(c, m, five)
		case 8, 10:
			goOn = send(c, subscribed(head, body, five))
		case 12:
			goOn = send(c, []byte{13 << 4, 0})
		case 14:
			return
		}
		if !goOn {
			return
		}
	}
}

// subscribed grants a SUBSCRIBE of up to three filters, or answers an UNSUBSCRIBE of one that nobody has.
func subscribed(head byte, body []byte, five bool) []byte {
	answer := []byte{(head>>4 + 1) << 4, 0, body[0], body[1]}
	rest := body[2:]
	if five {
		answer, rest = append(answer, 0), rest[1:]
	}
	for len(rest) >= 2 {
		n := 2 + int(binary.BigEndian.Uint16(rest))
		switch {
		case head>>4 == 8:
			answer, n = append(answer, 1), n+1
		case five:
			answer = append(answer, 0x11)
		}
		rest = rest[min(n, len(rest)):]
	}
	answer[1] = byte(len(answer) - 2)
	return answer
}

// readPacket reads one packet (MQTT 5, 2.1). An honest client's are short.
func readPacket(in *bufio.Reader) (head byte, body []byte, err error) {
	if head, err = in.ReadByte(); err != nil {
		return 0, nil, err
	}
	n, err := binary.ReadUvarint(in) // lengths are encoded the same way
	if err != nil || n > 16<<20 {
		return 0, nil, io.ErrUnexpectedEOF
	}
	body = make([]byte, n)
	_, err = io.ReadFull(in, body)
	return head, body, err
}

// message is a PUBLISH (MQTT 5, 3.3).
type message struct {
	topic, payload string
	id             uint16
	qos            byte
}

func parsePublish(head byte, body []byte, five bool, aliases map[uint16]string) message {
	n := int(binary.BigEndian.Uint16(body))
	m := message{topic: string(body[2 : 2+n]), qos: head >> 1 & 3}
	body = body[2+n:]
	if m.qos > 0 {
		m.id = binary.BigEndian.Uint16(body)
		body = body[2:]
	}
	if five {
		properties := body[1 : 1+body[0]]
		body = body[1+len(properties):]
		if at := bytes.IndexByte(properties, 0x23); at >= 0 {
			alias := binary.BigEndian.Uint16(properties[at+1:])
			if m.topic == "" {
				m.topic = aliases[alias]
			}
			aliases[alias] = m.topic
		}
	}
	m.payload = string(body)
	return m
}

// login answers a CONNECT; false: the connection ends.
func (b *Broker) login(c net.Conn, five bool) bool {
	f := b.next(func(text string) bool { return text == "connect" })
	if done, goOn := b.rude(c, f); done {
		return goOn
	}
	answer := []byte{2 << 4, 2, 0, 0}
	if five {
		answer = []byte{2 << 4, 3, 0, 0, 0}
	}
	switch f.What {
	case "code":
		answer[3] = number(f.Value, 0x88)
		send(c, answer)
		return false
	case "auth":
		answer = []byte{2 << 4, 7, 0, 0, 4, 0x15, 0, 1, 'x'}
	case "twice":
		answer = append(answer, answer...)
	}
	return send(c, answer)
}

// message answers a PUBLISH; false: the connection ends.
func (b *Broker) message(c net.Conn, m message, five bool) bool {
	f := b.next(func(text string) bool {
		return text != "connect" && (strings.Contains(m.topic, text) || strings.Contains(m.payload, text))
	})
	if done, goOn := b.rude(c, f); done {
		return goOn
	}
	answer := []byte{4 << 4, 2, byte(m.id >> 8), byte(m.id)}
	switch f.What {
	case "code":
		if five {
			return send(c, []byte{4 << 4, 3, byte(m.id >> 8), byte(m.id), number(f.Value, 0x87)})
		}
	case "leave":
		send(c, []byte{14 << 4, 1, number(f.Value, 0x8B)})
		return false
	case "other":
		return send(c, []byte{4 << 4, 2, 0x7F, 0xFF})
	case "flood":
		for range 1000 {
			if !send(c, []byte{3 << 4, 5, 0, 1, 'a', 0, 'x'}) {
				return false
			}
		}
	case "twice":
		answer = append(answer, answer...)
	}
	b.mu.Lock()
	b.taken = append(b.taken, Message{m.topic, m.payload})
	b.mu.Unlock()
	if f.What == "lost" {
		return false
	}
	return m.qos == 0 || send(c, answer)
}

// rude does faults that leave no answer; done is false for others.
func (b *Broker) rude(c net.Conn, f Fault) (done, goOn bool) {
	if done, goOn := unanswered(c, f); done {
		return done, goOn
	}
	switch f.What {
	case "garbage":
		send(c, []byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
		return true, false
	case "huge":
		send(c, []byte{2 << 4, 0xFF, 0xFF, 0xFF, 0x7F})
		endless(c, make([]byte, 4096))
		return true, false
	case "length":
		send(c, []byte{4 << 4, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F})
		return true, false
	}
	return false, false
}

// number is a byte of a script, of any base.
func number(text string, otherwise byte) byte {
	n, err := strconv.ParseUint(text, 0, 8)
	if err != nil {
		return otherwise
	}
	return byte(n)
}
