package mqtt

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/secure"
)

// Options says where and how to publish.
type Options struct {
	URL                string // mqtt, mqtts, ws or wss, with a port; user and password in it are as Username and Password
	TLS                secure.TLS
	ALPN               string // protocol to ask for in the TLS handshake; "": none
	Version            string // 5 or 3.1.1; "" is 5
	ClientID           string
	Username, Password string
	SASKey             string // shared access key of an Azure IoT Hub device, base64: then there is no Password
	Topic              mapping.Template
	StateTopic         string    // "": no state is published
	Format             string    // json value line batch; "" is json
	Discovery          Discovery // of formats json and value, see OpenHome
	Compress           string    // gzip zstd, of batch and line; "" or none: nothing is compressed
	QoS                int       // 0 or 1
	Retain             bool
	InFlight           int           // messages without an acknowledgement at most; 0: 20
	MaxPacket          int           // bytes of a message at most, if that is less than the broker says; 0: what it says
	Timeout            time.Duration // of connecting, and of an acknowledgement while nothing moves; 0: 10 s
	Logger             *slog.Logger  // nil: none
}

// The defaults.
const (
	inFlight    = 20
	timeout     = 10 * time.Second
	keepAlive   = 30 * time.Second
	maxInFlight = 1000
)

// schemes are those of a broker's URL.
var schemes = []string{"mqtt", "mqtts", "ws", "wss"}

// withDefaults is o completed and checked.
func (o Options) withDefaults() (Options, error) {
	switch {
	case o.Version == "":
		o.Version = "5"
	case o.Version != "5" && o.Version != "3.1.1":
		return o, fmt.Errorf("mqtt: version %q is not one of 5 3.1.1", o.Version)
	}
	if o.QoS != 0 && o.QoS != 1 {
		return o, fmt.Errorf("mqtt: qos %d is not one of 0 1", o.QoS)
	}
	if o.InFlight <= 0 {
		o.InFlight = inFlight
	}
	o.InFlight = min(o.InFlight, maxInFlight)
	if o.Timeout <= 0 {
		o.Timeout = timeout
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o, nil
}

// target is the broker.
type target struct {
	url     *url.URL // without user and password
	tls     *tls.Config
	five    bool // MQTT 5, else 3.1.1
	timeout time.Duration
}

// target reads URL and files, and moves user and password of the URL to where they belong.
func (o *Options) target() (*target, error) {
	u, err := url.Parse(o.URL)
	if err != nil {
		return nil, errors.New("mqtt: the url is not one") // the error would show the password
	}
	if !slices.Contains(schemes, u.Scheme) || u.Hostname() == "" || u.Port() == "" {
		return nil, errors.New("mqtt: the url must be mqtt://host:port, or begin with mqtts, ws or wss")
	}
	if (u.Scheme == "ws" || u.Scheme == "wss") && u.Path == "" {
		u.Path = "/mqtt"
	}
	if u.User != nil && o.Username == "" {
		o.Username = u.User.Username()
		o.Password, _ = u.User.Password()
	}
	u.User = nil
	t := &target{url: u, five: o.Version == "5", timeout: o.Timeout}
	if u.Scheme == "mqtts" || u.Scheme == "wss" {
		if t.tls, err = o.TLS.Config(); err != nil {
			return nil, fmt.Errorf("mqtt: %w", err)
		}
		if t.tls.ServerName == "" {
			t.tls.ServerName = u.Hostname()
		}
		if o.ALPN != "" {
			t.tls.NextProtos = []string{o.ALPN}
		}
	}
	return t, nil
}
