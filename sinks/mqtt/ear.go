package mqtt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"
)

// The packets of who subscribes (MQTT 5, 2.1.2).
const (
	typeSubscribe   = 8
	typeSuback      = 9
	typeUnsubscribe = 10
	typeUnsuback    = 11
)

// ear hears what a broker sends to who subscribes, at QoS 0 or 1: it reads these packets by itself, and the clients, whose
// parsers trust what they read, see nothing of them. Its functions are called by the goroutine that reads.
type ear struct {
	five bool
	// heard is called with each message; topic and payload are valid until it returns.
	heard func(topic, payload []byte, retained bool)
	write func(packet []byte) error // sends an acknowledgement
	acks  chan ack
	id    atomic.Uint32 // of the packet that was sent last
}

// ack is the answer to a SUBSCRIBE or an UNSUBSCRIBE.
type ack struct {
	kind byte
	id   uint16
	code byte // the worst of its reason codes
}

// maxAcks is how many answers may come that nobody waits for yet.
const maxAcks = 16

func newEar(five bool, heard func(topic, payload []byte, retained bool)) *ear {
	return &ear{five: five, heard: heard, acks: make(chan ack, maxAcks)}
}

// hear takes a packet with that first byte, when it is one for who subscribes.
func (e *ear) hear(head byte, body []byte) (taken bool, err error) {
	switch head >> 4 {
	case typePublish:
		return true, e.message(head, body)
	case typeSuback, typeUnsuback:
		return true, e.answer(head>>4, body)
	}
	return false, nil
}

var errCut = errors.New("a packet that ends too early")

// message reads a PUBLISH (MQTT 5, 3.3), and acknowledges it at QoS 1.
func (e *ear) message(head byte, body []byte) error {
	qos := head >> 1 & 3
	if qos > 1 {
		return fmt.Errorf("a message at QoS %d, which nobody has asked for", qos)
	}
	if len(body) < 2 {
		return errCut
	}
	n := int(binary.BigEndian.Uint16(body))
	if body = body[2:]; len(body) < n {
		return errCut
	}
	topic, rest := body[:n], body[n:]
	var id []byte
	if qos == 1 {
		if len(rest) < 2 {
			return errCut
		}
		id, rest = rest[:2], rest[2:]
	}
	if e.five {
		var err error
		if rest, err = afterProperties(rest); err != nil {
			return err
		}
	}
	e.heard(topic, rest, head&1 != 0)
	if qos == 1 {
		return e.write([]byte{typePuback << 4, 2, id[0], id[1]})
	}
	return nil
}

// afterProperties is what comes after the properties of a packet (MQTT 5, 2.2.2).
func afterProperties(b []byte) ([]byte, error) {
	n, size := binary.Uvarint(b) // the encoding is the same
	if size <= 0 || size > 4 || n > uint64(len(b)-size) {
		return nil, errCut
	}
	return b[size+int(n):], nil
}

// answer reads a SUBACK or UNSUBACK (MQTT 5, 3.9 and 3.11).
func (e *ear) answer(kind byte, body []byte) (err error) {
	if len(body) < 2 {
		return errCut
	}
	a := ack{kind: kind, id: binary.BigEndian.Uint16(body)}
	codes := body[2:]
	if e.five {
		if codes, err = afterProperties(codes); err != nil {
			return err
		}
	}
	for _, c := range codes {
		if c > a.code && (a.code < codeError || c >= codeError) {
			a.code = c
		}
	}
	select {
	case e.acks <- a:
		return nil
	default:
		return errors.New("more acknowledgements than anybody has asked for")
	}
}

// subscribe is a SUBSCRIBE of those filters at QoS 1, and its identifier.
func (e *ear) subscribe(filters ...string) (packet []byte, id uint16) {
	return e.request(typeSubscribe<<4|2, filters, true)
}

// unsubscribe is an UNSUBSCRIBE of that filter, and its identifier.
func (e *ear) unsubscribe(filter string) (packet []byte, id uint16) {
	return e.request(typeUnsubscribe<<4|2, []string{filter}, false)
}

// request is a packet of filters (MQTT 5, 3.8 and 3.10). Nothing else uses identifiers: what is published is at QoS 0.
func (e *ear) request(head byte, filters []string, options bool) (packet []byte, id uint16) {
	id = uint16(e.id.Add(1)%0xFFFF) + 1
	body := binary.BigEndian.AppendUint16(nil, id)
	if e.five {
		body = append(body, 0)
	}
	for _, f := range filters {
		body = binary.BigEndian.AppendUint16(body, uint16(len(f)))
		body = append(body, f...)
		if options {
			body = append(body, 1)
		}
	}
	packet = binary.AppendUvarint([]byte{head}, uint64(len(body)))
	return append(packet, body...), id
}
