package session

import (
	"cmp"
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping/cause"
)

// explain says of an error of connecting what it means and what to do about it.
func explain(err error, o *Options) error {
	status, ok := statusOf(err)
	if !ok {
		var dialing *net.OpError
		if timedOut(err) && !(errors.As(err, &dialing) && dialing.Op == "dial") {
			return o.slow(err)
		}
		if secure := o.Policy != "" && o.Policy != "None"; secure && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) {
			return fmt.Errorf("the server closed the connection without a word: %s: %w", untrusted(o), err)
		}
		return cause.Of(lost(err))
	}
	text := ""
	switch status.Base() {
	case wire.BadSecurityChecksFailed, wire.BadCertificateUntrusted, wire.BadCertificateInvalid, wire.BadCertificateChainIncomplet:
		text = untrusted(o)
	case wire.BadCertificateURIInvalid:
		text = "the server finds another application URI in our certificate than we say: make a new one with tagbridge cert create"
	case wire.BadCertificateTimeInvalid:
		text = "the server finds our certificate expired or not valid yet: compare the clocks, or make a new one with tagbridge cert create"
	case wire.BadCertificateUseNotAllowed:
		text = "the server does not accept the key usage of our certificate: make a new one with tagbridge cert create"
	case wire.BadCertificateHostInvalid:
		text = "the server does not find our host in our certificate: make a new one with tagbridge cert create --host"
	case wire.BadIdentityTokenRejected, wire.BadUserAccessDenied:
		text = "the server refuses " + o.Login.String() + ": check name and password, and whether the server lets this user in" + o.takes()
	case wire.BadIdentityTokenInvalid:
		text = "the server does not accept a login of this kind: " + o.Login.String() + o.takes()
	case wire.BadTooManySessions:
		text = "the server has no session left: close another client, or raise its limit"
	case wire.BadSecurityPolicyRejected, wire.BadSecurityModeRejected:
		text = "the server does not accept security " + cmp.Or(o.Policy, "None") + "/" + cmp.Or(o.Mode, "None") + " at this address"
		if o.attempt.offers != "" {
			text += "; it offers " + o.attempt.offers
		}
	default:
		return err
	}
	return fmt.Errorf("%s: %w", text, err)
}

// statusOf is the status that a server has refused something with, or ended the connection.
func statusOf(err error) (wire.Status, bool) {
	if e, ok := errors.AsType[*Ended](err); ok {
		err = e.Reason
	}
	return errors.AsType[wire.Status](err)
}

// offered asks a server that refused the configured security what it offers.
func offered(ctx context.Context, err error, o *Options) {
	status, _ := statusOf(err)
	switch status.Base() {
	case wire.BadSecurityPolicyRejected, wire.BadSecurityModeRejected:
		if list, err := endpoints(ctx, *o); err == nil {
			o.attempt.offers = offers(list)
		}
	}
}

// takes names the logins of the endpoint, where they are known.
func (o *Options) takes() string {
	if o.attempt.logins == "" {
		return ""
	}
	return " (it takes: " + o.attempt.logins + ")"
}

func untrusted(o *Options) string {
	sum := sha1.Sum(o.Certificate)
	return fmt.Sprintf("the server has not trusted us yet: have its administrator trust the certificate with thumbprint %s (SHA-1)",
		strings.ToUpper(fmt.Sprintf("%x", sum)))
}

// String names who logs in, without the password.
func (l Login) String() string {
	switch l.kind() {
	case wire.TokenPassword:
		return "user " + l.User
	case wire.TokenCertificate:
		return "the user's certificate"
	}
	return "an anonymous user"
}
