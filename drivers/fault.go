package drivers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"tagbridge/mapping"
	"tagbridge/mapping/cause"
)

// ErrorKind says what went wrong with an exchange or a connection.
type ErrorKind uint8

// The kinds of errors.
const (
	ErrorTimeout     ErrorKind = iota // the unit did not answer
	ErrorGateway                      // a gateway says that the unit does not answer
	ErrorAnswer                       // the answer cannot be right
	ErrorRefused                      // the host refuses the connection
	ErrorUnreachable                  // there is no way to the host
	ErrorConnect                      // the host does not answer to connecting
	ErrorName                         // the host's name is not found
	ErrorConnection                   // the connection broke, or another error of it
	ErrorRunaway                      // a round that did not end
	numErrorKinds
)

var errorKindNames = [...]string{
	"timeout", "gateway", "answer", "refused", "unreachable", "connect_timeout", "name", "connection", "runaway",
}

// String is k as metrics name it.
func (k ErrorKind) String() string { return errorKindNames[k] }

// silence is the kind of an exchange that a unit did not answer.
func silence(q mapping.Quality) ErrorKind {
	switch q.Base() {
	case mapping.BadNoCommunication:
		return ErrorGateway
	case mapping.BadCommunicationError:
		return ErrorAnswer
	}
	return ErrorTimeout
}

// kind is that of the exchange that was not answered.
func (e *NoAnswer) kind() ErrorKind {
	if e.Broken {
		return ErrorConnection
	}
	return silence(e.Quality)
}

// linkError is the kind of an error of a link as a whole, and the error with that in words: what an engineer does
// about a refused connection is not what they do about a silent host.
func linkError(err error) (ErrorKind, error) {
	var name *net.DNSError
	var network net.Error
	switch {
	case cause.Refused(err):
		return ErrorRefused, cause.Of(err)
	case cause.Unreachable(err):
		return ErrorUnreachable, cause.Of(err)
	case errors.As(err, &name):
		return ErrorName, cause.Of(err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &network) && network.Timeout() && !errors.Is(err, syscall.EAGAIN): // EAGAIN: a port is locked
		return ErrorConnect, cause.Of(err)
	}
	return ErrorConnection, fmt.Errorf("not connected: %w", err)
}
