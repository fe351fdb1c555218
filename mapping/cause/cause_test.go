package cause

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestOf(t *testing.T) {
	dial := func(err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", err)}
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{dial(syscall.ECONNREFUSED), "connection refused, nothing listens there"},
		{dial(syscall.EHOSTUNREACH), "host unreachable"},
		{dial(syscall.ENETUNREACH), "host unreachable"},
		{dial(syscall.ETIMEDOUT), "host does not answer"},
		{context.DeadlineExceeded, "host does not answer"},
		{&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, "host does not answer"},
		{dial(syscall.ECONNRESET), "closed the connection"},
		{io.EOF, "closed the connection"},
		{&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "plc-7", IsNotFound: true}}, "not found: plc-7"},
		{&net.DNSError{Err: "i/o timeout", Name: "plc-7", IsTimeout: true}, "name server does not say who plc-7"},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, "tls.ca"},
		{x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"broker"}}, Host: "plc"}, "valid for broker, not plc"},
		{x509.CertificateInvalidError{Reason: x509.Expired, Detail: "since 2020"}, "expired"},
		{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, "does not speak TLS"},
		{&net.OpError{Op: "remote error", Err: tls.AlertError(116)}, "certificate required"},
	} {
		wrapped := fmt.Errorf("connect: %w", c.err)
		got := Of(wrapped)
		if text := got.Error(); !strings.Contains(text, c.want) || !errors.Is(got, wrapped) {
			t.Errorf("Of(%v) = %q, want %q", c.err, text, c.want)
		}
		for _, jargon := range []string{"dial tcp", "connect:", "x509", "tls: ", "context deadline", "EOF", "i/o timeout"} {
			if strings.Contains(got.Error(), jargon) {
				t.Errorf("Of(%v) = %q, with %q in it", c.err, got, jargon)
			}
		}
		if again := fmt.Errorf("press: %w", got); Of(again) != again {
			t.Errorf("Of puts %q into words twice", again)
		}
	}
}

func TestOfLeavesAlone(t *testing.T) {
	for _, err := range []error{nil, errors.New("not authorized"), context.Canceled, fmt.Errorf("port in use: %w", syscall.EWOULDBLOCK)} {
		if got := Of(err); got != err {
			t.Errorf("Of(%v) = %v", err, got)
		}
	}
}
