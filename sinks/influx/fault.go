package influx

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tagbridge/mapping/cause"
	"tagbridge/mapping/secure"
	"tagbridge/sinks"
)

// maxReason is the length of a server's message that is kept.
const maxReason = 300

// faults makes faults without secrets.
type faults struct {
	host    string
	secrets []string
	tls     *secure.Witness
}

// of is what to do about a, which is no acknowledgement of n samples as the lines of text.
func (f *faults) of(a *answer, n int, text []byte, now time.Time) *sinks.Fault {
	fault := a.fault(n, text, now)
	fault.Err = fmt.Errorf("write to influxdb %s: status %d%s%s", f.host, a.status, f.reason(a), a.hint())
	return &fault
}

// lost is what to do when no answer came for a request.
func (f *faults) lost(err error, s sent) *sinks.Fault {
	fault := &sinks.Fault{Action: sinks.Retry}
	if untrusted := (*tls.CertificateVerificationError)(nil); errors.As(err, &untrusted) {
		fault.Action = sinks.Hold
	}
	if s.out > 0 {
		fault.Suspect = s.samples
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) { // less the URL, which is known
		err = wrapped.Err
	}
	if strings.Contains(err.Error(), "server closed idle connection") { // net/http has no other name for it
		err = fmt.Errorf("%w: %w", io.EOF, err)
	}
	err = f.tls.Explain(err)
	switch {
	case errors.Is(err, errSilent):
		err = fmt.Errorf("%w %s", errSilent, s)
	case errors.Is(err, secure.ErrNotLet):
		fault.Action, fault.Suspect = sinks.Hold, 0
	case s.out > 0:
		err = fmt.Errorf("the connection ended %s: %w", s, cause.Of(err))
	default:
		err = cause.Of(err)
	}
	fault.Err = fmt.Errorf("write to influxdb %s: %w", f.host, err)
	return fault
}

// sent is how far a request got.
type sent struct {
	samples   int
	out, size int // bytes of its content
}

// String says it in the middle of a sentence.
func (s sent) String() string {
	switch {
	case s.out == 0:
		return "while connecting"
	case s.out < s.size:
		return fmt.Sprintf("after %d of the %d bytes of a request: is the line slow, or does something on the way limit the time or size of requests?", s.out, s.size)
	}
	return fmt.Sprintf("after the %d bytes of a request, before an answer: is the server overloaded, or the line slow?", s.size)
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

// reason is the server's message, of one line and bounded, with a colon before it.
func (f *faults) reason(a *answer) string {
	text, _ := a.words()
	if text == "" && a.page() {
		return ": a web page"
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
	for _, secret := range f.secrets {
		text = blank(text, secret)
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

// shortSecret is the length up to which a secret is taken for one only as a word of its own: as a part of words it would
// make the message unreadable.
const shortSecret = 3

// blank puts stars where text has secret.
func blank(text, secret string) string {
	if secret == "" {
		return text
	}
	if len(secret) > shortSecret {
		return strings.ReplaceAll(text, secret, "***")
	}
	isPart := func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }
	var out strings.Builder
	for {
		i := strings.Index(text, secret)
		if i < 0 {
			return out.String() + text
		}
		before, _ := utf8.DecodeLastRuneInString(out.String() + text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+len(secret):])
		out.WriteString(text[:i])
		if isPart(before) || isPart(after) {
			out.WriteString(secret)
		} else {
			out.WriteString("***")
		}
		text = text[i+len(secret):]
	}
}
