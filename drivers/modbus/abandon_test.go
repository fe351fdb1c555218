package modbus

import (
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"
)

// TestAbandon has a request that was not answered not be left on its way when the connection is closed, and one that was be no reason to
// end it rudely.
func TestAbandon(t *testing.T) {
	for _, c := range []struct {
		transport string
		answer    []byte
		want      error
	}{
		{"tcp", nil, syscall.ECONNRESET},
		{"tcp", []byte{0, 0, 0, 0, 0, 5, 1, 3, 2, 0, 7}, io.EOF},
		{"rtuovertcp", nil, syscall.ECONNRESET},
		{"rtuovertcp", []byte{1, 3, 2, 0, 7, 0xf9, 0x86}, io.EOF},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ended, asked := make(chan error, 1), make([]byte, 64)
		go func() {
			conn, err := l.Accept()
			if err == nil {
				defer conn.Close()
				_, err = conn.Read(asked)
			}
			if err == nil && c.answer != nil {
				if c.transport == "tcp" {
					copy(c.answer, asked[:2]) // the number of the request
				}
				_, err = conn.Write(c.answer)
			}
			if err == nil {
				_, err = conn.Read(make([]byte, 64))
			}
			ended <- err
		}()
		link, err := newTransport(LinkOptions{Transport: c.transport, Address: l.Addr().String(), Timeout: long})
		if err != nil {
			t.Fatal(err)
		}
		limit := long
		if c.answer == nil {
			limit = 20 * time.Millisecond
		}
		data, err := link.exchange(t.Context(), request{unit: 1, function: 3, count: 1}, wait{limit: limit, last: true})
		if c.answer == nil != (err != nil) {
			t.Fatalf("%s: %x, %v", c.transport, data, err)
		}
		link.close()
		if err := <-ended; !errors.Is(err, c.want) {
			t.Errorf("%s, answered with %d bytes: it ended with %v, want %v", c.transport, len(c.answer), err, c.want)
		}
	}
}
