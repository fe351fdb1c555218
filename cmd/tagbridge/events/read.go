package events

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Query says which events are asked for. The zero value asks for all.
type Query struct {
	Since, Until time.Time // both included; zero: no bound
	Devices      []string  // none: of all, of sinks and of the bridge itself
}

// Takes reports that e was asked for. One that stands for several is where one of these is.
func (q *Query) Takes(e *Event) bool {
	first := e.Time
	if e.More > 0 && !e.First.IsZero() {
		first = e.First
	}
	return !(!q.Since.IsZero() && e.Time.Before(q.Since)) && !(!q.Until.IsZero() && first.After(q.Until)) &&
		(len(q.Devices) == 0 || slices.Contains(q.Devices, e.Device))
}

// Folder is the folder of events in a data directory.
func Folder(dataDir string) string { return filepath.Join(dataDir, "events") }

// Reader reads the events in a folder, each once. It writes nothing, and may read while a bridge writes.
type Reader struct {
	dir string
	at  map[int]int64 // by piece, up to where it was read
	// Damaged counts lines that were no events: cut off by a power loss, or changed.
	Damaged int
}

// NewReader reads what is in dir, which is Folder of a data directory.
func NewReader(dir string) *Reader { return &Reader{dir: dir, at: map[int]int64{}} }

// found is where an event is.
type found struct {
	time  int64
	piece int
	at    int64
	size  int
}

// Next yields the events that have come since the last call, or at the first all, in the order of their times, until yield
// returns false. What yield gets is valid until the next.
func (r *Reader) Next(q Query, yield func(*Event) bool) error {
	numbers, err := numbersIn(r.dir)
	if err != nil {
		return err
	}
	var all []found
	for i, n := range numbers {
		if err := r.index(n, i == len(numbers)-1, q, &all); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err // what does not exist any more has gone as the oldest
		}
	}
	slices.SortStableFunc(all, func(a, b found) int { return cmp.Compare(a.time, b.time) })
	return r.each(all, yield)
}

// index finds the events of a piece; its last line may still be written when it is the newest.
func (r *Reader) index(number int, newest bool, q Query, all *[]found) error {
	return eachLine(filepath.Join(r.dir, pieceName(number)), r.at[number], func(l line) bool {
		if !l.whole {
			if !newest {
				r.Damaged++
				r.at[number] = l.end
			}
			return false
		}
		r.at[number] = l.end
		rec, err := parseLine(l.text)
		switch {
		case err != nil && len(l.text) > 0:
			r.Damaged++
		case err == nil && rec.Open == nil && q.Takes(&rec.Event):
			*all = append(*all, found{rec.Time.UnixNano(), number, l.at, len(l.text)})
		}
		return true
	})
}

// each reads the events again, where they are.
func (r *Reader) each(all []found, yield func(*Event) bool) error {
	open := map[int]*os.File{}
	defer func() {
		for _, f := range open {
			f.Close()
		}
	}()
	var text []byte
	var now int64
	same := map[string]int{} // lines of that time, and in which piece
	for _, at := range all {
		f := open[at.piece]
		if f == nil {
			var err error
			if f, err = os.Open(filepath.Join(r.dir, pieceName(at.piece))); errors.Is(err, fs.ErrNotExist) {
				continue
			} else if err != nil {
				return err
			}
			open[at.piece] = f
		}
		text = slices.Grow(text[:0], at.size)[:at.size]
		if _, err := f.ReadAt(text, at.at); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if at.time != now {
			now = at.time
			clear(same)
		}
		if in := same[string(text)]; in != 0 && in != at.piece {
			continue // it was written again, as a sync of it had failed
		}
		same[string(text)] = at.piece
		rec, err := parseLine(text)
		if err != nil {
			r.Damaged++
			continue
		}
		if !yield(&rec.Event) {
			return nil
		}
	}
	return nil
}

// followEvery is how often a folder is looked at for what is new.
const followEvery = 300 * time.Millisecond

// Follow yields events as Next does, and then what comes, until ctx ends, which is no error, or yield returns false. A
// folder that is not there yet is waited for.
func (r *Reader) Follow(ctx context.Context, q Query, yield func(*Event) bool) error {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for more := true; ; {
		err := r.Next(q, func(e *Event) bool {
			more = yield(e)
			return more
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) || !more {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
