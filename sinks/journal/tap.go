package journal

import (
	"context"
	"encoding/binary"
	"time"

	"tagbridge/sinks"
)

// Tap reads the log as it lies, for those who keep a copy of it elsewhere: whole records, which a Decoder reads. Nothing is decoded. Like
// a follower it has no place in the log, and holds nothing back: what all sinks have, or the limits take, may go before it
// has read it. What it reads is taken: it never gets another position. It is for one goroutine at a time.
type Tap struct {
	j       *Journal
	pos     sinks.Pos
	defined map[uint64]struct{} // groups that were defined since Afresh
	out     []byte
	spans   []span
	files   tapFiles
	closed  bool
}

// Stretch is records that lie one after the other.
type Stretch struct {
	Records []byte // valid until the next one
	// From and To are the positions of their samples. From is before where the Tap was when that is within a record.
	From, To sinks.Pos
	// Lost is how many positions before From are not there any more, for the reason Why.
	Lost uint64
	Why  Reason
	// Undefined is how many records there are whose groups are defined nowhere.
	Undefined int
}

// TapQuery says what Next of a Tap waits for, and how much it takes.
type TapQuery struct {
	Flush   time.Duration // how long to wait for more after the first sample was appended
	Samples int           // return at once when this many are there; 0: 8192
	Bytes   int           // at most, but for a single record that is larger; 0: 128 KiB
}

// Tap makes one that begins at p, or at the end when that is before p. Close ends it.
func (j *Journal) Tap(p sinks.Pos) *Tap {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.followers++
	return &Tap{j: j, pos: min(p, j.visible), defined: make(map[uint64]struct{}), files: tapFiles{why: LostUnwritten}}
}

// Afresh has the definitions of groups come again, each before the next samples of its group.
func (t *Tap) Afresh() { clear(t.defined) }

// Position is the position after what was read.
func (t *Tap) Position() sinks.Pos { return t.pos }

// Seek goes on at p, forward or back.
func (t *Tap) Seek(p sinks.Pos) {
	t.j.mu.Lock()
	t.pos = min(p, t.j.visible)
	t.j.mu.Unlock()
	t.files.close()
	t.files.from, t.files.why = 0, LostUnwritten
}

// Close ends it. No call of Next is under way, or comes later.
func (t *Tap) Close() {
	t.files.close()
	t.j.mu.Lock()
	defer t.j.mu.Unlock()
	if !t.closed {
		t.closed = true
		t.j.followers--
	}
}

// Next returns the next records that sinks can see by now. It waits for the first, and returns ctx's error when that ends. With a Stretch
// without records, positions are gone. After another error it may be called again: what was to be read could not be.
func (t *Tap) Next(ctx context.Context, q TapQuery) (Stretch, error) {
	if q.Samples <= 0 {
		q.Samples = 8192
	}
	if q.Bytes <= 0 {
		q.Bytes = 128 << 10
	}
	if cap(t.out) > 4*q.Bytes {
		t.out = nil // of one that was huge
	}
	for {
		if err := t.j.wait(ctx, t.pos, sinks.Query{Max: q.Samples, Flush: max(q.Flush, time.Nanosecond)}); err != nil {
			return Stretch{}, err
		}
		s := Stretch{From: t.pos, To: t.pos}
		t.out = t.out[:0]
		err := t.read(&s, q.Bytes)
		s.Records = t.out
		if len(s.Records) > 0 || s.Lost > 0 || err != nil {
			return s, err
		}
		if err := ctx.Err(); err != nil {
			return Stretch{}, err
		}
	}
}

// read reads from memory, or from files what is not there any more.
func (t *Tap) read(s *Stretch, most int) error {
	inMemory, err := t.hold(s, most)
	if err != nil || s.Lost > 0 {
		return err
	}
	if !inMemory {
		return t.readFiles(s, most)
	}
	t.files.close()
	t.files.from, t.files.why = 0, LostUnwritten
	t.copySpans(s, most)
	t.j.mu.Lock()
	defer t.j.mu.Unlock()
	for i := range t.spans {
		t.spans[i].c.held--
	}
	clear(t.spans)
	return nil
}

// hold takes hold of what is in memory from the position on, as a follower does. It reports false when that is in files.
func (t *Tap) hold(s *Stretch, most int) (bool, error) {
	j := t.j
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return false, ErrClosed
	}
	first := min(j.tail.first(), j.visible)
	if t.pos < first {
		if j.files != nil {
			return false, nil
		}
		t.lost(s, first, LostMemory)
		return true, nil
	}
	t.spans = j.tail.spans(t.spans[:0], t.pos, j.visible, most/chunkSize+2)
	for i := range t.spans {
		t.spans[i].c.held++
	}
	return true, nil
}

// lost moves on to p over what is gone.
func (t *Tap) lost(s *Stretch, p sinks.Pos, why Reason) {
	s.Lost += uint64(p - t.pos)
	s.Why, s.From, s.To, t.pos = why, p, p, p
}

func (t *Tap) copySpans(s *Stretch, most int) {
	for k := range t.spans {
		span := &t.spans[k]
		for i := range span.recs {
			g := span.recs[i].group
			define := func(dst []byte, p sinks.Pos) ([]byte, bool) {
				def, err := appendDefinitionRecord(dst, g, p)
				return def, err == nil
			}
			if !t.add(s, span.record(i), g.ID, define, most) {
				return
			}
		}
	}
}

// add appends a record of samples of that group, after the definition of that if it is needed. It reports false when there is no
// room for it.
func (t *Tap) add(s *Stretch, record []byte, group uint64, define func([]byte, sinks.Pos) ([]byte, bool), most int) bool {
	h := peek(record)
	if _, ok := t.defined[group]; !ok {
		before := len(t.out)
		out, ok := define(t.out, h.pos)
		if !ok {
			s.Undefined++ // its samples come all the same
		}
		if before > 0 && len(out) > most {
			t.out = out[:before]
			return false
		}
		t.out, t.defined[group] = out, struct{}{}
	}
	if len(t.out) > 0 && len(t.out)+len(record) > most {
		return false
	}
	if s.To == t.pos && s.From == t.pos {
		s.From = min(s.From, h.pos)
	}
	t.out = append(t.out, record...)
	t.pos, s.To = h.end(), h.end()
	return true
}

// groupOf is the group of a record of samples or of a definition; false: there is no room for one.
func groupOf(payload []byte) (uint64, bool) {
	if len(payload) < 8 {
		return 0, false
	}
	return binary.LittleEndian.Uint64(payload), true
}
