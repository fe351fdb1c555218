package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strings"

	"tagbridge/sinks"
)

// A segment that is complete has an index: a file of the same name that says which blocks of it, of about blockBytes, hold
// samples of which groups and of which times, so that who looks back reads those only. It is a hint. It is taken for what it
// says when its sum is right and it was made of this very segment as it is now; else the segment is read instead, which costs
// time and nothing else. So it is not synced, and may be removed at any time.

const (
	blockBytes = 64 << 10
	indexMost  = 64 << 20 // a file larger than this is no index
)

// index is what is known of what is in a segment.
type index struct {
	of     segmentID
	prev   sinks.Pos // as its head says
	end    sinks.Pos // after its last intact record of samples
	seen   sinks.Pos // after the last one whose header is intact
	begins int64     // the time of its first record, as far as the bridge has dated it
	last   int64     // and of its last
	first  int64     // where its first block begins
	groups []indexGroup
	blocks []indexBlock
	holes  []hole
}

// segmentID is what tells a segment from all others, and from itself with less or more in it.
type segmentID struct {
	number uint64
	first  sinks.Pos
	size   int64
	head   uint32 // sum of its first record, in which is when it was made; 0: it has none
}

// indexGroup is a group that has samples in a segment.
type indexGroup struct {
	id     uint64
	device string // "": not known
	def    int64  // where its definition is; 0: not in this segment
}

// indexBlock is records that lie one after the other.
type indexBlock struct {
	size     int64  // to where the next one begins
	samples  uint64 // in its intact records
	min, max int64  // of the times of samples; all times when they cannot be made out
	groups   []byte // which have samples in it, see set.go
}

// hole is samples that are missing in a segment, between the times of what is before and after them.
type hole struct {
	from, to     sinks.Pos
	since, until int64
}

// overlaps reports whether b may have samples from since up to before until.
func (b *indexBlock) overlaps(since, until int64) bool { return b.max >= since && b.min < until }

// anyTime makes b one that may hold any time.
func (b *indexBlock) anyTime() { b.min, b.max = math.MinInt64, math.MaxInt64 }

func (s *segment) indexName() string {
	return strings.TrimSuffix(s.name(), segmentSuffix) + indexSuffix
}

// identifySegment reads the head of a segment of so many bytes.
func identifySegment(f file, s *segment, size int64) segmentID {
	id := segmentID{number: s.number, first: s.first, size: size}
	w := window{f: f, limit: min(size, headerSize+segmentHead)}
	b := w.at(0, headerSize+segmentHead)
	if h, err := parseHeader(b); err == nil && h.typ == typeSegment {
		if _, err := h.payload(b); err == nil {
			id.head = h.sum
		}
	}
	return id
}

// errNoIndex is why there is no index to be taken for what it says.
var errNoIndex = errors.New("no index")

// readIndex reads the index of the segment that want identifies. The error is errNoIndex when there is none, ErrCorrupt when
// it is not whole or another segment's.
func readIndex(d folder, s *segment, want segmentID) (*index, int64, error) {
	f, err := d.Open(s.indexName())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, errNoIndex
	}
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil || size > indexMost {
		return nil, size, errors.Join(err, fmt.Errorf("index of %d bytes: %w", size, ErrCorrupt))
	}
	b := make([]byte, size)
	if n, err := f.ReadAt(b, 0); n < len(b) {
		return nil, size, fmt.Errorf("read index: %w", err)
	}
	x, err := parseIndex(b)
	if err == nil && (x.of != want || want.head == 0) {
		err = fmt.Errorf("it was made of another segment, or of this one when it was different: %w", ErrCorrupt)
	}
	return x, size, err
}
