// Package cause says in an engineer's words why a connection failed, and what to look at. It does no I/O; drivers and
// sinks call it where they connect.
package cause

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// Cause is an error of the network in words; what it wraps is the error as the system has it.
type Cause struct {
	words string
	err   error
}

// Error is the words alone.
func (c *Cause) Error() string { return c.words }

// Unwrap is the error that was put into words.
func (c *Cause) Unwrap() error { return c.err }

// New is err in words that only its caller knows; Of leaves them as they are.
func New(words string, err error) error { return &Cause{words, err} }

// Of is err in words, a *Cause; err itself where there are no better ones, or where it holds a Cause already.
func Of(err error) error {
	var known *Cause
	if err == nil || errors.As(err, &known) {
		return err
	}
	for _, words := range []func(error) string{ofName, ofCertificate, ofConnection} {
		if text := words(err); text != "" {
			return &Cause{text, err}
		}
	}
	return err
}

func ofName(err error) string {
	var name *net.DNSError
	switch {
	case !errors.As(err, &name):
		return ""
	case name.IsNotFound:
		return "host name not found: " + name.Name + ": is it written right?"
	}
	return "host name not found: the name server does not say who " + name.Name + " is"
}

// ofConnection comes last: what says more about a connection wraps these.
func ofConnection(err error) string {
	var network net.Error
	switch {
	case Refused(err):
		return "connection refused, nothing listens there: is it running, and is the port right?"
	case Unreachable(err):
		return "host unreachable: is it on, is the address right, is the cable in?"
	case Broken(err), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the other side closed the connection; if it always does: is the port right, with TLS or without as in url?"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &network) && network.Timeout() && !errors.Is(err, syscall.EAGAIN): // EAGAIN: a lock is taken
		return "host does not answer: is it on, is the address right, does a firewall drop it?"
	}
	return ""
}

func ofCertificate(err error) string {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var header tls.RecordHeaderError
	var alert *net.OpError // crypto/tls has no other name for an alert that it was sent
	switch {
	case errors.As(err, &unknown):
		return "its certificate is signed by an unknown authority: name that authority's file in tls.ca"
	case errors.As(err, &host):
		return "its certificate is for another name, " + bare(host.Error()) +
			": write that name in url, or in tls.server_name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate has expired or is not valid yet, " + bare(invalid.Error()) + ": is the clock right?"
	case errors.As(err, &header):
		return "it does not speak TLS: is the port right, or is a URL without TLS meant?"
	case errors.As(err, &alert) && alert.Op == "remote error":
		return "it refuses the TLS connection, " + bare(alert.Err.Error()) +
			": does it want a certificate of ours (tls.certificate and tls.key), or another?"
	}
	return ""
}

// bare is text without the names of libraries.
func bare(text string) string {
	return strings.TrimPrefix(strings.TrimPrefix(text, "x509: "), "tls: ")
}
