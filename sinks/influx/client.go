package influx

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"

	"tagbridge/mapping/secure"
)

// newClient makes a client that keeps one connection, which line knows and w sees, and follows no redirection: a redirected POST
// becomes a GET, whose answer says nothing about what was written.
func newClient(c *tls.Config, w *secure.Witness, line *line) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment,
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				return line.dial(ctx, dialer.DialContext, network, address)
			},
			TLSClientConfig:       w.Config(c),
			TLSHandshakeTimeout:   10 * time.Second,
			MaxIdleConns:          1,
			MaxIdleConnsPerHost:   1,
			MaxConnsPerHost:       1,
			IdleConnTimeout:       55 * time.Second, // before the servers' own, so that none closes under a request
			DisableCompression:    true,
			ExpectContinueTimeout: time.Second,
			WriteBufferSize:       64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
