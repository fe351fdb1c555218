package replica

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"tagbridge/sinks"
)

// The bounds of a message.
const (
	// MostRecord is how large a record may be that comes in parts.
	MostRecord = 17 << 20
	// MostMessage is how large a message is at most, whatever the server takes. Members take no more than 64 KiB from a server at a time
	// (sinks/nats), in which a message may be as base64.
	MostMessage = 40 << 10
	mostParts   = 1 << 14
	mostName    = 256
	maxPosition = 1 << 62
)

// Message is a part of a member's journal, as its stream holds it.
type Message struct {
	Bridge, Node string
	Journal      uint64    // its identity
	Run          uint64    // of the process that had it then
	Began        time.Time // that process, by its clock
	First        sinks.Pos // where the journal ended then
	Origin       uint64    // the journal that this one goes on from, at First; 0: none
	Section      uint32
	Prev         sinks.Pos // where the message before it ended
	From, To     sinks.Pos // of its samples
	Why          Why       // why it has nothing of Prev to From; 0 where these are equal
	Sent         time.Time
	Part, Parts  uint32 // Parts is at least 1
	Records      []byte // whole ones, or one in parts
}

// Why is why something was not copied.
type Why uint8

// The reasons.
const (
	WhyNothing   Why = iota
	WhyDelivered     // all sinks had it by then
	WhyLimits        // the journal's limits, or those of its memory, took it before it was copied
	WhyDamage        // the journal is damaged there
	WhyUnwritten     // it was gone with the process or the power before it was on disk
	WhyTooLarge      // a record larger than MostRecord
)

// whyNames are the names of the reasons, by Why.
var whyNames = [...]string{"nothing", "delivered", "limits", "damage", "unwritten", "too-large"}

func (w Why) String() string {
	if int(w) < len(whyNames) {
		return whyNames[w]
	}
	return fmt.Sprintf("reason %d", uint8(w)) // of a later release
}

// The layout, all numbers little-endian:
//
//	 0  4    magic "tbrc"
//	 4  u8   version 1
//	 5  u8   why
//	 6  u16  length of the header, from the magic to the end of the texts, and of what a later release has after them
//	 8  u64  journal
//	16  u64  run
//	24  u64  origin
//	32  u64  first
//	40  i64  began, ns since 1970
//	48  i64  sent, likewise
//	56  u64  prev
//	64  u64  from
//	72  u64  to
//	80  u32  section
//	84  u32  part
//	88  u32  parts
//	92  u32  length of the records
//	96       bridge, node: each u16 length, then the text
//	   ...   records
//	   u32   CRC-32C of all before
const (
	messageMagic   = "tbrc"
	messageVersion = 1
	fixedHead      = 96
	sumSize        = 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ErrVersion is in the error about a message or cursor of a later release.
var ErrVersion = errors.New("made by a later release")

var errDamaged = errors.New("damaged")

// Overhead is how much longer than its records a message of these names is.
func Overhead(bridge, node string) int { return fixedHead + 2 + len(bridge) + 2 + len(node) + sumSize }

// Append appends m to dst. It refuses what Parse would.
func (m *Message) Append(dst []byte) ([]byte, error) {
	if err := m.check(); err != nil {
		return dst, err
	}
	at := len(dst)
	dst = append(dst, messageMagic...)
	dst = append(dst, messageVersion, byte(m.Why), 0, 0)
	for _, v := range [...]uint64{m.Journal, m.Run, m.Origin, uint64(m.First), uint64(m.Began.UnixNano()), uint64(m.Sent.UnixNano()),
		uint64(m.Prev), uint64(m.From), uint64(m.To)} {
		dst = binary.LittleEndian.AppendUint64(dst, v)
	}
	for _, v := range [...]uint32{m.Section, m.Part, m.Parts, uint32(len(m.Records))} {
		dst = binary.LittleEndian.AppendUint32(dst, v)
	}
	for _, text := range [...]string{m.Bridge, m.Node} {
		dst = binary.LittleEndian.AppendUint16(dst, uint16(len(text)))
		dst = append(dst, text...)
	}
	binary.LittleEndian.PutUint16(dst[at+6:], uint16(len(dst)-at))
	dst = append(dst, m.Records...)
	return binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[at:], castagnoli)), nil
}

// Parse reads a message. Its Records are a part of b.
func Parse(b []byte) (m Message, err error) {
	switch {
	case len(b) < fixedHead+sumSize || string(b[:4]) != messageMagic:
		return m, errors.New("parse a copy of records: it is none")
	case b[4] > messageVersion:
		return m, fmt.Errorf("parse a copy of records: format %d, this program knows %d: %w", b[4], messageVersion, ErrVersion)
	case b[4] != messageVersion:
		return m, errors.New("parse a copy of records: it is none")
	case binary.LittleEndian.Uint32(b[len(b)-sumSize:]) != crc32.Checksum(b[:len(b)-sumSize], castagnoli):
		return m, fmt.Errorf("parse a copy of records: checksum: %w", errDamaged)
	}
	b = b[:len(b)-sumSize]
	head := int(binary.LittleEndian.Uint16(b[6:]))
	if head < fixedHead || head+int(binary.LittleEndian.Uint32(b[92:])) != len(b) {
		return m, fmt.Errorf("parse a copy of records: lengths: %w", errDamaged)
	}
	u64 := func(at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
	u32 := func(at int) uint32 { return binary.LittleEndian.Uint32(b[at:]) }
	when := func(at int) time.Time { return time.Unix(0, int64(u64(at))) }
	m = Message{
		Why: Why(b[5]), Journal: u64(8), Run: u64(16), Origin: u64(24), First: sinks.Pos(u64(32)), Began: when(40), Sent: when(48),
		Prev: sinks.Pos(u64(56)), From: sinks.Pos(u64(64)), To: sinks.Pos(u64(72)),
		Section: u32(80), Part: u32(84), Parts: u32(88), Records: b[head:],
	}
	texts := b[fixedHead:head]
	for _, to := range [...]*string{&m.Bridge, &m.Node} {
		if len(texts) < 2 || len(texts)-2 < int(binary.LittleEndian.Uint16(texts)) {
			return Message{}, fmt.Errorf("parse a copy of records: names: %w", errDamaged)
		}
		n := int(binary.LittleEndian.Uint16(texts))
		*to, texts = string(texts[2:2+n]), texts[2+n:]
	}
	if err := m.check(); err != nil {
		return Message{}, err
	}
	return m, nil
}

// check reports what no sender means.
func (m *Message) check() error {
	what := ""
	switch {
	case len(m.Bridge) > mostName || len(m.Node) > mostName:
		what = "names"
	case m.Journal == 0 || m.Run == 0 || m.Origin == m.Journal || m.Section == 0:
		what = "journal, run and section"
	case m.Prev > m.From || m.From > m.To || m.To > maxPosition || m.First > maxPosition:
		what = "positions"
	case m.Parts == 0 || m.Parts > mostParts || m.Part >= m.Parts:
		what = "parts"
	case len(m.Records) == 0 || len(m.Records) > MostRecord:
		what = "length"
	}
	if what != "" {
		return fmt.Errorf("a copy of records from %d to %d: %s: %w", m.From, m.To, what, errDamaged)
	}
	return nil
}

// ID tells a message from all others (Nats-Msg-Id).
func (m *Message) ID() string {
	return fmt.Sprintf("%016x-%016x-%x-%x-%x-%x", m.Journal, m.Run, m.Section, uint64(m.From), uint64(m.To), m.Part)
}
