package nats

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Client connects to one server for another purpose than to deliver samples.
type Client struct {
	o      Options
	server server
	login  nats.Option
}

// Conn is a connection that does not come back once it has ended.
type Conn struct {
	*nats.Conn
	line *line
}

// NewClient takes of o the only URL, TLS, what it logs in with, Name and Timeout. It reads the files of TLS.
func NewClient(o Options) (*Client, error) {
	c := &Client{o: o.withDefaults()}
	servers, err := c.o.servers()
	if err != nil {
		return nil, err
	}
	if len(servers) != 1 {
		return nil, errors.New("nats: a client has one url")
	}
	c.server = servers[0]
	if c.login, err = c.o.login(); err != nil {
		return nil, err
	}
	return c, nil
}

// Address is host and port of the server.
func (c *Client) Address() string { return c.server.address }

// Connect connects and logs in, within the timeout. It reads the files of TLS again, so that a certificate that was renewed is used; those
// that cannot be read stay as they were. Its errors, in words, show no secret.
func (c *Client) Connect(ctx context.Context, more ...nats.Option) (*Conn, error) {
	to := c.server
	if list, err := c.o.servers(); err == nil {
		to = list[0]
	}
	nc, line, err := c.o.reach(ctx, to, c.login, more...)
	if err != nil {
		return nil, c.o.hidden(err)
	}
	return &Conn{nc, line}, nil
}

// Why is err in words, and without secrets; it may be an error of the library.
func (c *Client) Why(err error) error {
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return errors.New("the server closed the connection")
	case errors.Is(err, nats.ErrStaleConnection):
		return errors.New("the server does not answer any more")
	case errors.Is(err, nats.ErrPermissionViolation):
		_, text, _ := strings.Cut(err.Error(), "nats: permissions violation: ")
		return c.o.hidden(hold("not allowed: %s", text))
	}
	return c.o.hidden(loginFault(err))
}

// Close ends the connection at once; what is not sent yet is not sent.
func (c *Conn) Close() {
	c.line.Close() // first: or what is left would have to go out
	c.Conn.Close()
}

// pings are how the library finds out, while nothing is sent, that the server is gone.
const (
	pingEvery = 20 * time.Second
	pingsLost = 2
)

// reach connects to a server and logs in.
func (o *Options) reach(ctx context.Context, to server, login nats.Option, more ...nats.Option) (*nats.Conn, *line, error) {
	d := &dialer{ctx: ctx, server: to, timeout: o.Timeout}
	options := []nats.Option{
		nats.Name(o.Name), nats.SetCustomDialer(d), nats.SkipHostLookup(), nats.Timeout(o.Timeout),
		nats.NoReconnect(), nats.ReconnectBufSize(-1), nats.IgnoreDiscoveredServers(),
		nats.PingInterval(pingEvery), nats.MaxPingsOutstanding(pingsLost), nats.FlusherTimeout(0),
	}
	options = append(options, more...)
	if login != nil {
		options = append(options, login)
	}
	stop := context.AfterFunc(ctx, d.close) // the handshake of the protocol comes after the dialing
	defer stop()
	nc, err := nats.Connect("nats://"+to.address, options...)
	if err != nil {
		d.close()
		if d.err != nil {
			return nil, nil, connectFault(d.err)
		}
		return nil, nil, connectFault(loginFault(err))
	}
	return nc, d.made.Load(), nil
}

// hidden is err without secrets: a server's words may repeat what it was sent.
func (o *Options) hidden(err error) error {
	if text := o.hide(err.Error()); text != err.Error() {
		return errors.New(text)
	}
	return err
}

// hide replaces secrets in text.
func (o *Options) hide(text string) string {
	for _, secret := range []string{o.Password, o.NKey} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return text
}
