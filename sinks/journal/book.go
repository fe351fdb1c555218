package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"tagbridge/sinks"
)

// Loss is a stretch of the log that a sink did not get.
type Loss struct {
	From, To sinks.Pos // To is not in it
	Samples  uint64    // of it, those that the sink would have got
	Reason   string    // one of ReasonNames
	// First and Last are when the oldest and the newest of the samples were read; zero when nobody can know, as with
	// damage.
	First, Last time.Time
	Noted       time.Time // when it was known to be lost
}

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

// joins reports that next follows l and can be told with it.
func (l *Loss) joins(next Loss) bool { return l.To == next.From && l.Reason == next.Reason }

// join adds a loss that comes after l.
func (l *Loss) join(next Loss) {
	l.To, l.Samples, l.Noted = next.To, l.Samples+next.Samples, next.Noted
	if l.First.IsZero() {
		l.First = next.First
	}
	if !next.Last.IsZero() {
		l.Last = next.Last
	}
}

// flush writes what was added. What cannot be written is kept for the next time. The sink has passed everything before
// passed: there a long book may be made shorter.
func (b *book) flush(passed sinks.Pos) error {
	if !b.owes() {
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
	if b.end+int64(len(text)) > bookMost {
		return b.rewrite(condense(list, bookLines, passed))
	}
	if err := b.put(text); err != nil {
		return err
	}
	b.list = list
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
	b.dirty = b.dirty || b.f == f // another one is synced already, or will be
	if b.f != f {
		return nil
	}
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

// readBook reads all lines of f, and returns where they end. What is between them and no line is passed over.
func readBook(f file) (list []Loss, end, size int64, err error) {
	if size, err = f.Size(); err != nil {
		return nil, 0, 0, err
	}
	text := make([]byte, min(size, 4*bookMost))
	n, err := f.ReadAt(text, 0)
	if err != nil && !isContent(err) {
		return nil, 0, 0, err
	}
	text = text[:n]
	at := int64(0)
	for line := range bytes.Lines(text) {
		at += int64(len(line))
		if l, ok := parseLine(bytes.TrimLeft(line, "\x00")); ok {
			list, end = enter(list, l), at
		}
	}
	// What a kill has left of a line after the last whole one is written over, up to its end.
	return list, end, size, nil
}

func appendLines(dst []byte, list []Loss) []byte {
	for _, l := range list {
		dst = appendLine(dst, l)
	}
	return dst
}

func appendLine(dst []byte, l Loss) []byte {
	from := len(dst)
	text, err := json.Marshal(lossJSON{
		From: uint64(l.From), To: uint64(l.To), Samples: l.Samples, Reason: l.Reason,
		First: stamp(l.First), Last: stamp(l.Last), Noted: stamp(l.Noted),
	})
	if err != nil { // cannot be: it has numbers, times and a word
		return dst
	}
	dst = append(dst, text...)
	sum := crc32.Checksum(dst[from:], castagnoli)
	return fmt.Appendf(dst, "\t%08x\n", sum)
}

type lossJSON struct {
	From    uint64     `json:"from"`
	To      uint64     `json:"to"`
	Samples uint64     `json:"samples"`
	Reason  string     `json:"reason"`
	First   *time.Time `json:"first,omitempty"`
	Last    *time.Time `json:"last,omitempty"`
	Noted   *time.Time `json:"noted,omitempty"`
}

func stamp(t time.Time) *time.Time {
	if t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
		return nil
	}
	t = t.UTC()
	return &t
}

// parseLine reads what appendLine wrote; false when b is not a whole line.
func parseLine(b []byte) (Loss, bool) {
	i := bytes.LastIndexByte(b, '\t')
	if i < 0 || len(b) > lineMost || len(b) != i+10 || b[len(b)-1] != '\n' {
		return Loss{}, false
	}
	sum, err := strconv.ParseUint(string(b[i+1:i+9]), 16, 32)
	if err != nil || uint32(sum) != crc32.Checksum(b[:i], castagnoli) {
		return Loss{}, false
	}
	var j lossJSON
	if json.Unmarshal(b[:i], &j) != nil || j.From >= j.To || j.To > maxPos || j.Samples > j.To-j.From || !slices.Contains(ReasonNames[:], j.Reason) {
		return Loss{}, false
	}
	l := Loss{From: sinks.Pos(j.From), To: sinks.Pos(j.To), Samples: j.Samples, Reason: j.Reason}
	for to, from := range map[*time.Time]*time.Time{&l.First: j.First, &l.Last: j.Last, &l.Noted: j.Noted} {
		if from != nil {
			*to = *from
		}
	}
	return l, true
}

// find is where in list the loss at p is, or would be.
func find(list []Loss, p sinks.Pos) int {
	i, _ := slices.BinarySearchFunc(list, p, func(l Loss, p sinks.Pos) int {
		if l.To <= p {
			return -1
		}
		return 1
	})
	return i
}

// enter puts l into list, in place of all that it is over; with a neighbour that it joins it becomes one.
func enter(list []Loss, l Loss) []Loss {
	from := find(list, l.From)
	to := from
	for to < len(list) && list[to].From < l.To {
		to++
	}
	if to > from && list[from].From < l.From { // what of it is before l is left as it is
		head := list[from]
		head.To = l.From
		head.Samples = min(head.Samples, uint64(head.To-head.From))
		list = slices.Insert(list, from, head)
		from, to = from+1, to+1
	}
	if to > from && list[to-1].To > l.To { // likewise
		tail := list[to-1]
		tail.From = l.To
		tail.Samples = min(tail.Samples, uint64(tail.To-tail.From))
		list = slices.Insert(list, to, tail)
	}
	if from > 0 && list[from-1].joins(l) {
		list[from-1].join(l)
		return slices.Delete(list, from, to)
	}
	return slices.Replace(list, from, to, l)
}

// condense makes of list at most so many stretches, by joining neighbours of one reason, those first between which the
// least lies, but leaves alone what is not before passed. What lies between them was not lost: the samples say how many were.
func condense(list []Loss, most int, passed sinks.Pos) []Loss {
	for limit := sinks.Pos(1); len(list) > most && limit < maxPos; limit *= 4 {
		kept := list[:1:1]
		for _, l := range list[1:] {
			last := &kept[len(kept)-1]
			if last.Reason == l.Reason && l.From-last.To < limit && l.To <= passed {
				last.join(l)
				continue
			}
			kept = append(kept, l)
		}
		list = kept
	}
	return list
}
