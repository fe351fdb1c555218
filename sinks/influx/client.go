package influx

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// maxReply is how much of a reply is read: an error message fits, and no server can fill our memory.
const maxReply = 64 << 10

// newClient makes a client that keeps one connection and follows no redirection: a redirected POST becomes a GET,
// whose answer says nothing about what was written.
func newClient(c *tls.Config) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
			TLSClientConfig:       c,
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

// doer is what the library posts with.
type doer struct{ client *http.Client }

// Do implements the library's Doer.
func (d doer) Do(r *http.Request) (*http.Response, error) {
	resp, err := d.client.Do(r)
	if err != nil {
		return nil, err
	}
	resp.Body = limitedBody{io.LimitReader(resp.Body, maxReply), resp.Body}
	return resp, nil
}

type limitedBody struct {
	io.Reader
	io.Closer
}

// errWebPage is the answer of something that is not InfluxDB: a proxy that wants a login, another server at its port.
// InfluxDB answers a write with nothing.
var errWebPage = errors.New("the answer is a web page: that is not an InfluxDB")

// taken looks at a positive answer, and reads what little there is so that the connection can be used again.
func taken(r *http.Response) error {
	_, _ = io.Copy(io.Discard, r.Body)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		return errors.Join(errWebPage, r.Body.Close())
	}
	return r.Body.Close()
}
