package session

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"tagbridge/drivers/opcua/wire"
)

var le = binary.LittleEndian

// What is asked for and accepted in the handshake (Part 6, 7.1.2).
const (
	bufferSize = 65535 // of a chunk, either way
	minBuffer  = 8192
	headerSize = 8
	maxMessage = 16 << 20 // of an answer: 100,000 values and more
	maxHeld    = 32 << 20 // of all answers that came in part, or that nobody has taken yet
	maxKept    = 1 << 20  // of a buffer that is kept for the next answer
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
	announced := le.Uint32(in.buf[in.start+4:])
	if announced < headerSize || announced > bufferSize {
		return nil, fmt.Errorf("chunk of %d bytes: not what an OPC UA server sends", announced)
	}
	size := int(announced)
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

// limits are what the server said of itself: the largest it takes.
type limits struct {
	chunk   int
	message int // 0: none
	chunks  int // of a message; 0: none
}

// limit is a UInt32 that says how much at most; 0 is none.
func limit(v uint32) int { return int(min(v, math.MaxInt32)) }

// hello makes the handshake.
func hello(conn io.Writer, in *inbox, url string) (limits, error) {
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
		return limits{}, &Ended{refusal(r)}
	case "ACK":
	default:
		return limits{}, fmt.Errorf("answer %q to the greeting: not an OPC UA server", c[:3])
	}
	return acknowledged(r)
}

// acknowledged reads the body of an Acknowledge (Part 6, 7.1.2.4): version, ReceiveBufferSize, SendBufferSize,
// MaxMessageSize, MaxChunkCount. All are the server's: what it receives is what we send.
func acknowledged(r *wire.Reader) (limits, error) {
	r.Uint32()
	l := limits{chunk: limit(r.Uint32())}
	r.Uint32() // what it sends is no more than we have said that we receive
	l.message, l.chunks = limit(r.Uint32()), limit(r.Uint32())
	if r.Err() != nil {
		return l, fmt.Errorf("answer to the greeting: %w", r.Err())
	}
	if l.chunk < minBuffer {
		return l, fmt.Errorf("the server takes chunks of %d bytes only, less than the standard's %d", l.chunk, minBuffer)
	}
	l.chunk = min(l.chunk, bufferSize)
	return l, nil
}

// Ended is the error of a connection that the server has ended, with its reason. It is no wire.Status to errors.As:
// those are the fault of one request.
type Ended struct{ Reason error }

// Error is the reason.
func (e *Ended) Error() string { return e.Reason.Error() }

// refusal reads an Error message: the last thing a server says.
func refusal(r *wire.Reader) error {
	status := r.Status()
	if reason := wire.Printable(r.String()); reason != "" && r.Err() == nil {
		return &wire.Fault{Status: status, Info: reason}
	}
	return status
}
