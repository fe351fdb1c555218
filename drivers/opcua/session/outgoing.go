package session

import (
	"fmt"

	"tagbridge/drivers/opcua/wire"
)

// pack makes the chunks of q in c.out, to be written whole, and returns the id of the request. One that is too large for
// the server is refused as the server would, and nothing else becomes of it.
func (c *channel) pack(kind string, token wire.NodeID, q wire.Request) (uint32, error) {
	id := c.request + 1
	if id == 0 {
		id = 1
	}
	h := wire.Header{Token: token, Time: c.o.now(), Handle: id, Timeout: c.o.Timeout}
	if _, ok := q.(wire.Publish); ok {
		h.Timeout = 0 // it is answered when there is something to say
	}
	c.body = wire.AppendRequest(c.body[:0], &h, q)
	ci, header := &c.tokens[0].cipher, 16
	if kind == "OPN" {
		ci, header = &c.opening, len(c.asymmetricHeader(nil))
	}
	room := ci.room(c.limits.chunk, header)
	if err := c.limits.check(len(c.body), room); err != nil {
		return 0, err
	}
	c.request = id
	c.out = c.out[:0]
	for rest := c.body; ; {
		n := min(room, len(rest))
		if err := c.appendChunk(kind, ci, rest[:n], n == len(rest)); err != nil {
			return 0, err
		}
		if rest = rest[n:]; len(rest) == 0 {
			break
		}
	}
	if kind != "CLO" {
		c.expected[id] = &answer{}
	}
	return id, nil
}

// check reports a message of size bytes, of which room fit into a chunk, that is too large for the server.
func (l limits) check(size, room int) error {
	switch {
	case room <= 0:
		return fmt.Errorf("the server takes chunks of %d bytes, which do not hold a message with certificates", l.chunk)
	case l.message > 0 && size > l.message:
		return tooLarge(wire.BadRequestTooLarge, "request of %d bytes, the server takes %d", size, l.message)
	case l.chunks > 0 && int64(size) > int64(l.chunks)*int64(room):
		return tooLarge(wire.BadRequestTooLarge, "request of %d bytes, the server takes %d chunks of %d", size, l.chunks, room)
	}
	return nil
}

// tooLarge is the error of a message that is asked for, or is, larger than one side takes.
func tooLarge(status wire.Status, format string, args ...any) error {
	return &wire.Fault{Status: status, Info: fmt.Sprintf(format, args...)}
}

func (c *channel) appendChunk(kind string, ci *cipher, body []byte, last bool) (err error) {
	from := len(c.out)
	c.out = append(c.out, kind...)
	if last {
		c.out = append(c.out, 'F')
	} else {
		c.out = append(c.out, 'C')
	}
	c.out = le.AppendUint32(c.out, 0)
	c.out = le.AppendUint32(c.out, c.id)
	if kind == "OPN" {
		c.out = c.asymmetricHeader(c.out[:from])
	} else {
		c.out = le.AppendUint32(c.out, c.tokens[0].id)
	}
	header := len(c.out) - from
	c.sequence++
	if c.sequence > 0xFFFFFFFF-1024 {
		c.sequence = 1
	}
	c.out = le.AppendUint32(c.out, c.sequence)
	c.out = le.AppendUint32(c.out, c.request)
	c.out = append(c.out, body...)
	c.out, err = ci.seal(c.out, from, header)
	return err
}

// asymmetricHeader appends the whole header of a message that opens or renews the channel.
func (c *channel) asymmetricHeader(dst []byte) []byte {
	dst = append(dst, "OPNF\x00\x00\x00\x00"...)
	dst = le.AppendUint32(dst, c.id)
	dst = wire.AppendString(dst, policyBase+c.peer.policy)
	if c.peer.mode == modeNone {
		return wire.AppendBytes(wire.AppendBytes(dst, nil), nil)
	}
	return wire.AppendBytes(wire.AppendBytes(dst, c.o.Certificate), thumbprint(c.peer.server))
}
