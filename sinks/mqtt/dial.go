package mqtt

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"

	"tagbridge/mapping/secure"
)

// dial connects to the broker: TCP, TLS, or a websocket over one of these.
func (t *target) dial(ctx context.Context) (*wire, error) {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	d := &net.Dialer{KeepAlive: 15 * time.Second}
	var conn net.Conn
	var err error
	switch t.url.Scheme {
	case "ws", "wss":
		conn, err = t.dialWebsocket(ctx, d)
	case "mqtts":
		conn, err = secure.Dial(ctx, d, t.url.Host, t.tls)
	default:
		conn, err = d.DialContext(ctx, "tcp", t.url.Host)
	}
	if err != nil {
		return nil, err
	}
	return newWire(conn, t.five), nil
}

func (t *target) dialWebsocket(ctx context.Context, d *net.Dialer) (net.Conn, error) {
	var lines []*handshake
	var tls secure.Witness
	ws := websocket.Dialer{
		NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := d.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			line := &handshake{Conn: conn, left: maxHandshake}
			lines = append(lines, line)
			return line, nil
		},
		Proxy: http.ProxyFromEnvironment, Subprotocols: []string{"mqtt"}, HandshakeTimeout: t.timeout,
	}
	if t.tls != nil {
		ws.TLSClientConfig = tls.Config(t.tls)
	}
	conn, response, err := ws.DialContext(ctx, t.url.String(), nil)
	if err != nil {
		if response != nil {
			return nil, fmt.Errorf("%w: status %s", err, response.Status)
		}
		return nil, tls.Explain(err)
	}
	for _, line := range lines {
		line.over = true
	}
	return &wsConn{Conn: conn}, nil
}

// maxHandshake bounds what a websocket's server, and a proxy before it, may send until the connection is made.
const maxHandshake = 256 << 10

// handshake is a connection over which a limited number of bytes is read until the handshake is over: headers have no end
// by themselves.
type handshake struct {
	net.Conn
	left int
	over bool // set before anybody else reads
}

// Read implements net.Conn.
func (h *handshake) Read(p []byte) (int, error) {
	if h.over {
		return h.Conn.Read(p)
	}
	if h.left <= 0 {
		return 0, fmt.Errorf("the websocket's handshake has more than %d bytes", maxHandshake)
	}
	n, err := h.Conn.Read(p[:min(len(p), h.left)])
	h.left -= n
	return n, err
}

// wsConn carries a stream of bytes in binary messages (MQTT 5, 6.0).
type wsConn struct {
	*websocket.Conn
	message io.Reader // what is left of the present one
}

// Read implements net.Conn.
func (c *wsConn) Read(p []byte) (int, error) {
	for {
		if c.message == nil {
			_, r, err := c.NextReader()
			if err != nil {
				return 0, err
			}
			c.message = r
		}
		n, err := c.message.Read(p)
		if err == io.EOF { //nolint:errorlint // as io.Reader has it
			c.message, err = nil, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// Write implements net.Conn.
func (c *wsConn) Write(p []byte) (int, error) {
	if err := c.WriteMessage(websocket.BinaryMessage, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// SetDeadline implements net.Conn.
func (c *wsConn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}
