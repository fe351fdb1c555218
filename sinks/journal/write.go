package journal

import (
	"errors"
	"slices"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// holdChunks is how many chunks the writer takes from the tail at a time.
const holdChunks = 8

// flush writes what no file has yet. A failure leaves it in the tail, for the next attempt.
func (j disk) flush() {
	f := j.files
	f.writing.Lock()
	defer f.writing.Unlock()
	for j.hold() {
		var err error
		for i := range f.w.spans {
			if err = j.writeWithRoom(&f.w.spans[i]); err != nil {
				break
			}
		}
		j.mu.Lock()
		for i := range f.w.spans {
			f.w.spans[i].c.held--
		}
		j.mu.Unlock()
		if err != nil {
			j.degrade(err)
			return
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if f.failing {
		f.timer.Reset(f.retry)
	}
	if s, _, _ := j.surplus(); s != nil {
		j.rouse()
	}
}

// hold takes what is to be written next from the tail, and reports whether that is anything.
func (j disk) hold() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	f := j.files
	f.scheduled = false
	if f.abandon {
		f.startAgain(j.tail.first())
	}
	clear(f.w.spans)
	f.w.spans = j.tail.spans(f.w.spans[:0], max(f.written, j.tail.first()), j.tail.end, holdChunks)
	for i := range f.w.spans {
		f.w.spans[i].c.held++
	}
	return len(f.w.spans) > 0
}

// startAgain gives up the live segment, as its last sync failed: the system may have thrown away what it could not
// write, and says so once only. What is left of it in memory, from first on, is written again to a new one.
func (f *files) startAgain(first sinks.Pos) {
	f.abandon = false
	f.written = min(f.written, max(f.synced, first))
	f.w.prev = f.written
	if f.live != nil {
		f.live.f.Close()
		f.live.f, f.live.dirty, f.live = nil, false, nil
	}
	for n := len(f.segments); n > 0 && f.segments[n-1].first >= f.written; n-- {
		s := f.segments[n-1]
		if s.f != nil {
			s.f.Close()
			s.f, s.dirty = nil, false
		}
		f.superseded = append(f.superseded, s)
		f.segments = f.segments[:n-1]
	}
}

// writeSpan writes the records of s to the live segment, behind the definitions of groups that it does not have yet.
func (j disk) writeSpan(s *span) error {
	f, w := j.files, &j.files.w
	if err := j.segmentFor(s.header(0).pos); err != nil {
		return err
	}
	w.buf, w.fresh = w.buf[:0], w.fresh[:0]
	definitions := w.bytes
	for i := range s.recs {
		if g := s.recs[i].group; w.isNew(g) {
			if err := w.define(g, s.header(i).pos); err != nil {
				j.o.Log.Error("samples cannot be kept on disk", "err", err)
			}
			j.mu.Lock()
			f.know(g)
			j.mu.Unlock()
		}
		w.buf = append(w.buf, s.record(i)...)
	}
	if _, err := f.live.f.WriteAt(w.buf, f.live.size); err != nil {
		for _, id := range w.fresh {
			delete(w.defined, id)
		}
		w.bytes = definitions
		return err
	}
	end := s.header(len(s.recs) - 1).end()
	j.mu.Lock()
	f.live.size += int64(len(w.buf))
	f.live.end, f.live.dirty = end, true
	f.written, w.prev, f.wroteAgain = end, end, true
	if j.o.Sync > 0 {
		j.publish(end)
	}
	j.mu.Unlock()
	if cap(w.buf) > 8*chunkSize {
		w.buf = nil
	}
	f.signal()
	return nil
}

func (w *writer) isNew(g *mapping.Group) bool {
	_, ok := w.defined[g.ID]
	return !ok
}

// define appends the record that defines g. The error is about a group that cannot be defined: its samples are written
// all the same, and come as long as they are in memory.
func (w *writer) define(g *mapping.Group, p sinks.Pos) error {
	w.defined[g.ID] = struct{}{}
	w.fresh = append(w.fresh, g.ID)
	at := len(w.buf)
	record, err := appendDefinitionRecord(w.buf, g, p)
	if err != nil {
		return err
	}
	w.buf = record
	w.bytes += int64(len(w.buf) - at)
	return nil
}

// appendDefinitionRecord appends the record that defines g, before samples at p.
func appendDefinitionRecord(dst []byte, g *mapping.Group, p sinks.Pos) ([]byte, error) {
	at := len(dst)
	record, typ, err := appendDefinition(append(dst, make([]byte, headerSize)...), g)
	if err != nil {
		return dst, err
	}
	seal(record[at:], typ, 0)
	place(record[at:], p)
	return record, nil
}

// segmentFor sees to it that there is a live segment, for a record at p.
func (j disk) segmentFor(p sinks.Pos) error {
	f := j.files
	j.mu.Lock()
	full := f.live == nil || f.full(f.live, f.w.bytes)
	j.mu.Unlock()
	if !full {
		return nil
	}
	if err := j.dropSuperseded(); err != nil {
		return err
	}
	f.w.number++ // also when this fails: what is left of it is then older than what comes next
	now := time.Now()
	s := &segment{number: f.w.number, first: p, end: p, created: now, born: now, dirty: true}
	var err error
	if s.f, err = f.folder.Create(s.name()); err != nil {
		return err
	}
	b := s.appendHead(nil, f.w.prev)
	if _, err := s.f.WriteAt(b, 0); err != nil {
		return errors.Join(err, s.f.Close(), f.folder.Remove(s.name()))
	}
	s.size = int64(len(b))
	f.w.defined, f.w.bytes = make(map[uint64]struct{}), 0
	j.mu.Lock()
	defer j.mu.Unlock()
	f.segments, f.live, f.folderDirty = append(f.segments, s), s, true
	select {
	case f.rolled <- struct{}{}:
	default:
	}
	return nil
}

// dropSuperseded removes segments written again, but for the newest two, when syncing goes on failing.
func (j disk) dropSuperseded() error {
	j.mu.Lock()
	f := j.files
	var gone []*segment
	if n := len(f.superseded) - 2; n > 0 {
		gone = slices.Clone(f.superseded[:n])
		f.superseded = slices.Delete(f.superseded, 0, n)
	}
	j.mu.Unlock()
	for _, s := range gone {
		if err := f.remove(s); err != nil {
			return err
		}
	}
	return nil
}

// signal says that there is something to sync.
func (f *files) signal() {
	select {
	case f.dirtied <- struct{}{}:
	default:
	}
}

// degrade goes over to serving the sinks from the tail, for as long as nothing can be written, and tries again later.
func (j disk) degrade(err error) {
	j.mu.Lock()
	f := j.files
	began := !f.failing
	f.failing, f.why, f.wroteAgain = true, err, false
	if f.since.IsZero() {
		f.since = time.Now()
	}
	f.retry = min(max(2*f.retry, retryFirst), retryMost)
	f.timer.Reset(f.retry)
	j.publish(j.tail.end)
	j.mu.Unlock()
	if began {
		j.o.Log.Error("journal cannot write, samples stay in memory", "err", err, "event", "journal-failing")
	}
}
