package influx

import (
	"fmt"
	"net/url"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/secure"
)

// Options says where and how to write.
type Options struct {
	URL                string // http or https; user and password in it are as Username and Password
	TLS                secure.TLS
	Org                string // InfluxDB 2 and 3
	Bucket             string // of InfluxDB 1.8: db/rp
	Token              string
	Username, Password string // InfluxDB 1.8, when there is no token
	Narrow             bool
	Gzip               bool
	Precision          mapping.Precision
	Unsigned           bool
	Integers           bool
	Timeout            time.Duration // of a request without progress; 0: 30 s
}

// target is the server's address without user and password, and the credentials, "" for none.
func (o *Options) target() (*url.URL, string, error) {
	u, err := url.Parse(o.URL)
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("influxdb: the url is not one") // the error would show the password
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, "", fmt.Errorf("influxdb: the url must be http://host:port or https://host:port")
	}
	user, password := o.Username, o.Password
	if u.User != nil && user == "" {
		user = u.User.Username()
		password, _ = u.User.Password()
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	token := o.Token
	if token == "" && user != "" {
		token = user + ":" + password
	}
	return u, token, nil
}

// query is that of a write request.
func (o *Options) query() string {
	q := url.Values{"bucket": {o.Bucket}, "precision": {o.Precision.String()}}
	if o.Org != "" {
		q.Set("org", o.Org)
	}
	return q.Encode()
}
