package plc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// NetLine is a gateway without knowledge of Modbus: what comes over TCP, or in datagrams over UDP, goes to a serial line
// and back as it is. Its methods are safe for concurrent use.
type NetLine struct {
	*line
	listener net.Listener
	packets  net.PacketConn
}

// ListenLine takes an address, such as 127.0.0.1:0, on network tcp or udp.
func ListenLine(network, address string, o LineOptions) (*NetLine, error) {
	l, err := newLine(o)
	if err != nil {
		return nil, err
	}
	s := &NetLine{line: l}
	if strings.HasPrefix(network, "udp") {
		s.packets, err = net.ListenPacket(network, address)
	} else {
		s.listener, err = net.Listen(network, address)
	}
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return s, nil
}

// Addr is the host and port that s serves.
func (s *NetLine) Addr() string {
	if s.packets != nil {
		return s.packets.LocalAddr().String()
	}
	return s.listener.Addr().String()
}

// Usage is what the line was used for so far.
func (s *NetLine) Usage() Usage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.usage
}

// Serve answers until ctx ends, which is no error.
func (s *NetLine) Serve(ctx context.Context) error {
	if s.packets != nil {
		return s.servePackets(ctx)
	}
	var conns sync.WaitGroup
	defer conns.Wait()
	stop := context.AfterFunc(ctx, func() { s.listener.Close() })
	defer stop()
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			return fmt.Errorf("accept on %s: %w", s.Addr(), err)
		}
		conns.Go(func() {
			stop := context.AfterFunc(ctx, func() { conn.Close() })
			defer stop()
			defer conn.Close()
			s.talk(ctx, conn)
		})
	}
}

// servePackets answers datagrams, each a frame, one after the other.
func (s *NetLine) servePackets(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { s.packets.Close() })
	defer stop()
	defer s.packets.Close()
	in := make([]byte, 2048)
	for {
		n, from, err := s.packets.ReadFrom(in)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("serve %s: %w", s.Addr(), err)
		}
		f, _, ok := s.framing.next(in[:n])
		u := s.o.Units[int(f.unit)]
		if !ok || u == nil {
			continue
		}
		out, r := u.answerLine(s.framing, frame{unit: f.unit, pdu: bytes.Clone(f.pdu)})
		took := time.Duration(n+len(out))*s.char + 2*s.t35 + s.o.Turnaround + r.pause
		if took > 0 && !sleep(ctx, took) {
			return nil
		}
		if len(out) > 0 && !r.hold {
			s.packets.WriteTo(out, from)
		}
	}
}
