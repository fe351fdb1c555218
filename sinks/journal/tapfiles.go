package journal

import (
	"bytes"
	"errors"
	"io/fs"
	"math"
	"slices"

	"tagbridge/sinks"
)

// tapFiles is a Tap's reading of segments.
type tapFiles struct {
	seg      *segment // nil: none is open
	f        file
	s        scanner
	bound    sinks.Pos         // where the next segment begins
	defs     map[uint64][]byte // the records that define groups, which were met in this segment
	seen     int64             // how much of the damage of s was reported
	why      Reason            // why what is missing before the next record is
	from     sinks.Pos         // the segments before it were read
	patience patience
}

func (r *tapFiles) close() {
	if r.seg != nil {
		r.f.Close()
	}
	r.seg, r.f, r.defs = nil, nil, nil
}

// readFiles reads from segments, from the position on. What it finds damaged is passed over, and so are positions that no file has.
func (t *Tap) readFiles(s *Stretch, most int) error {
	j, r := t.j, &t.files
	j.files.reading.RLock()
	defer j.files.reading.RUnlock()
	looked := int64(0)
	visible, first := t.refresh()
	for looked < lookBytes {
		if r.seg == nil {
			ok, err := t.open()
			if err != nil {
				return err
			}
			if !ok {
				t.nothing(s, first)
				return nil
			}
			continue
		}
		at := r.s.off
		end := r.s.end
		rec, ok := r.s.next()
		looked += r.s.off - at
		if r.s.skipped > r.seen {
			noteDamage(j, r.seg, r.s.off, r.s.skipped-r.seen)
			r.seen, r.why = r.s.skipped, LostDamage
		}
		switch {
		case r.s.err != nil:
			return t.unreadable(r.s.err)
		case !ok:
			if more, last := t.more(); more {
				continue
			} else if last {
				t.nothing(s, first)
				return nil
			}
			r.leave()
		case rec.typ == typeSamples && rec.pos >= r.bound:
			r.leave()
		case rec.defines():
			if id, ok := groupOf(rec.payload); ok {
				r.defs[id] = bytes.Clone(r.s.w.at(rec.off, headerSize+rec.size))
			}
		case rec.typ == typeSamples && rec.end() > t.pos:
			if rec.end() > visible || rec.pos > t.pos && len(t.out) > 0 {
				r.s.off, r.s.end = rec.off, end // comes again
				if rec.end() > visible {
					t.nothing(s, first)
				}
				return nil
			}
			if rec.pos > t.pos {
				t.lost(s, rec.pos, r.why)
			}
			r.why = LostUnwritten
			if !t.addRead(s, rec, most) {
				r.s.off, r.s.end = rec.off, end
				return nil
			}
		}
	}
	return nil
}

// nothing is when files have nothing more: what is missing before what is in memory no file has.
func (t *Tap) nothing(s *Stretch, first sinks.Pos) {
	if len(t.out) == 0 && s.Lost == 0 && t.pos < first {
		t.lost(s, first, t.files.why)
	}
}

// leave goes on to the next segment.
func (r *tapFiles) leave() {
	r.from = r.bound
	r.close()
}

// addRead is add with a record from a file.
func (t *Tap) addRead(s *Stretch, rec found, most int) bool {
	r := &t.files
	id, _ := groupOf(rec.payload)
	define := func(dst []byte, p sinks.Pos) ([]byte, bool) {
		if def, ok := r.defs[id]; ok {
			return append(dst, def...), true
		}
		t.j.mu.Lock()
		g := t.j.files.known[id].Value()
		t.j.mu.Unlock()
		if g == nil {
			return dst, false
		}
		def, err := appendDefinitionRecord(dst, g, p)
		return def, err == nil
	}
	return t.add(s, r.s.w.at(rec.off, headerSize+rec.size), id, define, most)
}

// open opens the segment that has the position; false: there is none.
func (t *Tap) open() (bool, error) {
	j, r := t.j, &t.files
	j.mu.Lock()
	at := max(t.pos, r.from)
	i := j.files.find(at)
	if i < 0 || j.files.end(i) <= at {
		j.mu.Unlock()
		return false, nil
	}
	seg := j.files.segments[i]
	if t.pos < j.files.segments[0].first {
		r.why = LostSize
	}
	j.mu.Unlock()
	f, err := j.files.folder.Open(seg.name())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	r.seg, r.f, r.defs, r.seen = seg, f, make(map[uint64][]byte), 0
	if err != nil {
		r.f, r.why = missing{}, LostDamage
	}
	r.s = scanner{w: window{f: r.f, buf: r.s.w.buf[:0]}}
	r.s.wants = func(h header, _ []byte) bool { return h.typ != typeSamples || h.end() > t.pos }
	t.refresh()
	return true, nil
}

// end is where segment i ends, as far as that is written.
func (f *files) end(i int) sinks.Pos {
	if i+1 < len(f.segments) {
		return f.segments[i+1].first
	}
	return max(f.segments[i].end, f.written)
}

// refresh looks up what has come of the segment that is open, and what sinks can see, and where memory begins.
func (t *Tap) refresh() (visible, first sinks.Pos) {
	j, r := t.j, &t.files
	j.mu.Lock()
	defer j.mu.Unlock()
	visible, first = j.visible, min(j.tail.first(), j.visible)
	if r.seg == nil {
		return visible, first
	}
	i := slices.Index(j.files.segments, r.seg)
	if i < 0 { // given up, or written again
		r.close()
		return visible, first
	}
	r.bound = math.MaxUint64
	if i+1 < len(j.files.segments) {
		r.bound = j.files.segments[i+1].first
	}
	r.s.w.limit = r.seg.size
	return visible, first
}

// more looks whether more of the segment was written, or whether it is the last one.
func (t *Tap) more() (more, last bool) {
	r := &t.files
	limit := r.s.w.limit
	t.refresh()
	if r.seg == nil {
		return true, false
	}
	return r.s.w.limit > limit, r.bound == math.MaxUint64
}

// unreadable is what to say of a segment that cannot be read now. After a while it counts as damage.
func (t *Tap) unreadable(err error) error {
	r := &t.files
	if r.patience.over(r.seg) && headReadable(r.f) {
		r.s.giveUp = true
	}
	return err
}
