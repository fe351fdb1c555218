package modbus

import (
	"fmt"
	"time"

	"tagbridge/mapping"
)

// How long a refused tag is left alone: growing from the first to the last.
const (
	firstPause = 10 * time.Second
	lastPause  = 10 * time.Minute
)

// grow is the pause after pause.
func grow(pause time.Duration) time.Duration {
	if pause == 0 {
		return firstPause
	}
	return min(2*pause, lastPause)
}

// fault is why a tag got no value from a unit that answered.
type fault struct {
	code    Exception
	silent  mapping.Quality // bad: there is no code, as the request alone was not answered
	said    string          // what became of the request that was not answered
	asked   request
	refused bool // left out of the rounds until due
	never   bool // no request can ask for it
	table   bool // refused with its whole table
	round   int  // the last round that had a sample of it
	pause   time.Duration
	due     time.Time
}

func (f *fault) quality() mapping.Quality {
	switch {
	case f.never:
		return mapping.BadConfigurationError
	case f.silent.IsBad():
		return f.silent
	}
	return f.code.Quality()
}

// text is f as an error of t, with the place of t in its map.
func (f *fault) text(t *mapping.Tag) string {
	s := fmt.Sprintf("%v: %v", f.code, f.asked)
	if f.silent.IsBad() {
		s = f.said + " (the unit answers other requests)"
	}
	if f.never {
		first, count := t.Span()
		s = fmt.Sprintf("%d registers from %d on are more than one request can ask for", count, first)
	}
	if place := source(t); place != "" {
		s = place + ": " + s
	}
	return s
}

// source is the place of t in its map, as file:line.
func source(t *mapping.Tag) string {
	if t.Source.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", t.Source.File, t.Source.Line)
}

// change is what a log should say: a tag, or with none a whole table, a request or the unit, is refused or answers again.
type change struct {
	tag      *mapping.Tag
	unit     bool
	function uint8
	asked    request
	err      string // "": answers again
	remedy   string // asked is answered in two parts alone: the setting that has it asked for like that
}

func appendBad(b *mapping.Batch, index uint16, q mapping.Quality) {
	b.Samples = append(b.Samples, mapping.Sample{Index: index, Quality: q})
}
