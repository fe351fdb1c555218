package modbus

import (
	"bytes"
	"errors"
	"net"
	"syscall"
	"testing"

	"tagbridge/mapping"
)

// serveUDP sends what respond says, as a datagram.
func serveUDP(t *testing.T, respond func(query) []byte) string {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	go func() {
		buffer := make([]byte, 300)
		for number := 1; ; number++ {
			n, from, err := socket.ReadFrom(buffer)
			if err != nil {
				return
			}
			q, err := readQuery(bytes.NewReader(buffer[:n]))
			if err != nil {
				continue
			}
			q.number = number
			if b := respond(q); b != nil {
				socket.WriteTo(b, from)
			}
		}
	}()
	return socket.LocalAddr().String()
}

func dialUDP(t *testing.T, respond func(query) []byte) *line {
	t.Helper()
	link, err := NewLink(LinkOptions{Transport: "udp", Address: serveUDP(t, respond), Timeout: short})
	if err != nil {
		t.Fatal(err)
	}
	if err := link.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { link.Close() })
	return on(t, link, short, words(0)...)
}

func TestUDP(t *testing.T) {
	l := dialUDP(t, query.right)
	l = on(t, l.link, long, words(0, 10, 200)...)
	if samples, err := l.poll(); err != nil || len(samples) != 3 {
		t.Errorf("poll = %v, %v", samples, err)
	}
}

func TestUDPSilence(t *testing.T) {
	l := dialUDP(t, func(q query) []byte {
		if q.number == 1 {
			return nil
		}
		return q.right()
	})
	l.wantNoAnswer(mapping.BadTimeout, what+"no answer within 40ms")
	l.wantRight()
}

func TestUDPNobodyThere(t *testing.T) {
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	socket.Close()
	link, err := NewLink(LinkOptions{Transport: "udp", Address: socket.LocalAddr().String(), Timeout: long})
	if err != nil {
		t.Fatal(err)
	}
	if err := link.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	if _, err := on(t, link, long, words(0)...).poll(); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("poll = %v, want connection refused", err)
	}
}

func TestUDPMoreThanTheAnswer(t *testing.T) {
	for name, extra := range map[string]func(q query) []byte{
		"one byte":       func(query) []byte { return []byte{0} },
		"zeros":          func(query) []byte { return make([]byte, 20) },
		"answer again":   query.right,
		"another answer": foreign,
	} {
		t.Run(name, func(t *testing.T) {
			l := dialUDP(t, func(q query) []byte {
				if q.number < 3 {
					return append(q.right(), extra(q)...)
				}
				return q.right()
			})
			l.wantRight()
			for n := range 4 {
				next := on(t, l.link, short, words(10+n)...)
				next.poll() // right, or an error
				next.wantRight()
			}
		})
	}
}
