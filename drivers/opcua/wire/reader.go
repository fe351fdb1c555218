package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// maxDepth is how deep values and diagnostics may be nested. The standard asks for 100 at most; no device uses three.
const maxDepth = 32

// ErrCut is the error of bytes that end before what they announce.
var ErrCut = errors.New("ends too early")

// Reader reads one message, or a part of one. After the first error everything that is read is zero; Err tells.
type Reader struct {
	b     []byte
	at    int
	depth int
	// decoded is how many bytes of memory its arrays were made into.
	decoded int64
	err     error
}

// NewReader reads b, of which it keeps parts.
func NewReader(b []byte) *Reader { return &Reader{b: b} }

// Reset has r read b from its beginning.
func (r *Reader) Reset(b []byte) { *r = Reader{b: b} }

// Err is the first error.
func (r *Reader) Err() error { return r.err }

// Rest is what has not been read.
func (r *Reader) Rest() []byte { return r.b[r.at:] }

// Pos is how many bytes were read.
func (r *Reader) Pos() int { return r.at }

// Fail has r end with err, unless it has failed before.
func (r *Reader) Fail(err error) { r.fail(err) }

func (r *Reader) fail(err error) {
	if r.err == nil {
		r.err = fmt.Errorf("decode at byte %d: %w", r.at, err)
	}
}

// take is the next n bytes, or nil.
func (r *Reader) take(n int) []byte {
	if r.err != nil {
		return nil
	}
	if n < 0 || n > len(r.b)-r.at {
		r.fail(ErrCut)
		return nil
	}
	r.at += n
	return r.b[r.at-n : r.at : r.at]
}

// Uint8 reads a Byte.
func (r *Reader) Uint8() uint8 {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

// Bool reads a Boolean.
func (r *Reader) Bool() bool { return r.Uint8() != 0 }

// Uint16 reads a UInt16.
func (r *Reader) Uint16() uint16 {
	if b := r.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

// Uint32 reads a UInt32.
func (r *Reader) Uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// Int32 reads an Int32.
func (r *Reader) Int32() int32 { return int32(r.Uint32()) }

// Uint64 reads a UInt64.
func (r *Reader) Uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// Float64 reads a Double.
func (r *Reader) Float64() float64 { return math.Float64frombits(r.Uint64()) }

// Status reads a StatusCode.
func (r *Reader) Status() Status { return Status(r.Uint32()) }

// Time reads a DateTime as nanoseconds since 1970 UTC; 0 is none, or one out of the range of that.
func (r *Reader) Time() int64 { return unixNano(r.Uint64()) }

// epoch is 1970 in the 100 ns of the standard, which count from 1601.
const epoch = 116444736000000000

func unixNano(ticks uint64) int64 {
	if ticks == 0 || ticks >= epoch+math.MaxInt64/100 || ticks < epoch {
		return 0
	}
	return int64(ticks-epoch) * 100
}

// DateTime reads a DateTime to show it. false is a value of 0, which is none; 9999 is the last year there is, and 1601
// the first (Part 6, 5.2.2.5).
func (r *Reader) DateTime() (at time.Time, ok bool) {
	const second, days = 10_000_000, 134774 // from 1601 to 1970
	ticks := int64(r.Uint64())
	if ticks == 0 || r.err != nil {
		return at, false
	}
	ticks = min(max(ticks, 0), lastTicks)
	return time.Unix(ticks/second-days*86400, ticks%second*100).UTC(), true
}

// lastTicks is 9999-12-31T23:59:59Z; later times mean that there is no end.
const lastTicks = 2650467743990000000

// Bytes reads a ByteString. nil is none.
func (r *Reader) Bytes() []byte {
	n := r.Int32()
	if n < 0 || r.err != nil {
		return nil
	}
	return r.take(int(n))
}

// String reads a String. What is no UTF-8 in it is replaced.
func (r *Reader) String() string { return validText(r.Bytes()) }

func validText(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

// Count reads the length of an array whose elements have at least size bytes each; 0 for none.
func (r *Reader) Count(size int) int {
	n := int(r.Int32())
	if n <= 0 || r.err != nil {
		return 0
	}
	if n > (len(r.b)-r.at)/size {
		r.fail(fmt.Errorf("array of %d elements: %w", n, ErrCut))
		return 0
	}
	return n
}

// enter goes one level down; leave comes back.
func (r *Reader) enter() bool {
	if r.depth++; r.depth > maxDepth {
		r.fail(fmt.Errorf("nested deeper than %d", maxDepth))
		return false
	}
	return r.err == nil
}

func (r *Reader) leave() { r.depth-- }

// QualifiedName reads one.
func (r *Reader) QualifiedName() QualifiedName {
	space := r.Uint16()
	return QualifiedName{Space: space, Name: r.String()}
}

// LocalizedText reads the text of one.
func (r *Reader) LocalizedText() string { return validText(r.localized()) }

func (r *Reader) localized() []byte {
	mask := r.Uint8()
	if mask&1 != 0 {
		r.Bytes()
	}
	if mask&2 != 0 {
		return r.Bytes()
	}
	return nil
}

// diagnosticText is the bit of a DiagnosticInfo's mask that says that there is text in it.
const diagnosticText = 0x10

// diagnostics reads a DiagnosticInfo (Part 6, 5.2.2.12) and returns its text.
func (r *Reader) diagnostics() (text []byte) {
	if !r.enter() {
		return nil
	}
	defer r.leave()
	mask := r.Uint8()
	for bit := uint8(1); bit <= 8; bit <<= 1 {
		if mask&bit != 0 {
			r.Int32()
		}
	}
	if mask&diagnosticText != 0 {
		text = r.Bytes()
	}
	if mask&0x20 != 0 {
		r.Uint32()
	}
	if mask&0x40 != 0 {
		r.diagnostics()
	}
	return text
}

// Extension is a structure with the id of its encoding.
type Extension struct {
	Type NodeID
	Body []byte // nil: none, or XML
}

// Extension reads an ExtensionObject.
func (r *Reader) Extension() Extension {
	e := Extension{Type: r.NodeID()}
	switch r.Uint8() {
	case 0:
	case 1:
		e.Body = r.Bytes()
	case 2:
		r.Bytes()
	default:
		r.fail(errors.New("extension object of unknown encoding"))
	}
	return e
}
