package journal

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tagbridge/sinks"
)

// A segment is one file of the log: a record that says so, then groups and samples. Its name has its number and the
// position it begins at. It counts up to where the next one begins: after a failed sync that is before its own end,
// as what was in doubt is written again.
//
// The payload of its first record, whose position is the segment's, and the segment's number is
//
//	 0  u32  version of the format
//	 4  u64  number
//	12  i64  when it was made, nanoseconds since 1970
//	20  u64  position behind the last sample of the segment before it
const (
	typeSegment   = 3
	segmentHead   = 28
	formatVersion = 1
)

// segment is what is known of one. It is read and changed under the journal's lock.
type segment struct {
	number  uint64
	first   sinks.Pos
	end     sinks.Pos // behind its last sample, where known
	created time.Time
	born    time.Time // the same for its age, as age.go sees it
	size    int64
	damaged bool // it is kept aside when it goes
	f       file // open while it is written or not yet synced
	dirty   bool // written to since its last sync
	indexed bool // its index was looked at, or made, or cannot be made
	// indexSize is how much its index takes.
	indexSize int64
}

// bytes is the size of its files.
func (s *segment) bytes() int64 { return s.size + s.indexSize }

func (s *segment) name() string {
	return fmt.Sprintf("%08d-%020d%s", s.number, uint64(s.first), segmentSuffix)
}

// parseName reads what name wrote.
func parseName(name string) (*segment, bool) {
	stem, ok := strings.CutSuffix(name, segmentSuffix)
	number, first, cut := strings.Cut(stem, "-")
	if !ok || !cut {
		return nil, false
	}
	n, err := strconv.ParseUint(number, 10, 64)
	p, err2 := strconv.ParseUint(first, 10, 64)
	s := &segment{number: n, first: sinks.Pos(p)}
	return s, err == nil && err2 == nil && p <= maxPos && s.name() == name
}

// appendHead appends the first record of s, when the log before it ended at prev.
func (s *segment) appendHead(dst []byte, prev sinks.Pos) []byte {
	at := len(dst)
	dst = append(dst, make([]byte, headerSize)...)
	dst = binary.LittleEndian.AppendUint32(dst, formatVersion)
	dst = binary.LittleEndian.AppendUint64(dst, s.number)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(s.created.UnixNano()))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(prev))
	seal(dst[at:], typeSegment, 0)
	place(dst[at:], s.first)
	return dst
}

// head is the content of a segment's first record.
type head struct {
	number  uint64
	created time.Time
	prev    sinks.Pos
}

func parseHead(payload []byte) (head, error) {
	if len(payload) != segmentHead {
		return head{}, fmt.Errorf("segment head of %d bytes: %w", len(payload), ErrCorrupt)
	}
	if v := binary.LittleEndian.Uint32(payload); v != formatVersion {
		return head{}, fmt.Errorf("segment of format version %d, this program knows %d: %w", v, formatVersion, ErrFormat)
	}
	return head{
		number:  binary.LittleEndian.Uint64(payload[4:]),
		created: time.Unix(0, int64(binary.LittleEndian.Uint64(payload[12:]))),
		prev:    sinks.Pos(binary.LittleEndian.Uint64(payload[20:])),
	}, nil
}

// sortSegments puts segments in the order they were made.
func sortSegments(all []*segment) {
	slices.SortFunc(all, func(a, b *segment) int { return cmp.Compare(a.number, b.number) })
}
