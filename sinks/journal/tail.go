package journal

import (
	"slices"
	"sort"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

const (
	chunkSize   = 64 << 10
	spareChunks = 8
)

// chunk is a piece of the tail. Its buffer grows within its capacity only: bytes once published neither move nor
// change, so that whoever pinned the chunk under the journal's lock reads them outside of it.
type chunk struct {
	buf  []byte
	recs []rec
	gone int // so many records from the front are given up
	pins int // readers inside: the chunk is neither given up nor reused
	held int // the writer inside: the chunk is not reused
}

// rec is one record of a chunk.
type rec struct {
	group *mapping.Group
	off   int
}

func (c *chunk) header(i int) header { return peek(c.buf[c.recs[i].off:]) }

// from is where in the buffer record i begins, or the buffer ends.
func (c *chunk) from(i int) int {
	if i < len(c.recs) {
		return c.recs[i].off
	}
	return len(c.buf)
}

func (c *chunk) end() sinks.Pos { return c.header(len(c.recs) - 1).end() }

// find is the first record that ends behind p.
func (c *chunk) find(p sinks.Pos) int {
	return sort.Search(len(c.recs), func(i int) bool { return c.header(i).end() > p })
}

// tail is the newest records in memory. Its methods are called under the journal's lock.
type tail struct {
	chunks []*chunk // oldest first, each with at least one record; the last one is being filled
	spare  []*chunk // to be used again
	bytes  int      // of the records held
	end    sinks.Pos
}

// first is the position of the oldest sample held, or the end.
func (t *tail) first() sinks.Pos {
	if len(t.chunks) == 0 {
		return t.end
	}
	c := t.chunks[0]
	return c.header(c.gone).pos
}

// fits reports whether a record of that size needs no new chunk.
func (t *tail) fits(size int) bool {
	n := len(t.chunks)
	return n > 0 && len(t.chunks[n-1].buf)+size <= cap(t.chunks[n-1].buf)
}

// push copies a record in, at the end's position.
func (t *tail) push(g *mapping.Group, record []byte, samples int) {
	if !t.fits(len(record)) {
		t.chunks = append(t.chunks, t.chunk(len(record)))
	}
	c := t.chunks[len(t.chunks)-1]
	off := len(c.buf)
	c.buf = append(c.buf, record...)
	place(c.buf[off:off+headerSize], t.end)
	c.recs = append(c.recs, rec{group: g, off: off})
	t.bytes += len(record)
	t.end += sinks.Pos(samples)
}

// chunk is an empty chunk with room for a record of that size.
func (t *tail) chunk(size int) *chunk {
	if n := len(t.spare); n > 0 && size <= chunkSize {
		c := t.spare[n-1]
		t.spare = t.spare[:n-1]
		return c
	}
	return &chunk{buf: make([]byte, 0, max(size, chunkSize))}
}

// release lets go of the oldest chunks, as long as they hold nothing from p on and more than keep bytes are held.
func (t *tail) release(p sinks.Pos, keep int) {
	n, left := 0, t.bytes
	for n < len(t.chunks) && t.chunks[n].end() <= p && left > keep {
		c := t.chunks[n]
		left -= len(c.buf) - c.from(c.gone)
		n++
	}
	for _, c := range t.chunks[:n] {
		t.reuse(c)
	}
	t.bytes = left
	t.chunks = slices.Delete(t.chunks, 0, n)
}

// drop gives up the oldest record.
func (t *tail) drop() {
	c := t.chunks[0]
	t.bytes -= c.from(c.gone+1) - c.from(c.gone)
	if c.gone++; c.gone == len(c.recs) {
		t.reuse(c)
		t.chunks = slices.Delete(t.chunks, 0, 1)
	}
}

func (t *tail) reuse(c *chunk) {
	if c.pins > 0 || c.held > 0 || cap(c.buf) != chunkSize || len(t.spare) == spareChunks {
		return
	}
	clear(c.recs) // their groups may be gone
	c.buf, c.recs, c.gone = c.buf[:0], c.recs[:0], 0
	t.spare = append(t.spare, c)
}

// span is records of one chunk as they were when it was taken.
type span struct {
	c    *chunk
	buf  []byte
	recs []rec
}

func (s *span) header(i int) header { return peek(s.buf[s.recs[i].off:]) }

func (s *span) entry(i int) entry {
	record := s.record(i)
	return entry{header: peek(record), payload: record[headerSize:], group: s.recs[i].group}
}

// record is the bytes of record i, whole.
func (s *span) record(i int) []byte {
	b := s.buf[s.recs[i].off:]
	return b[:headerSize+peek(b).size]
}

// spans appends the records between two positions to dst, of so many chunks at most.
func (t *tail) spans(dst []span, from, to sinks.Pos, most int) []span {
	at := sort.Search(len(t.chunks), func(i int) bool { return t.chunks[i].end() > from })
	for _, c := range t.chunks[at:] {
		lo, hi := max(c.find(from), c.gone), c.find(to)
		if lo >= hi || most == 0 {
			break
		}
		dst = append(dst, span{c: c, buf: c.buf, recs: c.recs[lo:hi]})
		most--
	}
	return dst
}

func pin(spans []span) {
	for i := range spans {
		spans[i].c.pins++
	}
}

func unpin(spans []span) {
	for i := range spans {
		spans[i].c.pins--
	}
	clear(spans)
}

// bytesFrom is how many bytes of records end behind p.
func (t *tail) bytesFrom(p sinks.Pos) int {
	n := 0
	for i := len(t.chunks) - 1; i >= 0; i-- {
		c := t.chunks[i]
		n += len(c.buf) - c.from(max(c.find(p), c.gone))
		if c.header(0).pos <= p {
			break
		}
	}
	return n
}

// at is the oldest record held that ends behind p, or nil.
func (t *tail) at(p sinks.Pos) []byte {
	i := sort.Search(len(t.chunks), func(i int) bool { return t.chunks[i].end() > p })
	if i == len(t.chunks) {
		return nil
	}
	c := t.chunks[i]
	return c.buf[c.recs[max(c.find(p), c.gone)].off:]
}
