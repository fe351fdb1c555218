package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"

	"tagbridge/sinks"
)

// A book is the file SINK.losses: what a sink has lost, for ever. Each line is a Loss as JSON, a tab, the CRC-32C of the
// JSON in eight hexadecimal digits and a line feed; what follows the last line is zeros. A line that says the same
// positions as one before it takes its place, so that what a kill lets happen twice is counted once. Lines are written
// in place, into room that the file already has: a full disk, which is why much is lost, does not stop them. The book is
// written before the cursor that implies what it says, and synced before that is.
type book struct {
	d    folder
	sink string

	pendingMu sync.Mutex // a leaf: no lock is taken under it
	pending   []Loss     // not written yet, by position
	taken     int        // of pending, those that are being written

	mu    sync.Mutex // held while the file is used
	f     file       // nil: it could not be made yet
	list  []Loss     // all that is written, by position, none over another
	end   int64      // of the lines
	size  int64      // of the file
	dirty bool

	// unsure: a sync has failed, after which what was written before it may be nowhere although it can be read. It is all
	// written again. Changed under mu.
	unsure atomic.Bool
}

const (
	bookSuffix = ".losses"
	bookRoom   = 16 << 10  // what there is room for ahead
	bookMost   = 256 << 10 // a larger book is written anew, shorter
	bookLines  = 1000      // so many stretches are told apart at most after that
	lineMost   = 512
)

func bookFile(sink string) string { return url.PathEscape(sink) + bookSuffix }

// add notes l, to be written by the next flush.
func (b *book) add(l Loss) {
	b.pendingMu.Lock()
	defer b.pendingMu.Unlock()
	if n := len(b.pending); n > b.taken && b.pending[n-1].joins(l) {
		b.pending[n-1].join(l)
		return
	}
	b.pending = append(b.pending, l)
}

// flush writes what was added. What cannot be written is kept for the next time. The sink has passed everything before
// passed: there a long book may be made shorter.
func (b *book) flush(passed sinks.Pos) error {
	if !b.owes() && !b.unsure.Load() {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	lines := b.take()
	err := b.write(lines, passed)
	b.give(err)
	if err != nil {
		return fmt.Errorf("%s: %w", bookFile(b.sink), err)
	}
	return nil
}

// owes reports that something is to be written; what another one is just writing is.
func (b *book) owes() bool {
	b.pendingMu.Lock()
	defer b.pendingMu.Unlock()
	return len(b.pending) > 0
}

func (b *book) take() []Loss {
	b.pendingMu.Lock()
	defer b.pendingMu.Unlock()
	b.taken = len(b.pending)
	return slices.Clone(b.pending)
}

// give ends the writing of what was taken.
func (b *book) give(err error) {
	b.pendingMu.Lock()
	defer b.pendingMu.Unlock()
	if err == nil {
		b.pending = slices.Delete(b.pending, 0, b.taken)
	}
	b.taken = 0
}

func (b *book) write(lines []Loss, passed sinks.Pos) error {
	if b.f == nil {
		if err := b.make(); err != nil {
			return err
		}
	}
	var text []byte
	list := slices.Clone(b.list)
	for _, l := range lines {
		list = enter(list, l)
		text = appendLine(text, list[find(list, l.From)])
	}
	if b.unsure.Load() {
		text = appendLines(nil, list)
	}
	if b.end+int64(len(text)) > bookMost {
		return b.rewrite(condense(list, bookLines, passed))
	}
	if err := b.put(text); err != nil {
		return err
	}
	b.list = list
	b.unsure.Store(false)
	return nil
}

// put appends text, and makes room for what comes after it.
func (b *book) put(text []byte) error {
	if len(text) > 0 {
		if _, err := b.f.WriteAt(text, b.end); err != nil {
			return err
		}
		b.end, b.dirty = b.end+int64(len(text)), true
		b.size = max(b.size, b.end)
	}
	if b.size-b.end < bookRoom/2 {
		if _, err := b.f.WriteAt(make([]byte, bookRoom), b.size); err == nil { // else there may be none when it is needed
			b.size, b.dirty = b.size+bookRoom, true
		}
	}
	return nil
}

// prepare makes the file while there is room for it: that what is lost is written down must not depend on a disk that is full
// by then.
func (b *book) prepare() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.f != nil {
		return nil
	}
	if err := b.make(); err != nil {
		return fmt.Errorf("%s: %w", bookFile(b.sink), err)
	}
	return nil
}

// make makes the file, with all that is known.
func (b *book) make() error {
	f, err := b.d.Create(bookFile(b.sink))
	if err != nil {
		return err
	}
	b.f, b.end, b.size = f, 0, 0
	if err := b.put(appendLines(nil, b.list)); err != nil {
		b.f = nil
		return errors.Join(err, f.Close())
	}
	return nil
}

// rewrite writes a shorter book beside the file, and puts it in its place.
func (b *book) rewrite(list []Loss) error {
	const suffix = ".new"
	f, err := b.d.Create(bookFile(b.sink) + suffix)
	if err != nil {
		return err
	}
	next := book{f: f}
	err = next.put(appendLines(nil, list))
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = b.d.Rename(bookFile(b.sink)+suffix, bookFile(b.sink))
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	b.f.Close()
	b.f, b.list, b.end, b.size, b.dirty = f, list, next.end, next.size, true
	b.unsure.Store(false)
	return nil
}

// keep writes what was added and makes it survive a power loss. With nothing lost it costs nothing.
func (b *book) keep(passed sinks.Pos) error {
	if err := b.flush(passed); err != nil {
		return err
	}
	return b.sync()
}

// sync makes what was flushed survive a power loss.
func (b *book) sync() error {
	b.mu.Lock()
	f := b.f
	if f == nil || !b.dirty {
		b.mu.Unlock()
		return nil
	}
	b.dirty = false
	b.mu.Unlock()
	err := f.Sync() // nobody who writes waits for it
	if err == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.f != f { // another one is synced already, or will be
		return nil
	}
	b.dirty = true
	b.unsure.Store(true)
	return err
}

// close lets go of the file.
func (b *book) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.f == nil {
		return nil
	}
	return b.f.Close()
}

// leave lets go of a file that is not there any more; it is made again, whole.
func (b *book) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.f != nil {
		b.f.Close()
		b.f = nil
	}
}

// openBook reads the file of that sink, if there is one.
func openBook(d folder, sink string) (*book, error) {
	b := &book{d: d, sink: sink}
	f, err := d.Open(bookFile(sink))
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return nil, err
	}
	b.list, b.end, b.size, err = readBook(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	b.f, b.dirty = f, true // nobody knows whether the one before has synced it
	return b, nil
}

// upTo is the position after all that is known to be lost: none before it is given to another sample.
func (b *book) upTo() sinks.Pos {
	if b == nil || len(b.list) == 0 {
		return 0
	}
	return b.list[len(b.list)-1].To
}
