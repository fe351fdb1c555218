package journal

import (
	"errors"
	"io/fs"
	"math"
	"slices"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// diskReader reads the samples of the segments in order, for one sink.
type diskReader struct {
	decoder
	j      *Journal
	c      *cursor
	groups map[uint64]*mapping.Group

	seg      *segment // nil: none is open
	f        file
	s        scanner
	seen     int64 // how much of the damage of s was reported
	held     found // read and not yet passed
	has      bool  // that there is one
	why      Reason
	err      error    // that is not the data's fault
	warned   bool     // of such an error
	patience patience // with seg

	// Of the segment before this one:
	from   sinks.Pos // where it was followed by this one
	behind sinks.Pos // behind its last sample
	broken bool      // not all of it could be read

	searched *segment  // for which search has looked everywhere
	bytes    int64     // looked at since read was called
	at       sinks.Pos // where read stopped

	// As the journal had it at the last refresh:
	bound     sinks.Pos // where the next segment begins
	tailFirst sinks.Pos
	visible   sinks.Pos // sinks see what is before it
	losses    []loss
}

// peek is the next intact record of samples that ends behind p, or false at the end of what is written.
func (d *diskReader) peek(p sinks.Pos) (found, bool) {
	for {
		if d.has && d.held.end() > p {
			return d.held, true
		}
		d.has = false
		if d.seg == nil {
			if !d.open(max(p, d.from)) {
				return found{}, false
			}
			continue
		}
		if d.s.end >= d.bound {
			d.leave(p)
			continue
		}
		from := d.s.off
		rec, ok := d.s.next()
		d.bytes += d.s.off - from
		d.report()
		if d.err = d.s.err; d.err != nil {
			return found{}, false
		}
		switch {
		case !ok && d.refresh(): // more was written
		case !ok && d.bound == math.MaxUint64:
			return found{}, false
		case !ok || rec.typ == typeSamples && rec.pos >= d.bound:
			d.leave(p)
		case rec.typ == typeSegment:
			d.enter(rec.payload)
		case rec.defines():
			d.define(rec)
		case rec.typ == typeSamples:
			d.held, d.has = rec, true
		}
	}
}

// leave goes on to the next segment, when the reading of this one has come to p.
func (d *diskReader) leave(p sinks.Pos) {
	d.from, d.behind, d.broken = d.bound, d.s.end, p < d.s.end
	if d.broken || d.behind < d.bound {
		d.why = LostDamage
	}
	d.close()
}

// enter looks at the head of a segment: when all that was written before it has been read, then what lies between was
// never written.
func (d *diskReader) enter(payload []byte) {
	if h, err := parseHead(payload); err == nil && !d.broken && h.prev <= d.behind {
		d.why = LostUnwritten
	}
}

// define notes a group; one that is in use keeps its pointer.
func (d *diskReader) define(rec found) {
	id, err := groupID(rec.payload)
	if err != nil || d.groups[id] != nil {
		return
	}
	d.j.mu.Lock()
	g := d.j.files.known[id].Value()
	d.j.mu.Unlock()
	if g == nil {
		if g, err = parseGroup(rec.typ, rec.payload); err != nil {
			return
		}
	}
	d.groups[id] = g
}

// search looks for a group whose definition is damaged in the segments around, as one lost definition must not cost all
// samples of its group. It does so once a segment, and remembers all groups that it finds.
func (d *diskReader) search(id uint64) *mapping.Group {
	if d.searched == d.seg {
		return nil
	}
	d.j.mu.Lock()
	all := slices.Clone(d.j.files.segments)
	d.j.mu.Unlock()
	for _, s := range all {
		if d.err = d.defineAll(s); d.err != nil {
			return nil
		}
	}
	d.searched = d.seg
	return d.groups[id]
}

// defineAll notes the groups that s defines.
func (d *diskReader) defineAll(s *segment) error {
	file, err := d.j.files.folder.Open(s.name())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	size, err := file.Size()
	if err != nil {
		return err
	}
	scan := scanner{w: window{f: file, limit: size}, giveUp: d.s.giveUp}
	for rec, ok := scan.next(); ok; rec, ok = scan.next() {
		if rec.defines() {
			d.define(rec)
		}
	}
	return scan.err
}

// open opens the segment that holds p.
func (d *diskReader) open(p sinks.Pos) bool {
	d.j.mu.Lock()
	f := d.j.files
	i := f.find(p)
	if i < 0 {
		d.tailFirst, d.visible = d.j.tail.first(), d.j.visible
		d.j.mu.Unlock()
		return false
	}
	d.seg = f.segments[i]
	d.j.mu.Unlock()
	var err error
	d.f, err = f.folder.Open(d.seg.name())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		d.seg, d.err = nil, err
		return false
	}
	d.s, d.seen = scanner{w: window{f: d.f, buf: d.s.w.buf[:0]}}, 0
	if err != nil {
		d.f, d.s.w.f = missing{}, missing{}
		d.why = LostDamage
		noteDamage(d.j, d.seg, 0, 0)
	}
	d.warned = false
	d.refresh()
	return true
}

// refresh looks up what has come of the segment, and reports whether there is more of it to be read.
func (d *diskReader) refresh() bool {
	j := d.j
	j.mu.Lock()
	defer j.mu.Unlock()
	d.tailFirst, d.visible = j.tail.first(), j.visible
	d.losses = append(d.losses[:0], d.c.losses...)
	if d.seg == nil {
		return false
	}
	i := slices.Index(j.files.segments, d.seg)
	if i < 0 { // given up, or written again
		d.close()
		return true
	}
	d.bound = math.MaxUint64
	if i+1 < len(j.files.segments) {
		d.bound = j.files.segments[i+1].first
	}
	more := d.seg.size > d.s.w.limit
	d.s.w.limit = d.seg.size
	return more
}

func (d *diskReader) close() {
	if d.seg != nil {
		d.f.Close()
	}
	d.seg, d.f, d.has = nil, nil, false
}

// report tells of damage that was not seen before.
func (d *diskReader) report() {
	if d.s.skipped > d.seen {
		d.why = LostDamage
		noteDamage(d.j, d.seg, d.s.off, d.s.skipped-d.seen)
		d.seen = d.s.skipped
	}
}

// missing is a file that is not there.
type missing struct{ file }

func (missing) ReadAt([]byte, int64) (int, error) { return 0, fs.ErrNotExist }

func (missing) Close() error { return nil }

// noteDamage notes damage in a segment of j, before off, and logs the first of it.
func noteDamage(j *Journal, s *segment, off, bytes int64) {
	j.mu.Lock()
	known := s.damaged
	s.damaged = true
	j.mu.Unlock()
	if !known {
		j.o.Log.Error("journal segment is damaged", "file", s.name(), "before", off, "bytes", bytes)
	}
}
