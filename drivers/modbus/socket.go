package modbus

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// dialLimit bounds connecting and the handshake.
const dialLimit = 15 * time.Second

// socket is a transport over a stream of our own: for Modbus in TLS whose server has another name than the URL's host,
// or is not to be verified, which the library cannot be told.
type socket struct {
	dial        func(ctx context.Context) (net.Conn, error)
	conn        net.Conn // nil: to be opened by the next exchange
	transaction uint16
	frame       [frameSize]byte
	heard       string // about answers to something else, in the present exchange
}

// newTLSSocket makes the transport; nothing below TLS 1.2 is spoken.
func newTLSSocket(address string, config *tls.Config) *socket {
	d := tls.Dialer{Config: config}
	return &socket{dial: func(ctx context.Context) (net.Conn, error) {
		return d.DialContext(ctx, "tcp", address)
	}}
}

func (s *socket) open(ctx context.Context, _ time.Duration) error {
	s.close()
	ctx, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	conn, err := s.dial(ctx)
	if err != nil {
		return err
	}
	s.conn = conn
	return nil
}

func (s *socket) close() error {
	if s.conn == nil {
		return nil
	}
	conn := s.conn
	s.conn = nil
	return conn.Close()
}

func (s *socket) exchange(ctx context.Context, r request, w wait) ([]byte, error) {
	if s.conn == nil {
		if err := s.open(ctx, w.limit); err != nil {
			return nil, err
		}
	}
	conn := s.conn
	if err := conn.SetDeadline(time.Now().Add(w.limit)); err != nil {
		return nil, err
	}
	release := drivers.Interrupt(ctx, conn.SetDeadline)
	defer release()
	raw, err := s.talk(r)
	if _, refused := errors.AsType[Exception](err); err == nil || refused {
		return raw, err
	}
	// What may still come belongs to nobody.
	s.close()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case !errors.Is(err, os.ErrDeadlineExceeded):
		return nil, err
	case s.heard != "":
		err = fmt.Errorf("no answer that fits within %v: %s", w.limit, s.heard)
		return nil, &drivers.NoAnswer{Quality: mapping.BadCommunicationError, Err: err}
	}
	return nil, &drivers.NoAnswer{Quality: mapping.BadTimeout, Err: fmt.Errorf("no answer within %v", w.limit)}
}

// talk sends r and reads frames until one answers it.
func (s *socket) talk(r request) ([]byte, error) {
	s.transaction++
	s.heard = ""
	if _, err := s.conn.Write(appendRequest(s.frame[:0], s.transaction, r)); err != nil {
		return nil, err
	}
	for {
		if _, err := io.ReadFull(s.conn, s.frame[:headerSize]); err != nil {
			return nil, err
		}
		h, err := parseHeader([headerSize]byte(s.frame[:]))
		if err != nil {
			return nil, wrong(err)
		}
		pdu := s.frame[headerSize:][:h.length-1]
		if _, err := io.ReadFull(s.conn, pdu); err != nil {
			return nil, err
		}
		switch {
		case h.protocol != 0:
			s.heard = fmt.Sprintf("protocol %d", h.protocol)
			continue
		case h.transaction != s.transaction:
			s.heard = fmt.Sprintf("transaction %d, want %d", h.transaction, s.transaction)
			continue
		}
		raw, err := parseAnswer(r, pdu)
		_, refused := errors.AsType[Exception](err)
		switch {
		case h.unit != r.unit && !(refused && h.unit == gatewayUnit):
			return nil, wrong(fmt.Errorf("wrong answer: unit %d, want %d", h.unit, r.unit))
		case err != nil && !refused:
			return nil, wrong(err)
		}
		return raw, err
	}
}

// gatewayUnit is the number under which some gateways answer exceptions of their own.
const gatewayUnit = 255

func wrong(err error) error {
	return &drivers.NoAnswer{Quality: mapping.BadCommunicationError, Err: err}
}
