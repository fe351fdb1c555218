package influx

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	api "github.com/influxdata/influxdb-client-go/v2/api/http"

	"tagbridge/mapping/cause"
	"tagbridge/sinks"
)

// maxReason is the length of a server's message that is kept.
const maxReason = 300

// faults turns the library's errors into faults without secrets.
type faults struct {
	host    string
	secrets []string
}

// of is what to do about e.
func (f *faults) of(e *api.Error, now time.Time) *sinks.Fault {
	if e.StatusCode == 0 {
		action := sinks.Retry
		if untrusted := (*tls.CertificateVerificationError)(nil); errors.As(e, &untrusted) || errors.Is(e, errWebPage) {
			action = sinks.Hold
		}
		return &sinks.Fault{Action: action, Err: f.network(e)}
	}
	return &sinks.Fault{
		Action: actionOf(e.StatusCode),
		After:  retryAfter(e.Header, now),
		Err:    fmt.Errorf("write to influxdb %s: status %d%s%s", f.host, e.StatusCode, f.reason(e), hint(e)),
	}
}

// actionOf is what a status asks for. What speaks of this very content is refused; what speaks of the server's state
// is tried again; everything else (access, address, a proxy that redirects) is for somebody to mend, and held: nothing
// is ever rejected for a reason that is not its own.
func actionOf(status int) sinks.Action {
	switch {
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return sinks.Refuse
	case status == http.StatusRequestEntityTooLarge:
		return sinks.Shrink
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests,
		status >= 500:
		return sinks.Retry
	}
	return sinks.Hold
}

// hint is what to look at, for the mistakes of a configuration.
func hint(e *api.Error) string {
	switch e.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return "; check token, or username and password (InfluxDB 1.8), and what they may write"
	case http.StatusNotFound:
		if strings.Contains(e.Message, "page not found") {
			return "; no InfluxDB is at this address: check url, its port and path"
		}
		return "; check bucket and org: they must exist in InfluxDB"
	}
	if strings.Contains(e.Message+e.Header.Get("X-Influxdb-Error"), "retention policy not found") {
		return "; check bucket, which is DATABASE/POLICY: for InfluxDB 1.8 mostly DATABASE/autogen"
	}
	return ""
}

// retryAfter is what the header of that name asks for (RFC 9110, 10.2.3): seconds, or a date; 0 for nothing.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return max(0, at.Sub(now))
}

// network is an error without an answer: the library's, less the URL, which is known, and with its cause.
func (f *faults) network(e *api.Error) error {
	var err error = e
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return fmt.Errorf("write to influxdb %s: %w", f.host, cause.Of(err))
}

// reason is the server's message, of one line and bounded, with a colon before it.
func (f *faults) reason(e *api.Error) string {
	text := e.Message
	if text == "" && e.Header != nil {
		text = e.Header.Get("X-Influxdb-Error")
	}
	if text == "" && e.Code != "" {
		text = e.Code
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
	for _, secret := range f.secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	if len(text) > maxReason {
		cut := maxReason
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	if text == "" {
		return ""
	}
	return ": " + text
}
