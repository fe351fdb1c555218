package journal

import (
	"bytes"
	"io"

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
}

// at returns up to n bytes from off on: fewer where the file ends or cannot be read. They are valid until the next call.
func (w *window) at(off int64, n int) []byte {
	if from := off - w.base; from < 0 || from+int64(n) > int64(len(w.buf)) {
		want := int(min(int64(max(n, windowSize)), w.limit-off))
		if cap(w.buf) < want || cap(w.buf) > 4*windowSize && want < cap(w.buf) {
			w.buf = make([]byte, want)
		}
		got, _ := w.f.ReadAt(w.buf[:want], off)
		w.buf, w.base = w.buf[:got], off
	}
	b := w.buf[off-w.base:]
	return b[:min(n, len(b))]
}

// scanner reads the intact records of one segment in their order.
type scanner struct {
	w       window
	off     int64     // where it is
	end     sinks.Pos // behind all samples whose header was intact
	skipped int64     // bytes of damage so far
}

// found is an intact record.
type found struct {
	header
	off     int64
	payload []byte // valid until the next one
}

// next returns the next intact record, or false at the end of the segment. What is not intact is skipped: that is
// seen by skipped, and the samples lost by the position of the next record.
func (s *scanner) next() (found, bool) {
	for s.w.limit-s.off >= headerSize {
		h, err := parseHeader(s.w.at(s.off, headerSize))
		if err != nil || h.pos < s.end || s.off+int64(headerSize+h.size) > s.w.limit {
			s.search()
			continue
		}
		at := s.off
		s.off += int64(headerSize + h.size)
		s.end = h.end()
		payload, err := h.payload(s.w.at(at, headerSize+h.size))
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

// search moves on to the next byte that could begin a record.
func (s *scanner) search() {
	from := s.off
	for s.off++; s.off < s.w.limit; {
		b := s.w.at(s.off, int(min(windowSize, s.w.limit-s.off)))
		if len(b) == 0 { // cannot be read: try behind the bad block
			s.off = min(s.w.limit, (s.off|4095)+1)
			continue
		}
		if i := bytes.IndexByte(b, magic); i >= 0 {
			s.off += int64(i)
			break
		}
		s.off += int64(len(b))
	}
	s.skipped += s.off - from
}
