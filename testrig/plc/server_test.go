package plc

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"tagbridge/mapping"
)

// serve starts a server with u as unit 1 and dials it.
func serve(t *testing.T, network string, o ServerOptions) (*Server, net.Conn) {
	t.Helper()
	s, err := Listen(network, "127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return s, dial(t, s)
}

func dial(t *testing.T, s *Server) net.Conn {
	t.Helper()
	network := "tcp"
	if s.packets != nil {
		network = "udp"
	}
	c, err := net.Dial(network, s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// expect reads exactly want.
func expect(t *testing.T, c net.Conn, want string) {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(90 * time.Second))
	b := make([]byte, len(want)/2)
	if n, err := io.ReadFull(c, b); err != nil || !bytes.Equal(b, unhex(t, want)) {
		t.Fatalf("read %x, %v, want %s", b[:n], err, want)
	}
}

// expectNothing checks that c stays silent until the answer to a request that is known to be right.
func expectNothing(t *testing.T, c net.Conn) {
	t.Helper()
	send(t, c, "00770000000611040008"+"0001")
	expect(t, c, "0077000000051104"+"02000a")
}

func expectEnd(t *testing.T, c net.Conn) {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(90 * time.Second))
	if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("read %d bytes, %v, want the end", n, err)
	}
}

func send(t *testing.T, c net.Conn, frames string) {
	t.Helper()
	if _, err := c.Write(unhex(t, frames)); err != nil {
		t.Fatal(err)
	}
}

const (
	askInput  = "000100000006110400080001" // transaction 1, unit 17, function 4, register 8
	haveInput = "000100000005110402000a"
)

func TestServe(t *testing.T) {
	_, c := serve(t, "tcp", ServerOptions{Units: map[int]*Unit{17: specUnit(t)}})
	send(t, c, askInput)
	expect(t, c, haveInput)
	send(t, c, "00020000000611") // in two pieces
	send(t, c, "03006b0003")
	expect(t, c, "000200000009110306022b00000064")
	send(t, c, askInput+"000300000006110100130013"+askInput[:14]) // several at once, the last cut
	expect(t, c, haveInput+"000300000006110103cd6b05")
	send(t, c, askInput[14:])
	expect(t, c, haveInput)
	send(t, c, "000400000006120400080001")
	expect(t, c, "000400000003"+"12840b") // no such unit
	send(t, c, "000400010006110400080001")
	expectEnd(t, c) // not Modbus
}

func TestServeSilentUnit(t *testing.T) {
	_, c := serve(t, "tcp", ServerOptions{Units: map[int]*Unit{17: specUnit(t)}, Silent: true})
	send(t, c, "000400000006120400080001")
	expectNothing(t, c)
}

func TestServeUDP(t *testing.T) {
	u := specUnit(t)
	_, c := serve(t, "udp", ServerOptions{Units: map[int]*Unit{17: u}})
	send(t, c, askInput[:20]) // half a datagram is no request
	send(t, c, askInput)
	expect(t, c, haveInput)
	u.Inject(Fault{Kind: Silence, Times: 1})
	send(t, c, "000300000006110100130013")
	send(t, c, askInput)
	expect(t, c, haveInput)
}

func TestRefuseAndAccept(t *testing.T) {
	s, c := serve(t, "tcp", ServerOptions{Units: map[int]*Unit{17: specUnit(t)}})
	send(t, c, askInput)
	expect(t, c, haveInput)
	s.Refuse()
	expectEnd(t, c)
	if c, err := net.Dial("tcp", s.Addr()); err == nil {
		c.Close()
		t.Error("a connection was taken while refusing")
	}
	if err := s.Accept(); err != nil {
		t.Fatal(err)
	}
	c = dial(t, s)
	send(t, c, askInput)
	expect(t, c, haveInput)
	if s.Accepted() != 2 {
		t.Errorf("accepted %d connections, want 2", s.Accepted())
	}
	s.DropConnections()
	expectEnd(t, c)
}

func TestRequests(t *testing.T) {
	u := specUnit(t)
	u.log.limit = 3
	_, c := serve(t, "tcp", ServerOptions{Units: map[int]*Unit{17: u}})
	for range 4 {
		send(t, c, askInput)
		expect(t, c, haveInput)
	}
	send(t, c, "000200000006"+"1103006b0003")
	expect(t, c, "000200000009"+"110306022b00000064")
	got := u.Requests()
	if len(got) != 3 || u.Asked() != 5 {
		t.Fatalf("%d requests kept of %d, want 3 of 5", len(got), u.Asked())
	}
	last := got[2]
	last.Time = time.Time{}
	if want := (Request{Unit: 17, Function: 3, First: 0x6B, Count: 3}); last != want {
		t.Errorf("last request %+v, want %+v", last, want)
	}
	if got[1].Time.Before(got[0].Time) || got[1].Function != fnInput {
		t.Errorf("requests %+v are not in order", got)
	}
}

func TestListenRefuses(t *testing.T) {
	if _, err := Listen("tcp", "127.0.0.1:0", ServerOptions{Units: map[int]*Unit{256: nil}}); err == nil {
		t.Error("unit 256 was taken")
	}
	if _, err := Listen("tcp", "192.0.2.1:0", ServerOptions{}); err == nil {
		t.Error("an address of another host was taken")
	}
}

func BenchmarkServe(b *testing.B) {
	tags := []*mapping.Tag{holding("a", 0, mapping.TypeUint16), holding("b", 124, mapping.TypeUint16)}
	s, err := Listen("tcp", "127.0.0.1:0", ServerOptions{Units: map[int]*Unit{1: NewUnit(UnitOptions{Tags: tags, MaxGap: 200})}})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx) }()
	c, err := net.Dial("tcp", s.Addr())
	if err != nil {
		b.Fatal(err)
	}
	in, out := make([]byte, 260), []byte{0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 125}
	b.ReportAllocs()
	for b.Loop() {
		c.Write(out)
		if n, err := c.Read(in); n != 259 || err != nil {
			b.Fatalf("read %d bytes, %v", n, err)
		}
	}
	c.Close()
	cancel()
	<-done
}
