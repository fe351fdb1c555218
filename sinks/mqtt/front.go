package mqtt

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
)

// maxInbound bounds a packet from the broker. What a publisher is sent are acknowledgements of a few bytes, whose longest
// part is the broker's reason in words. MQTT 5 tells the broker so (Maximum Packet Size, 3.1.2.11.4).
const maxInbound = 64 << 10

// The packets that a publisher is sent, by their type (MQTT 5, 2.1.2).
const (
	typeConnack    = 2
	typePublish    = 3
	typePuback     = 4
	typePingresp   = 13
	typeDisconnect = 14
)

// front is what the bytes of a broker pass before a client's parser sees them: whole packets of kinds that a publisher may
// be sent, none longer than maxInbound. The parsers after it trust the lengths that they read, and run where nothing can
// catch a panic.
type front struct {
	in     *bufio.Reader
	five   bool                   // MQTT 5, else 3.1.1
	begun  bool                   // the CONNACK has come
	first  atomic.Pointer[[]byte] // what came first, for a guess at who speaks; nil: nothing
	packet []byte                 // the present one
	rest   []byte                 // of it, not read yet
	ear    *ear                   // takes what is for who subscribes; nil: nobody does
}

func newFront(r io.Reader, five bool) *front {
	return &front{in: bufio.NewReaderSize(r, 4096), five: five}
}

// Read implements io.Reader: it never spans two packets.
func (f *front) Read(p []byte) (int, error) {
	for len(f.rest) == 0 {
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// next reads one packet. What is for who subscribes is handed to the ear; without one, a PUBLISH is left out.
func (f *front) next() error {
	if !f.begun {
		if _, err := f.in.Peek(1); err != nil {
			return err
		}
		first, _ := f.in.Peek(min(f.in.Buffered(), maxFirst))
		first = slices.Clone(first)
		f.first.Store(&first)
	}
	head, err := f.in.ReadByte()
	if err != nil {
		return err
	}
	length, size, err := f.length()
	if err == nil {
		err = f.admit(head, length)
	}
	if err != nil {
		return f.foreign(err)
	}
	f.packet = append(f.packet[:0], head)
	f.packet = append(f.packet, size...)
	at := len(f.packet)
	f.packet = append(f.packet, make([]byte, length)...)
	if _, err := io.ReadFull(f.in, f.packet[at:]); err != nil {
		return err
	}
	f.begun = true
	if f.ear != nil {
		taken, err := f.ear.hear(head, f.packet[at:])
		if err != nil {
			return f.foreign(err)
		}
		if taken {
			return nil
		}
	}
	if head>>4 != typePublish {
		f.rest = f.packet
	}
	return nil
}

// length reads a packet's Remaining Length (MQTT 5, 1.5.5): at most four bytes. size is how it was written.
func (f *front) length() (length int, size []byte, err error) {
	var b [4]byte
	for i := range b {
		c, err := f.in.ReadByte()
		if err != nil {
			return 0, nil, noEOF(err)
		}
		b[i] = c
		length |= int(c&0x7F) << (7 * i)
		if c < 0x80 {
			return length, b[:i+1], nil
		}
	}
	return 0, nil, errMalformed
}

// errMalformed is a length that no packet has.
var errMalformed = errors.New("the length of a packet has more than four bytes")

// noEOF makes an end in the middle of a packet an error of its own.
func noEOF(err error) error {
	if err == io.EOF { //nolint:errorlint // as io.ReadFull has it
		return io.ErrUnexpectedEOF
	}
	return err
}

// admit decides whether a packet of that first byte and length may pass.
func (f *front) admit(head byte, length int) error {
	kind, flags := head>>4, head&0xF
	switch {
	case !f.begun && kind != typeConnack && !(f.five && kind == typeDisconnect):
		return fmt.Errorf("the first packet is of type %d, a CONNACK was expected", kind)
	case f.begun && kind == typeConnack:
		return errors.New("a second CONNACK")
	case kind != typePublish && flags != 0:
		return fmt.Errorf("a packet of type %d with flags %#x", kind, flags)
	case length > maxInbound:
		return fmt.Errorf("a packet of %d bytes, at most %d are taken", length, maxInbound)
	}
	switch kind {
	case typeConnack, typePuback:
		if length < 2 || !f.five && length != 2 {
			return fmt.Errorf("a packet of type %d with %d bytes", kind, length)
		}
	case typePingresp:
		if length != 0 {
			return fmt.Errorf("a PINGRESP with %d bytes", length)
		}
	case typePublish:
	case typeDisconnect:
		if !f.five {
			return errors.New("a DISCONNECT, which MQTT 3.1.1 has for clients only")
		}
	default:
		if f.ear == nil || kind != typeSuback && kind != typeUnsuback {
			return fmt.Errorf("a packet of type %d, which a publisher is never sent", kind)
		}
	}
	return nil
}

// maxFirst is how much is kept of what came first.
const maxFirst = 40

// connackSize is the length of a CONNACK of MQTT 3.1.1 (3.2): type, remaining length 2, flags, return code.
const connackSize = 4

// greeting is what came first, nil when nothing has. It is safe to call while another goroutine reads.
func (f *front) greeting() []byte {
	if first := f.first.Load(); first != nil {
		return *first
	}
	return nil
}

// old reports whether a broker that greets so is one of MQTT 3.1.1.
func old(greeting []byte) bool {
	return len(greeting) >= connackSize && greeting[0] == typeConnack<<4 && greeting[1] == connackSize-2
}

// foreign is err about a packet, with a guess at who speaks where nothing of MQTT has come yet.
func (f *front) foreign(err error) error {
	if f.begun || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the broker broke the protocol: %w", err)
	}
	first := f.greeting()
	switch first[0] {
	case 0x15, 0x16: // TLS (RFC 8446, 5.1): an alert or a handshake
		return errors.New("the other side answers in TLS: is mqtts:// meant?")
	}
	if text := strings.TrimSpace(string(first)); printable(text) {
		return fmt.Errorf("the other side does not speak MQTT, it answered %q: is the port right?", text)
	}
	return fmt.Errorf("the other side does not speak MQTT: %w; is the port right?", err)
}

// printable reports whether text is ASCII that a person can read.
func printable(text string) bool {
	for _, c := range []byte(text) {
		if (c < ' ' || c > 0x7E) && c != '\r' && c != '\n' && c != '\t' {
			return false
		}
	}
	return text != ""
}
