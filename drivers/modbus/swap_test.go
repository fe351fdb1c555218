package modbus

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// pair is a connection to a peer of the test's.
func pair(t *testing.T) (*swapConn, net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	peer, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); peer.Close() })
	c, ok := newSwapConn(conn, false).(*swapConn)
	if !ok {
		t.Fatal("a TCP connection cannot swap")
	}
	return c, peer
}

// The end of a connection that came while nobody waited is seen, not waited past.
func TestSwapSeesTheEndThatCameBefore(t *testing.T) {
	c, peer := pair(t)
	peer.(*net.TCPConn).CloseWrite() // it still takes what is sent
	if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Fatalf("read = %d, %v, want the end", n, err)
	}
	c.SetDeadline(time.Now().Add(short))
	if _, _, err := c.swap([]byte("ask"), make([]byte, 10)); err != io.EOF {
		t.Errorf("swap = %v, want the end", err)
	}
}

func TestSwapTimesOut(t *testing.T) {
	c, peer := pair(t)
	c.SetDeadline(time.Now().Add(short))
	if sent, n, err := c.swap([]byte("ask"), make([]byte, 10)); sent != 3 || n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("swap = %d, %d, %v, want the deadline", sent, n, err)
	}
	peer.Write([]byte("late"))
	c.SetDeadline(time.Now().Add(long))
	b := make([]byte, 10)
	if _, n, err := c.swap([]byte("ask"), b); err != nil || string(b[:n]) != "late" {
		t.Errorf("swap = %q, %v", b[:n], err)
	}
}

// What the system does not take at once is the caller's to write.
func TestSwapSaysWhatWasNotSent(t *testing.T) {
	c, _ := pair(t)
	c.SetDeadline(time.Now().Add(long))
	out := make([]byte, 64<<20)
	if sent, _, err := c.swap(out, make([]byte, 10)); sent == 0 || sent == len(out) || err != nil {
		t.Errorf("swap sent %d of %d bytes, %v", sent, len(out), err)
	}
}
