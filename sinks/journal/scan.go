package journal

import (
	"bytes"
	"errors"
	"io"
	"io/fs"

	"tagbridge/sinks"
)

// windowSize is how much a window reads at a time; larger records make it larger for a while.
const windowSize = 256 << 10

// window is a sequential view on a file.
type window struct {
	f     io.ReaderAt
	limit int64 // nothing from here on is read: it may still change
	buf   []byte
	base  int64 // where in the file buf begins
	err   error // why at returned less than there is, unless the file just ends
}

// at returns up to n bytes from off on: fewer where the file ends or cannot be read. They are valid until the next call.
func (w *window) at(off int64, n int) []byte {
	if from := off - w.base; from < 0 || from+int64(n) > int64(len(w.buf)) {
		want := int(min(int64(max(n, windowSize)), w.limit-off))
		if cap(w.buf) < want || cap(w.buf) > 4*windowSize && want < cap(w.buf) {
			w.buf = make([]byte, want)
		}
		got, err := w.f.ReadAt(w.buf[:want], off)
		w.buf, w.base = w.buf[:got], off
		if got < min(n, want) && err != nil && !isContent(err) {
			w.err = err
		}
	}
	b := w.buf[off-w.base:]
	return b[:min(n, len(b))]
}

// isContent reports that err of reading says something about what is in the file, and not about the disk: a file that
// is shorter than it was, or gone, stays so.
func isContent(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, fs.ErrNotExist) }

// scanner reads the intact records of one segment in their order.
type scanner struct {
	w       window
	off     int64     // where it is
	end     sinks.Pos // behind all samples whose header was intact
	skipped int64     // bytes of damage so far
	err     error     // why next returned false before the end: the disk could not be read; next tries again
	giveUp  bool      // what cannot be read counts as damage
	// wants, when it is set, is asked of each record whose header is intact, with the first bytes of its payload, sampleHead
	// at most. One that it does not want is passed over: its payload is neither read nor checked.
	wants func(h header, head []byte) bool
}

// found is an intact record.
type found struct {
	header
	off     int64
	payload []byte // valid until the next one
}

// next returns the next intact record, or false at the end of the segment. What is not intact is skipped: that is
// seen by skipped, and the samples lost by the position of the next record. A read that fails is no damage: next
// returns false, and err says why.
func (s *scanner) next() (found, bool) {
	s.err = nil
	for s.w.limit-s.off >= headerSize {
		b := s.w.at(s.off, headerSize)
		if s.failed() {
			return found{}, false
		}
		h, err := parseHeader(b)
		if err != nil || h.pos < s.end || s.off+int64(headerSize+h.size) > s.w.limit {
			if !s.search() {
				return found{}, false
			}
			continue
		}
		if s.wants != nil {
			b = s.w.at(s.off, headerSize+min(h.size, sampleHead))
			if s.failed() {
				return found{}, false
			}
			if len(b) >= headerSize && !s.wants(h, b[headerSize:]) {
				s.off += int64(headerSize + h.size)
				s.end = h.end()
				continue
			}
		}
		b = s.w.at(s.off, headerSize+h.size)
		if s.failed() {
			return found{}, false
		}
		at := s.off
		s.off += int64(headerSize + h.size)
		s.end = h.end()
		payload, err := h.payload(b)
		if err != nil {
			s.skipped += int64(headerSize + h.size)
			continue
		}
		return found{header: h, off: at, payload: payload}, true
	}
	s.skipped += s.w.limit - s.off
	s.off = s.w.limit
	return found{}, false
}

// failed reports that the window could not be filled, unless that is to count as damage.
func (s *scanner) failed() bool {
	err := s.w.err
	s.w.err = nil
	if err == nil || s.giveUp {
		return false
	}
	s.err = err
	return true
}

// search moves on to the next byte that could begin a record. It reports false when the disk cannot be read.
func (s *scanner) search() bool {
	from := s.off
	defer func() { s.skipped += s.off - from }()
	for s.off++; s.off < s.w.limit; {
		b := s.w.at(s.off, int(min(windowSize, s.w.limit-s.off)))
		if len(b) == 0 {
			if s.failed() {
				return false
			}
			s.off = min(s.w.limit, (s.off|(blockSize-1))+1) // behind the bad block
			continue
		}
		s.w.err = nil // it comes again when the search has come to it
		if i := bytes.IndexByte(b, magic); i >= 0 {
			s.off += int64(i)
			break
		}
		s.off += int64(len(b))
	}
	return true
}

// blockSize is how much at least cannot be read when a part of it cannot.
const blockSize = 4096
