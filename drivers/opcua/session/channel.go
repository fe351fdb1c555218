package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/gopcua/opcua/uapolicy"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping/cause"
)

// peer is whom a channel is opened to, and how.
type peer struct {
	address string // host:port
	url     string
	policy  string // its name
	mode    uint32
	server  []byte // certificate, of any policy but None
}

// channel is a connection with a secure channel on it.
type channel struct {
	o        *Options
	peer     peer
	conn     net.Conn
	in       inbox
	limits   limits
	id       uint32
	sequence uint32 // of the last chunk sent
	received uint32 // of the last one received
	request  uint32 // id of the last one
	opening  cipher
	tokens   [2]token // the newest, and the one before
	renewAt  time.Time
	partial  map[uint32][]byte // messages of which chunks are missing, by request
	whole    []byte            // the last message that came in chunks
	body     []byte            // of the message that is sent
	out      []byte            // its chunks
}

// token is what protects the messages of a channel for a while.
type token struct {
	cipher
	id uint32
}

// lifetime is for how long a token is asked for; it is renewed after three quarters.
const lifetime = time.Hour

// dial connects and opens a channel.
func dial(ctx context.Context, o *Options, p peer) (*channel, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.address)
	if err != nil {
		return nil, cause.Of(err)
	}
	c := &channel{o: o, peer: p, conn: conn, in: inbox{conn: conn}, partial: map[uint32][]byte{}}
	if deadline, ok := ctx.Deadline(); ok {
		conn.SetDeadline(deadline)
	}
	release := drivers.Interrupt(ctx, conn.SetDeadline)
	err = c.open()
	release()
	if err != nil {
		conn.Close()
		return nil, cmp.Or(cause.Of(ctx.Err()), err)
	}
	conn.SetDeadline(time.Time{})
	return c, nil
}

func (c *channel) open() (err error) {
	if c.limits, err = hello(c.conn, &c.in, c.peer.url); err != nil {
		return err
	}
	if c.opening, err = c.asymmetric(); err != nil {
		return err
	}
	nonce, err := c.nonce()
	if err != nil {
		return err
	}
	q := wire.OpenChannel{Mode: c.peer.mode, Nonce: nonce, Lifetime: lifetime}
	id, err := c.send("OPN", wire.NodeID{}, q)
	if err != nil {
		return err
	}
	for {
		got, msg, err := c.receive()
		if err != nil {
			return fmt.Errorf("open secure channel: %w", err)
		}
		if got == id {
			return c.adopt(msg, q)
		}
	}
}

// asymmetric is the cipher that opens the channel.
func (c *channel) asymmetric() (cipher, error) {
	if c.peer.mode == modeNone {
		return cipher{}, nil
	}
	key, err := publicKey(c.peer.server)
	if err != nil {
		return cipher{}, err
	}
	algo, err := uapolicy.Asymmetric(policyBase+c.peer.policy, c.o.Key, key)
	if err != nil {
		return cipher{}, fmt.Errorf("security policy %s: %w", c.peer.policy, err)
	}
	return cipher{algo: algo, sign: true, encrypt: true}, nil
}

func (c *channel) nonce() ([]byte, error) {
	if c.peer.mode == modeNone {
		return nil, nil
	}
	return c.opening.algo.MakeNonce()
}

// adopt takes the token that msg, the answer to q, brings.
func (c *channel) adopt(msg []byte, q wire.OpenChannel) error {
	r := wire.NewReader(msg)
	if err := r.Answer(q); err != nil {
		return fmt.Errorf("open secure channel: %w", err)
	}
	t := r.ChannelToken()
	if r.Err() != nil {
		return fmt.Errorf("open secure channel: %w", r.Err())
	}
	next := token{id: t.Token}
	if c.peer.mode != modeNone {
		if len(t.Nonce) < c.opening.algo.NonceLength() {
			return errors.New("open secure channel: the server's nonce is too short")
		}
		algo, err := uapolicy.Symmetric(policyBase+c.peer.policy, q.Nonce, append([]byte(nil), t.Nonce...))
		if err != nil {
			return fmt.Errorf("open secure channel: %w", err)
		}
		next.cipher = cipher{algo: algo, sign: true, encrypt: c.peer.mode == modeEncrypt}
	}
	if next.room(c.limits.chunk, 16) < 1024 {
		return errors.New("open secure channel: the server takes too small chunks")
	}
	c.id = t.Channel
	c.tokens[1], c.tokens[0] = c.tokens[0], next
	life := min(t.Lifetime, lifetime)
	if life <= 0 {
		life = lifetime
	}
	c.renewAt = c.o.now().Add(life * 3 / 4)
	return nil
}

// send sends q in as many chunks as it takes and returns the id of the request.
func (c *channel) send(kind string, token wire.NodeID, q wire.Request) (uint32, error) {
	c.request++
	if c.request == 0 {
		c.request = 1
	}
	c.body = wire.AppendRequest(c.body[:0], &wire.Header{
		Token: token, Time: c.o.now(), Handle: c.request, Timeout: c.o.Timeout,
	}, q)
	if most := c.limits.message; most > 0 && len(c.body) > most {
		return 0, wire.BadRequestTooLarge
	}
	ci, header := &c.tokens[0].cipher, 16
	if kind == "OPN" {
		ci, header = &c.opening, len(c.asymmetricHeader(nil))
	}
	room := ci.room(c.limits.chunk, header)
	if most := c.limits.chunks; most > 0 && len(c.body) > most*room {
		return 0, wire.BadRequestTooLarge
	}
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
	_, err := c.conn.Write(c.out)
	return c.request, err
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

// receive returns the next whole message, valid until the next call.
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
		before, begun := c.partial[request]
		switch chunk[3] {
		case 'F':
			if !begun {
				return request, body, nil
			}
			delete(c.partial, request)
			c.whole = append(before, body...)
			return request, c.whole, nil
		case 'C':
			if len(before)+len(body) > maxMessage || len(c.partial) > maxPartial {
				return 0, nil, fmt.Errorf("answer of more than %d bytes", len(before))
			}
			if !begun {
				before, c.whole = c.whole[:0], nil
			}
			c.partial[request] = append(before, body...)
		case 'A':
			delete(c.partial, request)
			return request, nil, &aborted{refusal(wire.NewReader(body))}
		default:
			return 0, nil, fmt.Errorf("chunk of unknown kind %q", chunk[3])
		}
	}
}

// aborted is the error of an answer that the server gave up; the channel goes on.
type aborted struct{ error }

func (e *aborted) Unwrap() error { return e.error }

// unwrap checks a chunk and returns its body.
func (c *channel) unwrap(chunk []byte) (request uint32, body []byte, err error) {
	r := wire.NewReader(chunk[headerSize:])
	kind := string(chunk[:3])
	switch kind {
	case "ERR":
		return 0, nil, refusal(r)
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
		return nil, fmt.Errorf("the server answers with policy %s instead of %s", printable(policy), c.peer.policy)
	}
	if c.peer.mode != modeNone && !sameCertificate(sender, c.peer.server) {
		return nil, errors.New("the server answers with another certificate than that of its endpoint")
	}
	return c.opening.open(chunk, headerSize+r.Pos())
}

// close says goodbye and closes the connection.
func (c *channel) close() error {
	c.conn.SetDeadline(time.Now().Add(time.Second))
	if c.id != 0 {
		c.send("CLO", wire.NodeID{}, wire.CloseChannel{})
	}
	return c.conn.Close()
}
