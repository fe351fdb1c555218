package replica

import (
	"sync"
	"time"

	"tagbridge/sinks"
)

// State is how far the copy is.
type State struct {
	Stream string    // its name
	Copied sinks.Pos // the stream has acknowledged what is before it
	End    sinks.Pos // of the journal
	Behind uint64    // samples of the journal that are not copied, and that some sink still needs
	// Age is about how long ago the oldest of them was taken; 0: there is none.
	Age     time.Duration
	Error   string            // why it does not get on; "": it does
	Since   time.Time         // since when that is so; zero: it did not get on yet, and nothing was wrong
	Samples uint64            // copied since the start
	Bytes   uint64            // that they took
	Missed  map[string]uint64 // samples that could not be copied, by reason, since the start
	Cursors string            // why the places of sinks are not kept; "": they are
}

// board is what State is made of.
type board struct {
	mu      sync.Mutex
	copied  sinks.Pos
	known   bool // copied is
	err     string
	since   time.Time
	samples uint64
	bytes   uint64
	missed  map[string]uint64
	cursors string
	marks   []timeMark
}

// timeMark is where the journal ended at one time.
type timeMark struct {
	end sinks.Pos
	at  time.Time
}

// mostMarks bounds how well it is known when something was taken that was not copied for long.
const mostMarks = 256

// mark takes note of where the journal ends now.
func (b *board) mark(end sinks.Pos, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forget(b.copied)
	if n := len(b.marks); n > 0 && b.marks[n-1].end >= end || b.known && end <= b.copied {
		return
	}
	if len(b.marks) == mostMarks { // the oldest stays
		kept := b.marks[:1]
		for i := 2; i < len(b.marks); i += 2 {
			kept = append(kept, b.marks[i])
		}
		b.marks = kept
	}
	b.marks = append(b.marks, timeMark{end, now})
}

// forget lets go of what is copied. The caller holds mu.
func (b *board) forget(copied sinks.Pos) {
	n := 0
	for n < len(b.marks) && b.marks[n].end <= copied {
		n++
	}
	b.marks = append(b.marks[:0], b.marks[n:]...)
}

// fail says why the copy does not get on; "": it does. It reports whether that is news.
func (b *board) fail(text string, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == text && !b.since.IsZero() {
		return false
	}
	if (b.err == "") != (text == "") || b.since.IsZero() {
		b.since = now
	}
	b.err = text
	return true
}

// at sets how far the copy is.
func (b *board) at(p sinks.Pos) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.copied, b.known = p, true
	b.forget(p)
}

// took adds what was acknowledged, up to p.
func (b *board) took(p sinks.Pos, samples, bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.copied = max(b.copied, p)
	b.samples += uint64(samples)
	b.bytes += uint64(bytes)
	b.forget(b.copied)
}

// miss counts what cannot be copied.
func (b *board) miss(why Why, samples uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.missed == nil {
		b.missed = map[string]uint64{}
	}
	b.missed[why.String()] += samples
}

func (b *board) position() (p sinks.Pos, known bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.copied, b.known
}

// State is how far the copy is now.
func (s *Sender) State() State {
	end, lowest := s.o.Log.End(), s.lowest()
	b := &s.board
	b.mu.Lock()
	defer b.mu.Unlock()
	st := State{
		Stream: s.stream.Name, Copied: b.copied, End: end, Error: b.err, Since: b.since, Samples: b.samples, Bytes: b.bytes, Cursors: b.cursors,
		Missed: make(map[string]uint64, len(b.missed)),
	}
	for why, n := range b.missed {
		st.Missed[why] = n
	}
	from := lowest
	if b.known {
		from = max(from, b.copied)
	}
	if from < end {
		st.Behind = uint64(end - from)
		for _, m := range b.marks {
			if m.end > from {
				st.Age = max(time.Since(m.at), time.Millisecond)
				break
			}
		}
	}
	return st
}
