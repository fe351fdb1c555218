package session

import (
	"errors"
	"fmt"
	"time"

	"tagbridge/drivers/opcua/wire"
)

// answer is one that is expected, as far as it has come.
type answer struct{ parts []byte }

// receive returns the next whole answer that is expected, valid until the next call. One that the server gave up, or
// that is too large, is handed out as the fault that it is, and the channel goes on. What nobody expects, or expects
// any more, is read over.
func (c *channel) receive() (request uint32, msg []byte, err error) {
	for {
		chunk, err := c.in.chunk()
		if err != nil {
			return 0, nil, err
		}
		request, body, err := c.unwrap(chunk)
		if err != nil {
			return 0, nil, err
		}
		c.heard = c.o.now()
		a := c.expected[request]
		if a == nil {
			continue
		}
		c.moved = time.Now()
		msg, done, err := c.gather(a, chunk[3], body)
		if err != nil {
			return 0, nil, err
		}
		if done {
			c.forget(request)
			c.o.attempt.answered()
			return request, msg, nil
		}
	}
}

// gather takes the next chunk of an answer.
func (c *channel) gather(a *answer, kind byte, body []byte) (msg []byte, done bool, err error) {
	begun := a.parts != nil
	switch {
	case kind == 'A':
		return abortion(body), true, nil
	case kind != 'F' && kind != 'C':
		return nil, false, fmt.Errorf("chunk of unknown kind %q", kind)
	case len(a.parts)+len(body) > maxMessage:
		return excess("answer of more than %d bytes", maxMessage), true, nil
	case c.gathered+len(body) > maxHeld:
		return excess("answers of more than %d bytes at the same time", maxHeld), true, nil
	case kind == 'F' && !begun:
		return body, true, nil
	}
	if !begun {
		a.parts, c.spare = c.spare[:0], nil
	}
	a.parts = append(a.parts, body...)
	c.gathered += len(body)
	if kind == 'C' {
		return nil, false, nil
	}
	msg = a.parts
	if cap(msg) <= maxKept {
		c.spare = msg
	}
	return msg, true, nil
}

// forget drops what has come of the answer to a request, and what comes.
func (c *channel) forget(request uint32) {
	if a := c.expected[request]; a != nil {
		c.gathered -= len(a.parts)
		delete(c.expected, request)
	}
}

// abortion is the fault of an answer that the server gave up; its last chunk says why (Part 6, 6.7.3).
func abortion(body []byte) []byte {
	r := wire.NewReader(body)
	status, why := r.Status(), r.String()
	return wire.AppendFault(nil, status, wire.Printable(why))
}

// excess is the fault of an answer that is too large for us.
func excess(format string, args ...any) []byte {
	return wire.AppendFault(nil, wire.BadResponseTooLarge, fmt.Sprintf(format, args...))
}

// unwrap checks a chunk and returns its body.
func (c *channel) unwrap(chunk []byte) (request uint32, body []byte, err error) {
	r := wire.NewReader(chunk[headerSize:])
	kind := string(chunk[:3])
	switch kind {
	case "ERR":
		return 0, nil, &Ended{refusal(r)}
	case "CLO":
		return 0, nil, errors.New("the server closed the channel")
	case "MSG", "OPN":
	default:
		return 0, nil, fmt.Errorf("message of unknown type %q", kind)
	}
	id := r.Uint32()
	if kind == "OPN" {
		body, err = c.unwrapOpening(chunk, r)
	} else if id != c.id {
		return 0, nil, fmt.Errorf("message of channel %d, not %d", id, c.id)
	} else {
		body, err = c.unwrapMessage(chunk, r.Uint32())
	}
	if err != nil {
		return 0, nil, err
	}
	if len(body) < 8 {
		return 0, nil, fmt.Errorf("chunk: %w", wire.ErrCut)
	}
	sequence := le.Uint32(body)
	if c.peer.mode != modeNone && c.received != 0 && sequence != c.received+1 && sequence >= 1024 {
		return 0, nil, fmt.Errorf("chunk number %d after %d: one is missing or was sent again", sequence, c.received)
	}
	c.received = sequence
	return le.Uint32(body[4:]), body[8:], nil
}

func (c *channel) unwrapMessage(chunk []byte, id uint32) ([]byte, error) {
	for i := range c.tokens {
		if t := &c.tokens[i]; t.id == id && (t.algo != nil || c.peer.mode == modeNone) {
			return t.open(chunk, 16)
		}
	}
	return nil, fmt.Errorf("message with token %d, which was not given out", id)
}

func (c *channel) unwrapOpening(chunk []byte, r *wire.Reader) ([]byte, error) {
	policy := r.String()
	sender := r.Bytes()
	r.Bytes()
	if r.Err() != nil {
		return nil, fmt.Errorf("open secure channel: %w", r.Err())
	}
	if policy != policyBase+c.peer.policy {
		return nil, fmt.Errorf("the server answers with policy %s instead of %s", wire.Printable(policy), c.peer.policy)
	}
	if c.peer.mode != modeNone && !sameCertificate(sender, c.peer.server) {
		return nil, errors.New("the server answers with another certificate than that of its endpoint")
	}
	return c.opening.open(chunk, headerSize+r.Pos())
}
