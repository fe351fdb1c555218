package plc

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
)

// ServerOptions say what a server serves.
type ServerOptions struct {
	Units map[int]*Unit // by unit id, 0 to 255
	// Silent servers do not answer requests to units they do not have. Others answer exception 11 (gateway target
	// device failed to respond), as gateways do.
	Silent bool
	TLS    *tls.Config // not nil: Modbus/TCP Security
	// Connections is how many there are at a time: one more is closed as soon as it is there. 0: any number.
	Connections int
}

// Server is one address with units behind it. Its methods are safe for concurrent use.
type Server struct {
	o       ServerOptions
	units   [256]*Unit
	address string
	packets net.PacketConn // of UDP
	reopen  chan struct{}
	readers readers

	mu       sync.Mutex
	listener net.Listener // nil while connections are refused
	conns    map[net.Conn]struct{}
	accepted int
}

// Listen takes an address, such as 127.0.0.1:0, on network tcp or udp. Nothing is served before Serve.
func Listen(network, address string, o ServerOptions) (*Server, error) {
	s := &Server{o: o, reopen: make(chan struct{}, 1), conns: make(map[net.Conn]struct{})}
	for id, u := range o.Units {
		if id < 0 || id > 255 {
			return nil, fmt.Errorf("serve unit %d: not 0 to 255", id)
		}
		s.units[id] = u
	}
	if strings.HasPrefix(network, "udp") {
		p, err := net.ListenPacket(network, address)
		if err != nil {
			return nil, fmt.Errorf("listen: %w", err)
		}
		s.packets, s.address = p, p.LocalAddr().String()
		return s, nil
	}
	ln, err := net.Listen(network, address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s.listener, s.address = ln, ln.Addr().String()
	return s, nil
}

// Addr is the host and port that s serves.
func (s *Server) Addr() string { return s.address }

// Unit is the unit of that id, or nil.
func (s *Server) Unit(id int) *Unit { return s.units[id] }

// Serve answers until ctx ends, which is no error; then it closes what is open and returns when all is quiet.
func (s *Server) Serve(ctx context.Context) error {
	if s.packets != nil {
		return s.servePackets(ctx)
	}
	var conns sync.WaitGroup
	defer conns.Wait()
	stop := context.AfterFunc(ctx, func() { s.closeListener(); s.DropConnections() })
	defer stop()
	for {
		ln := s.current()
		if ln == nil {
			select {
			case <-ctx.Done():
				return nil
			case <-s.reopen:
			}
			continue
		}
		nc, err := ln.Accept()
		switch {
		case err == nil:
			if who := s.admit(nc); who > 0 {
				conns.Go(func() { s.serveConn(ctx, nc, who) })
			}
		case ctx.Err() != nil:
			s.closeListener()
			return nil
		case !errors.Is(err, net.ErrClosed):
			return fmt.Errorf("accept on %s: %w", s.address, err)
		}
	}
}

// admit counts a connection in, and returns its number; one that came while s began to refuse is closed, as is one too many: 0.
func (s *Server) admit(nc net.Conn) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil || s.o.Connections > 0 && len(s.conns) >= s.o.Connections {
		nc.Close()
		return 0
	}
	s.conns[nc] = struct{}{}
	s.accepted++
	return s.accepted
}

func (s *Server) forget(nc net.Conn) {
	nc.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, nc)
}

func (s *Server) current() net.Listener {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.listener
}

func (s *Server) closeListener() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != nil {
		s.listener.Close()
		s.listener = nil
	}
}

// Refuse makes s refuse connections, and ends those there are, until Accept.
func (s *Server) Refuse() {
	s.closeListener()
	s.DropConnections()
}

// Accept takes connections again, on the same port.
func (s *Server) Accept() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != nil {
		return nil
	}
	ln, err := net.Listen("tcp", s.address)
	if err != nil {
		return fmt.Errorf("listen again: %w", err)
	}
	s.listener = ln
	select {
	case s.reopen <- struct{}{}:
	default:
	}
	return nil
}

// DropConnections ends all connections; new ones are taken.
func (s *Server) DropConnections() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.Close()
	}
}

// Accepted is how many connections s has taken so far, and Open how many there are.
func (s *Server) Accepted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

// Open is how many connections there are.
func (s *Server) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}
