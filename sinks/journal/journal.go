package journal

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// ErrClosed is returned once the journal is closed, to those who wait in it too.
var ErrClosed = errors.New("journal is closed")

// Options of a journal. The zero value is a journal in memory only.
type Options struct {
	Dir      string              // the folder of its files; "": memory only
	Sync     time.Duration       // how often written samples are synced; 0: before any sink sees them
	MaxSize  int64               // of the files with what is not delivered, in bytes; 0: 1 GiB
	MaxAge   time.Duration       // of a sample that is not delivered; 0: 720 h
	Keep     time.Duration       // how long what every sink has stays in the files; 0: it goes at once
	KeepSize int64               // of the files with nothing else, in bytes; 0: none stays
	Tail     int                 // bytes of records kept in memory; 0: 16 MiB
	Log      *slog.Logger        // nil: nothing is logged
	Synced   func(time.Duration) // is told how long each sync took; may be nil
	// FailedSince is since when it could not be written, as is known from before; zero: it could.
	FailedSince time.Time
	// Held is Dir, when this process has taken it already; Open takes it over, whatever comes of it.
	Held *Held
}

const (
	defaultTail = 16 << 20
	defaultSize = 1 << 30
	defaultAge  = 720 * time.Hour
)

// Journal is the log between lanes and forwarders. Its methods are safe for concurrent use.
type Journal struct {
	o Options

	mu      sync.Mutex
	tail    tail
	visible sinks.Pos // sinks see what is before it
	cursors map[string]*cursor
	waiters []*waiter
	// followers is how many there are: what they may still want is kept in memory, within bounds.
	followers int
	closed    bool
	scratch   decoder   // for counting what is lost
	opened    sinks.Pos // where the log ended at Open
	identity  identity
	lastRead  int64 // when the newest sample was read that was there at Open; 0: there was none

	alert chan struct{} // there may be something to log or to remove
	files *files        // nil: memory only
}

var _ sinks.Log = (*Journal)(nil)

// Open opens the journal. To be started after it, in this order: every sink of the configuration with Start, Run, and
// whoever appends.
func Open(o Options) (*Journal, error) {
	j := newJournal(o)
	if o.Dir == "" {
		return j, nil
	}
	d, err := o.Held.openOr(o.Dir)
	if err == nil {
		err = opening{j}.recover(d)
	}
	if err != nil {
		return nil, fmt.Errorf("open journal %s: %w", o.Dir, err)
	}
	return j, nil
}

// complete gives limits that are not set their defaults.
func (o *Options) complete() {
	if o.MaxSize <= 0 {
		o.MaxSize = defaultSize
	}
	if o.MaxAge <= 0 {
		o.MaxAge = defaultAge
	}
}

// newJournal is a journal in memory.
func newJournal(o Options) *Journal {
	if o.Tail <= 0 {
		o.Tail = defaultTail
	}
	o.complete()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Journal{o: o, cursors: make(map[string]*cursor), alert: make(chan struct{}, 1)}
}

// Close wakes everyone who waits in the journal, writes and syncs what Run has left, and releases what the journal
// holds. Nothing works after it.
func (j *Journal) Close() error {
	j.mu.Lock()
	again := j.closed
	j.closed = true
	for _, w := range j.waiters {
		w.signal()
	}
	j.mu.Unlock()
	if j.files == nil || again {
		return nil
	}
	return disk{j}.closeFiles()
}

// End implements sinks.Log.
func (j *Journal) End() sinks.Pos {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.visible
}

// Append copies the samples of b into the journal. It touches no file and waits for no sink. An error means that some
// of b were not taken: all of them when the journal is closed, else those that no record can hold, as a text of 16 MiB.
func (j *Journal) Append(b *mapping.Batch) error {
	e := encoders.Get().(*encoder)
	defer e.put()
	var failed error
	for rest := b.Samples; len(rest) > 0; {
		n := recordSamples(b, rest)
		err := e.encode(b, rest[:n])
		if err == nil {
			err = j.push(b.Group, e.record, n)
		}
		switch {
		case errors.Is(err, ErrClosed):
			return err
		case err != nil && failed == nil:
			failed = err
		}
		rest = rest[n:]
	}
	return failed
}

func (j *Journal) push(g *mapping.Group, record []byte, samples int) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return ErrClosed
	}
	if !j.tail.fits(len(record)) {
		j.trim()
	}
	for j.tail.bytes > 0 && j.tail.bytes+len(record) > j.o.Tail && j.evict() {
	}
	j.tail.push(g, record, samples)
	if j.files != nil && !j.files.failing {
		j.arm()
		j.files.schedule()
		return nil
	}
	j.publish(j.tail.end)
	return nil
}

// LastRead is when the newest sample was read that was in the files when the journal was opened; zero: there was none.
func (j *Journal) LastRead() time.Time {
	if j.lastRead == 0 {
		return time.Time{}
	}
	return time.Unix(0, j.lastRead)
}

// trim lets go of what no sink needs and files have, and of what files have, but for what sinks that keep up are about to read.
func (j *Journal) trim() {
	least := j.visible
	for _, c := range j.cursors {
		if c.started {
			least = min(least, c.acked)
		}
	}
	if j.files != nil && j.o.Keep > 0 && j.o.KeepSize > 0 {
		least = min(least, j.files.written) // what the disk does not take now is written when it does again, to look back on
	}
	keep := 0
	if j.followers > 0 {
		keep = j.o.Tail / 4
	}
	j.tail.release(least, keep)
	if j.files != nil {
		j.tail.release(j.files.synced, j.o.Tail/4)
	}
}

// evict gives up the oldest record of the tail and notes it for each sink that still needs it. It reports false when a
// sink is just reading it.
func (j *Journal) evict() bool { return j.evictAs(LostMemory) }

// evictAs is evict with the reason.
func (j *Journal) evictAs(why Reason) bool {
	c := j.tail.chunks[0]
	if c.pins > 0 {
		return false
	}
	h := c.header(c.gone)
	for _, k := range j.cursors {
		if !k.started || k.acked >= h.end() || j.files != nil && h.end() <= j.files.written {
			continue
		}
		k.lose(max(k.acked, h.pos), h.end(), why, commonTime(c.buf[c.recs[c.gone].off+headerSize:]),
			func(a, b sinks.Pos) uint64 { return j.count(k, c, a, b) })
		if !k.episode.reported && k.episode.samples > 0 {
			j.rouse()
		}
	}
	j.tail.drop()
	if j.files == nil || h.end() > j.files.written {
		j.publish(h.end()) // nothing is to be waited for there
	}
	return true
}

// count is how many samples of the oldest record of c, between two positions, are for k.
func (j *Journal) count(k *cursor, c *chunk, from, to sinks.Pos) uint64 {
	oldest := span{c: c, buf: c.buf, recs: c.recs[c.gone : c.gone+1]}
	return j.scratch.count(oldest.entry(0), k.match, from, to)
}

// Limits are how much is kept at most, as the Options of the same names say.
type Limits struct {
	MaxSize  int64
	MaxAge   time.Duration
	Keep     time.Duration
	KeepSize int64
}

// SetLimits changes how much is kept at most. It takes effect within a minute.
func (j *Journal) SetLimits(l Limits) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.o.MaxSize, j.o.MaxAge, j.o.Keep, j.o.KeepSize = l.MaxSize, l.MaxAge, l.Keep, l.KeepSize
	j.o.complete()
	if j.files != nil {
		j.files.divide(j.o)
	}
}

// warn logs an error that costs nothing but order in the folder.
func (j *Journal) warn(err error) {
	if err != nil {
		j.o.Log.Warn("journal folder", "err", err)
	}
}
