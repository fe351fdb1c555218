package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"sync"
	"sync/atomic"
	"time"

	"tagbridge/sinks"
)

// A cursor's file has three slots, slotStride bytes apart:
//
//	 0  u32  magic "TBC1"
//	 4  u32  flags: slotOwes
//	 8  u64  sequence number; the intact slot with the highest one counts
//	16  u64  position
//	24  i64  when it was written, nanoseconds since 1970
//	32  u32  CRC-32C of the bytes 0 to 31
//	36       what slotmore.go describes; a program that does not know it leaves it alone
//
// They are written in place, which costs a microsecond where a new file and its fsync cost 650. The slot last synced
// is never written to, nor the one that is being synced: whatever the power leaves of the third, one is whole.
const (
	slotMagic  = 0x31434254
	slotSize   = 36
	slotStride = 512
	slotCount  = 3

	// slotOwes says that the sink is to get the present values, as it is new or has lost samples.
	slotOwes = 1
)

// mark is where a sink is, as its file has it.
type mark struct {
	order  uint64 // of marks of this process: what was taken down later has a higher one; not in the file
	pos    sinks.Pos
	owes   bool
	when   time.Time
	sink   string // "": not known
	losses []loss // behind pos
	ever   ever   // but when the lost was read
}

// slots writes one cursor's file.
type slots struct {
	mu     sync.Mutex
	f      file
	last   mark // as it should be in the file
	seq    uint64
	next   int // the slot to write to
	synced int // the slot that is safe
	dirty  bool
	failed atomic.Bool // the last mark is not in the file, or not for sure

	safe atomic.Uint64 // the position that a power loss leaves at least
}

// write puts m into the file; it lasts a kill of the process, and after sync a power loss. A position once written is
// not taken back.
func (s *slots) write(m mark) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.order < s.last.order { // a later one was quicker, and has all that this one has
		if !s.failed.Load() {
			return nil
		}
		m = s.last
	}
	m.pos = max(m.pos, s.last.pos)
	s.last, s.dirty = m, true
	return s.put()
}

func (s *slots) put() error {
	s.seq++
	_, err := s.f.WriteAt(appendSlot(nil, s.last, s.seq), int64(s.next*slotStride))
	s.failed.Store(err != nil)
	return err
}

// sync syncs what was written before it, while others go on writing.
func (s *slots) sync() error {
	s.mu.Lock()
	if s.dirty && s.failed.Load() {
		if err := s.put(); err != nil {
			s.mu.Unlock()
			return err
		}
	}
	if !s.dirty {
		s.mu.Unlock()
		return nil
	}
	s.dirty = false
	syncing, pos := s.next, s.last.pos
	s.next = slotCount - s.synced - syncing // 0 + 1 + 2 = slotCount
	s.mu.Unlock()

	err := s.f.Sync()

	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil { // what was to be synced may be nowhere: it is written again, to the other slot
		s.dirty = true
		s.failed.Store(true)
		return err
	}
	s.synced = syncing
	s.safe.Store(uint64(pos))
	return nil
}

func appendSlot(dst []byte, m mark, seq uint64) []byte {
	at := len(dst)
	flags := uint32(0)
	if m.owes {
		flags |= slotOwes
	}
	dst = binary.LittleEndian.AppendUint32(dst, slotMagic)
	dst = binary.LittleEndian.AppendUint32(dst, flags)
	dst = binary.LittleEndian.AppendUint64(dst, seq)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(m.pos))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(m.when.UnixNano()))
	dst = binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[at:], castagnoli))
	return appendMore(dst, at, m)
}

func parseSlot(b []byte) (m mark, seq uint64, err error) {
	if len(b) < slotSize {
		return mark{}, 0, fmt.Errorf("cursor slot of %d bytes: %w", len(b), ErrCorrupt)
	}
	if b[0] == 'T' && b[1] == 'B' && b[2] == 'C' && b[3] != '1' {
		return mark{}, 0, fmt.Errorf("cursor of %q: %w", b[:4], ErrFormat)
	}
	if binary.LittleEndian.Uint32(b) != slotMagic || crc32.Checksum(b[:32], castagnoli) != binary.LittleEndian.Uint32(b[32:]) {
		return mark{}, 0, fmt.Errorf("cursor slot checksum: %w", ErrCorrupt)
	}
	if p := binary.LittleEndian.Uint64(b[16:]); p > maxPos {
		return mark{}, 0, fmt.Errorf("cursor at %d: %w", p, ErrCorrupt)
	}
	m = mark{
		pos:  sinks.Pos(binary.LittleEndian.Uint64(b[16:])),
		owes: binary.LittleEndian.Uint32(b[4:])&slotOwes != 0,
		when: time.Unix(0, int64(binary.LittleEndian.Uint64(b[24:]))),
	}
	parseMore(&m, b)
	return m, binary.LittleEndian.Uint64(b[8:]), nil
}

// parseSlots is the newest intact slot of a cursor's file.
func parseSlots(b []byte) (m mark, seq uint64, slot int, err error) {
	slot = -1
	for i := range slotCount {
		found, n, bad := parseSlot(b[min(i*slotStride, len(b)):])
		switch {
		case bad != nil:
			if !errors.Is(err, ErrFormat) {
				err = bad
			}
		case slot < 0 || n > seq:
			m, seq, slot = found, n, i
		}
	}
	if slot < 0 {
		return mark{}, 0, 0, err
	}
	return m, seq, slot, nil
}

// openSlots reads the file of that sink's cursor and goes on in it.
func openSlots(f file, sink string) (*slots, mark, error) {
	b := make([]byte, slotCount*slotStride)
	n, err := f.ReadAt(b, 0)
	if err != nil && !isContent(err) {
		return nil, mark{}, err
	}
	m, seq, slot, err := parseSlots(b[:n])
	if err != nil {
		return nil, mark{}, err
	}
	if m.sink != "" && m.sink != sink {
		return nil, mark{}, fmt.Errorf("it is the cursor of sink %q: %w", m.sink, ErrCorrupt)
	}
	m.sink = sink
	s := &slots{f: f, seq: seq, synced: slot, next: (slot + 1) % slotCount, last: m}
	if f.Sync() == nil {
		s.safe.Store(uint64(m.pos))
	} else { // nobody knows what a power loss leaves of it
		s.dirty = true
		s.failed.Store(true)
	}
	return s, m, nil
}

// unkept reports that the last mark is not in the file, or not for sure. It waits for nobody who writes.
func (s *slots) unkept() bool { return s.failed.Load() }

// newSlots writes the first mark into an empty file.
func newSlots(f file, m mark) (*slots, error) {
	s := &slots{f: f, synced: 2}
	return s, s.write(m)
}
