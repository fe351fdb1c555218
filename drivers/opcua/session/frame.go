package session

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"

	"tagbridge/drivers/opcua/wire"
)

var le = binary.LittleEndian

// What is asked for and accepted in the handshake (Part 6, 7.1.2).
const (
	bufferSize = 65535 // of a chunk, either way
	minBuffer  = 8192
	headerSize = 8
	maxMessage = 16 << 20 // of an answer: 100,000 values and more
	maxPartial = 64       // messages that are received in pieces at the same time
)

// inbox cuts the stream of a connection into chunks. A read that ends at a deadline loses nothing: the next goes on.
type inbox struct {
	conn       io.Reader
	buf        []byte
	start, end int // what of buf has been read and not been taken
}

// chunk is the next one, header and all. It is valid until the next call.
func (in *inbox) chunk() ([]byte, error) {
	if err := in.fill(headerSize); err != nil {
		return nil, err
	}
	size := int(le.Uint32(in.buf[in.start+4:]))
	if size < headerSize || size > bufferSize {
		return nil, fmt.Errorf("chunk of %d bytes: not what an OPC UA server sends", size)
	}
	if err := in.fill(size); err != nil {
		return nil, err
	}
	c := in.buf[in.start : in.start+size : in.start+size]
	in.start += size
	return c, nil
}

// fill reads until there are n bytes.
func (in *inbox) fill(n int) error {
	if in.start == in.end {
		in.start, in.end = 0, 0
	}
	if in.buf == nil {
		in.buf = make([]byte, bufferSize+1)
	}
	for in.end-in.start < n {
		if in.start+n > len(in.buf) {
			in.end = copy(in.buf, in.buf[in.start:in.end])
			in.start = 0
		}
		m, err := in.conn.Read(in.buf[in.end:])
		in.end += m
		if err != nil && in.end-in.start < n {
			return err
		}
	}
	return nil
}

// limits are what the server said in the handshake.
type limits struct {
	chunk   int // the largest it takes
	message int // likewise; 0: none
	chunks  int // likewise
}

// hello makes the handshake.
func hello(conn net.Conn, in *inbox, url string) (limits, error) {
	msg := append([]byte("HELF"), 0, 0, 0, 0)
	for _, v := range [...]uint32{0, bufferSize, bufferSize, maxMessage, 0} {
		msg = le.AppendUint32(msg, v)
	}
	msg = wire.AppendString(msg, url)
	le.PutUint32(msg[4:], uint32(len(msg)))
	if _, err := conn.Write(msg); err != nil {
		return limits{}, err
	}
	c, err := in.chunk()
	if err != nil {
		return limits{}, err
	}
	r := wire.NewReader(c[headerSize:])
	switch string(c[:3]) {
	case "ERR":
		return limits{}, refusal(r)
	case "ACK":
	default:
		return limits{}, fmt.Errorf("answer %q to the greeting: not an OPC UA server", c[:3])
	}
	r.Uint32()
	r.Uint32()
	l := limits{chunk: int(r.Uint32()), message: int(r.Uint32()), chunks: int(r.Uint32())}
	if r.Err() != nil {
		return l, fmt.Errorf("answer to the greeting: %w", r.Err())
	}
	if l.chunk < minBuffer {
		return l, fmt.Errorf("the server takes chunks of %d bytes only, less than the standard's %d", l.chunk, minBuffer)
	}
	l.chunk = min(l.chunk, bufferSize)
	return l, nil
}

// refusal reads an Error message: the last thing a server says.
func refusal(r *wire.Reader) error {
	status := r.Status()
	if reason := r.String(); reason != "" && r.Err() == nil {
		return fmt.Errorf("%w (%s)", status, printable(reason))
	}
	return status
}

// printable bounds and cleans what a server says about itself.
func printable(s string) string {
	out := make([]rune, 0, len(s))
	for _, c := range s {
		if c < ' ' || c == 0x7F {
			c = ' '
		}
		out = append(out, c)
		if len(out) == 200 {
			break
		}
	}
	return string(out)
}
