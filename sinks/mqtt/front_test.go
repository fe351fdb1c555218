package mqtt

import (
	"bytes"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	packets5 "github.com/eclipse/paho.golang/packets"
	packets3 "github.com/eclipse/paho.mqtt.golang/packets"
)

// connacks of either version, accepted.
var (
	connack5 = []byte{0x20, 3, 0, 0, 0}
	connack3 = []byte{0x20, 2, 0, 0}
)

func TestFront(t *testing.T) {
	publish := []byte{0x30, 4, 0, 1, 'a', 'x'}
	for _, c := range []struct {
		name    string
		five    bool
		in      []byte
		want    []byte
		wantErr string // of the end; "": io.EOF
	}{
		{"acknowledgements", true, cat(connack5, []byte{0x40, 2, 0, 1, 0xD0, 0, 0x40, 4, 0, 2, 0x87, 0}),
			cat(connack5, []byte{0x40, 2, 0, 1, 0xD0, 0, 0x40, 4, 0, 2, 0x87, 0}), ""},
		{"3.1.1", false, cat(connack3, []byte{0x40, 2, 0, 1, 0xD0, 0}), cat(connack3, []byte{0x40, 2, 0, 1, 0xD0, 0}), ""},
		{"what nobody subscribed to", true, cat(connack5, publish, []byte{0xD0, 0}), cat(connack5, []byte{0xD0, 0}), ""},
		{"length in more bytes than it needs", false, []byte{0x20, 0x82, 0, 0, 0}, []byte{0x20, 0x82, 0, 0, 0}, ""},
		{"goodbye", true, cat(connack5, []byte{0xE0, 1, 0x8B}), cat(connack5, []byte{0xE0, 1, 0x8B}), ""},
		{"old broker", true, connack3, connack3, ""},
		{"CONNACK of 256 MB", true, []byte{0x20, 0xFF, 0xFF, 0xFF, 0x7F}, nil, "a packet of 268435455 bytes, at most 65536"},
		{"length of five bytes", true, []byte{0x20, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F}, nil, "more than four bytes"},
		{"PUBLISH of 256 MB", true, cat(connack5, []byte{0x30, 0xFF, 0xFF, 0xFF, 0x7F}), connack5, "a packet of 268435455 bytes"},
		{"authentication", true, []byte{0xF0, 2, 0x18, 0}, nil, "type 15"},
		{"a second CONNACK", true, cat(connack5, connack5), connack5, "a second CONNACK"},
		{"PUBREL", true, cat(connack5, []byte{0x62, 2, 0, 1}), connack5, "type 6 with flags"},
		{"SUBACK", true, cat(connack5, []byte{0x90, 4, 0, 1, 0, 0}), connack5, "type 9, which a publisher is never sent"},
		{"PUBACK of one byte", true, cat(connack5, []byte{0x40, 1, 0}), connack5, "type 4 with 1 bytes"},
		{"long PUBACK of 3.1.1", false, cat(connack3, []byte{0x40, 3, 0, 1, 0}), connack3, "type 4 with 3 bytes"},
		{"DISCONNECT of 3.1.1", false, cat(connack3, []byte{0xE0, 0}), connack3, "for clients only"},
		{"HTTP", true, []byte("HTTP/1.1 400 Bad Request\r\n\r\n"), nil, `it answered "HTTP/1.1 400 Bad Request": is the port right?`},
		{"TLS", true, []byte{0x15, 3, 1, 0, 2, 2, 80}, nil, "is mqtts:// meant?"},
		{"SSH", true, []byte("SSH-2.0-OpenSSH_9.2\r\n"), nil, `it answered "SSH-2.0-OpenSSH_9.2"`},
		{"cut", true, []byte{0x20, 3, 0}, nil, "unexpected EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, in := range map[string]io.Reader{
				"whole": bytes.NewReader(c.in), "bytes": iotest.OneByteReader(bytes.NewReader(c.in)),
			} {
				got, err := io.ReadAll(newFront(in, c.five))
				if !bytes.Equal(got, c.want) {
					t.Errorf("%s: passed % x, want % x", name, got, c.want)
				}
				if name == "bytes" && !strings.Contains(c.wantErr, "broke") && len(c.want) == 0 {
					continue // a guess at who speaks needs more than one byte
				}
				switch {
				case c.wantErr == "" && err != nil, c.wantErr != "" && err == nil:
					t.Errorf("%s: %v, want %q", name, err, c.wantErr)
				case err != nil && !strings.Contains(err.Error(), c.wantErr):
					t.Errorf("%s: %v, want %q", name, err, c.wantErr)
				}
			}
		})
	}
}

func cat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// FuzzFront lets a broker say anything, to the parsers of both versions as they stand after the front.
func FuzzFront(f *testing.F) {
	for _, five := range []bool{false, true} {
		f.Add(five, cat(connack3, []byte{0x40, 2, 0, 1, 0xD0, 0}))
		f.Add(five, cat(connack5, []byte{0x40, 4, 0, 1, 0x87, 0, 0xE0, 2, 0x8E, 0}))
		f.Add(five, []byte{0x20, 7, 0, 0, 4, 0x15, 0, 1, 'x'})
		f.Add(five, []byte{0x20, 12, 0, 0x87, 9, 0x1F, 0, 6, 'n', 'o', ' ', 'a', 'p', 'p'})
		f.Add(five, []byte{0x20, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F})
		f.Add(five, []byte{0x15, 3, 3, 0, 2, 2, 40})
		f.Add(five, []byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
	}
	f.Fuzz(func(t *testing.T, five bool, in []byte) {
		front := newFront(bytes.NewReader(in), five)
		for n := 0; ; n++ {
			if len(front.rest) > 0 {
				return // a parser that took less than a packet has given up
			}
			if err := front.next(); err != nil {
				return
			}
			if len(front.packet) > maxInbound+5 || len(front.packet) > len(in) {
				t.Fatalf("a packet of %d bytes made of %d", len(front.packet), len(in))
			}
			if n == 0 && front.rest[0]>>4 != typeConnack && !(five && front.rest[0]>>4 == typeDisconnect) {
				t.Fatalf("the first packet is % x", front.rest)
			}
			if five {
				_, _ = packets5.ReadPacket(front)
			} else {
				_, _ = packets3.ReadPacket(front)
			}
		}
	})
}

// TestHostileBrokers has brokers that say what no broker says, each on its own connection: it costs that connection, and
// next to no memory.
func TestHostileBrokers(t *testing.T) {
	endless := bytes.Repeat([]byte{0xFF}, 8<<20)
	for name, answer := range map[string][]byte{
		"authentication method": {0x20, 7, 0, 0, 4, 0x15, 0, 1, 'x'},
		"CONNACK of 256 MB":     cat([]byte{0x20, 0xFF, 0xFF, 0xFF, 0x7F}, endless),
		"length of five bytes":  {0x20, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F},
		"endless length":        cat(connack5, []byte{0x40}, endless),
		"PUBLISH of 256 MB":     cat(connack5, []byte{0x30, 0xFF, 0xFF, 0xFF, 0x7F}, endless),
		"random":                endless,
	} {
		t.Run(name, func(t *testing.T) {
			versions(t, func(t *testing.T, version string) {
				s := open(t, saying(t, answer), func(o *Options) { o.Version = version })
				v := polls(plant("p", 1), 1)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				for range 3 {
					if n, err := s.Send(t.Context(), v); n != 0 || err == nil {
						t.Fatalf("Send = %d, %v", n, err)
					}
				}
				runtime.ReadMemStats(&after)
				if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
					t.Errorf("%d bytes were allocated", grown)
				}
			})
		})
	}
}

// saying is the address of a server that answers whatever it is sent so, and then hangs up.
func saying(t *testing.T, answer []byte) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if _, err := c.Read(make([]byte, 4096)); err == nil {
					_, _ = c.Write(answer) // the client may have gone
				}
			}()
		}
	}()
	return ln.Addr().String()
}
