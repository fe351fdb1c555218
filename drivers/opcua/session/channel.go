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
	expires  time.Time // until when the newest token is good
	expected map[uint32]*answer
	gathered int       // bytes of expected answers that are not complete
	spare    []byte    // buffer of the last message that came in chunks
	heard    time.Time // when the last chunk came, by the clock of o
	moved    time.Time // when the last one of an expected answer came
	body     []byte    // of the message that is sent
	out      []byte    // its chunks
}

// token is what protects the messages of a channel for a while.
type token struct {
	cipher
	id uint32
}

// lifetime is for how long a token is asked for; it is renewed after three quarters.
const lifetime = time.Hour

// dial connects and opens a channel. Each step has the patience of o.
func dial(ctx context.Context, o *Options, p peer) (*channel, error) {
	conn, err := o.connect(ctx, p.address)
	if err != nil {
		return nil, err
	}
	c := &channel{o: o, peer: p, conn: conn, in: inbox{conn: conn}, expected: map[uint32]*answer{}}
	if err = c.within(ctx, c.greet); err == nil {
		err = c.within(ctx, c.open)
	}
	if err != nil {
		conn.Close()
		return nil, cmp.Or(ended(ctx), err)
	}
	conn.SetDeadline(time.Time{})
	return c, nil
}

// connect makes the connection.
func (o *Options) connect(ctx context.Context, address string) (net.Conn, error) {
	if o.dial != nil {
		return o.dial(ctx, address)
	}
	return (&net.Dialer{Timeout: o.patience()}).DialContext(ctx, "tcp", address)
}

// within makes a step of opening the channel, which ends when it takes too long.
func (c *channel) within(ctx context.Context, step func() error) error {
	c.conn.SetDeadline(time.Now().Add(c.o.patience()))
	release := drivers.Interrupt(ctx, c.conn.SetDeadline)
	defer release()
	if err := ctx.Err(); err != nil {
		return err
	}
	return step()
}

func (c *channel) greet() (err error) {
	if c.limits, err = hello(c.conn, &c.in, c.peer.url); err == nil {
		c.o.attempt.answered()
	}
	return err
}

func (c *channel) open() (err error) {
	if c.opening, err = c.asymmetric(); err != nil {
		return err
	}
	nonce, err := c.nonce()
	if err != nil {
		return err
	}
	q := wire.OpenChannel{Mode: c.peer.mode, Nonce: nonce, Lifetime: lifetime}
	if _, err := c.pack("OPN", wire.NodeID{}, q); err != nil {
		return err
	}
	if _, err := c.conn.Write(c.out); err != nil {
		return err
	}
	_, msg, err := c.receive() // nothing else is expected
	if err != nil {
		return fmt.Errorf("open secure channel: %w", err)
	}
	return c.adopt(msg, q)
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
	if c.o.Key == nil || c.o.Certificate == nil {
		return cipher{}, fmt.Errorf("security policy %s needs a certificate and a key of ours", c.peer.policy)
	}
	algo, err := uapolicy.Asymmetric(policyBase+c.peer.policy, c.o.Key, key)
	if err != nil {
		return cipher{}, fmt.Errorf("security policy %s: %w", c.peer.policy, err)
	}
	return cipher{algo: algo, sign: true, encrypt: true, block: c.o.Key.Size()}, nil
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
		next.cipher = cipher{algo: algo, sign: true, encrypt: c.peer.mode == modeEncrypt, block: algo.BlockSize()}
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
	now := c.o.now()
	c.renewAt, c.expires = now.Add(life*3/4), now.Add(life)
	return nil
}

// close says goodbye and closes the connection.
func (c *channel) close() error {
	c.conn.SetDeadline(time.Now().Add(time.Second))
	if c.id != 0 {
		if _, err := c.pack("CLO", wire.NodeID{}, wire.CloseChannel{}); err == nil {
			c.conn.Write(c.out)
		}
	}
	return c.conn.Close()
}
