package cable

import (
	"io"
	"net"
	"testing"
	"time"
)

// ends are a client and a server with a cable between.
func ends(t *testing.T) (c *Cable, client, server net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c = Start(t, "127.0.0.1", l.Addr().String())
	if client, err = net.Dial("tcp", c.Addr()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return c, client, server
}

func passes(t *testing.T, from, to net.Conn, text, want string) {
	t.Helper()
	if _, err := io.WriteString(from, text); err != nil {
		t.Fatal(err)
	}
	hears(t, to, want)
}

func hears(t *testing.T, to net.Conn, want string) {
	t.Helper()
	b := make([]byte, len(want))
	to.SetReadDeadline(time.Now().Add(90 * time.Second))
	if _, err := io.ReadFull(to, b); err != nil || string(b) != want {
		t.Fatalf("came %q, %v, want %q", b, err, want)
	}
}

func TestSilence(t *testing.T) {
	c, client, server := ends(t)
	passes(t, client, server, "one", "one")
	passes(t, server, client, "two", "two")
	c.Set(Way{Silent: true}, Way{})
	io.WriteString(client, "three")
	passes(t, server, client, "four", "four")
	server.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := server.Read(make([]byte, 9)); err == nil {
		t.Errorf("%d bytes came through silence", n)
	}
	c.Set(Way{}, Way{})
	hears(t, server, "three")
	c.Reset()
	if _, err := server.Read(make([]byte, 9)); err == nil {
		t.Error("a byte came after a reset")
	}
}

func TestDelay(t *testing.T) {
	c, client, server := ends(t)
	c.Set(Way{Delay: 50 * time.Millisecond}, Way{})
	began := time.Now()
	passes(t, client, server, "slow", "slow")
	if d := time.Since(began); d < 50*time.Millisecond {
		t.Errorf("it came after %v", d)
	}
}

// TestPings has what is said in pieces of any size come through without messages.
func TestPings(t *testing.T) {
	c, client, server := ends(t)
	passes(t, client, server, "PUB a 3\r\nabc\r\n", "PUB a 3\r\nabc\r\n")
	c.Set(Way{Pings: true}, Way{Pings: true})
	for _, piece := range []string{"PING\r", "\nPU", "B a b 5\r\nPI", "NG\n", "\r\nHPUB x 2 4\r\n12", "34\r\nPONG\r\n"} {
		io.WriteString(client, piece)
	}
	hears(t, server, "PING\r\nPONG\r\n")
	passes(t, server, client, "MSG a 1 2\r\nxx\r\nPING\r\n", "PING\r\n")
}

func TestEnd(t *testing.T) {
	_, client, server := ends(t)
	passes(t, client, server, "last", "last")
	client.Close()
	server.SetReadDeadline(time.Now().Add(90 * time.Second))
	if _, err := server.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the end came as %v", err)
	}
}
