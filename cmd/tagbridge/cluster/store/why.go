package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	library "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Fault is an error in words.
type Fault struct {
	Text string
	Err  error // what is below; it may hold words of the server
}

// Error implements error.
func (f *Fault) Error() string { return f.Text }

// Unwrap has errors.Is find what is below.
func (f *Fault) Unwrap() error { return f.Err }

// Conflict reports that an operation was refused because somebody else has written the key or the stream since.
func Conflict(err error) bool {
	var api *jetstream.APIError
	return errors.Is(err, jetstream.ErrKeyExists) ||
		errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// Full reports that there is no room for what was to be stored.
func Full(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && isFull(api)
}

// isFull knows the codes of nats-server (server/errors.json) that say so.
func isFull(api *jetstream.APIError) bool {
	switch api.ErrorCode {
	case 10002, 10023, 10027, 10028, 10047, 10122: // of the account, resources, streams, memory, storage, bytes of a stream
		return true
	case 10077: // what the store says
		return strings.Contains(api.Description, "maximum")
	}
	return false
}

// Why is err, of an operation with the bucket, stream or subject of that name, in words. It keeps what errors.Is and Conflict ask for.
func (l *Link) Why(err error, name string) error {
	if err == nil {
		return nil
	}
	var f *Fault
	if errors.As(err, &f) {
		return err
	}
	if denial := l.denial(name); denial != "" && waited(err) {
		return &Fault{denial + ": " + l.store.o.Remedy, errors.Join(errDenied, err)}
	}
	return &Fault{l.words(err, name), err}
}

// errDenied is what the server does not allow.
var errDenied = errors.New("not allowed")

// Denied reports that the server does not allow it, so that trying again is of no use.
func Denied(err error) bool { return errors.Is(err, errDenied) }

// waited reports that nothing answered as long as it was waited.
func waited(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Is(err, library.ErrTimeout)
}

func (l *Link) words(err error, name string) string {
	var api *jetstream.APIError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, library.ErrTimeout):
		return "JetStream does not answer: most of the servers of the NATS cluster have to be up"
	case errors.Is(err, library.ErrNoResponders), errors.Is(err, jetstream.ErrJetStreamNotEnabled):
		return "there is no JetStream: add a jetstream block to the configuration of nats-server"
	case errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return "JetStream is off for the account of this user: add jetstream: enabled to the account"
	case errors.Is(err, library.ErrConnectionClosed):
		return "the connection has ended"
	case errors.Is(err, jetstream.ErrNoStreamResponse):
		return name + " has no leader at present, or was removed"
	case errors.Is(err, jetstream.ErrBucketNotFound), errors.Is(err, jetstream.ErrStreamNotFound):
		return name + " is not there"
	case errors.As(err, &api):
		return apiWords(api, name)
	}
	return l.client.Why(err).Error()
}

func apiWords(api *jetstream.APIError, name string) string {
	said := fmt.Sprintf("%s (%d)", api.Description, api.ErrorCode)
	switch {
	case api.ErrorCode == 10007, api.ErrorCode == 10008, api.ErrorCode == 10009:
		return "JetStream has no leader at present: most of the servers of the NATS cluster have to be up"
	case isFull(api):
		return fmt.Sprintf("there is no room for %s: %s; raise the limits of the account or of the server, or look at its disk", name, said)
	case api.ErrorCode == 10077:
		return fmt.Sprintf("the server cannot store %s: %s; look at its disk", name, said)
	}
	return name + ": " + said
}
