package journal

import (
	"context"
	"errors"
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
	Dir     string              // the folder of its files; "": memory only
	Sync    time.Duration       // how often written samples are synced; 0: before any sink sees them
	MaxSize int64               // of the files, in bytes; 0: 1 GiB
	MaxAge  time.Duration       // of a sample; 0: 720 h
	Tail    int                 // bytes of records kept in memory; 0: 16 MiB
	Log     *slog.Logger        // nil: nothing is logged
	Synced  func(time.Duration) // is told how long each sync took; may be nil
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
	closed  bool
	scratch mapping.Batch // for counting what is lost

	alert chan struct{} // a sink has begun to lose samples
}

var _ sinks.Log = (*Journal)(nil)

// Open opens the journal. To be started after it, in this order: every sink of the configuration with Start, Run, and
// whoever appends.
func Open(o Options) (*Journal, error) {
	if o.Tail <= 0 {
		o.Tail = defaultTail
	}
	if o.MaxSize <= 0 {
		o.MaxSize = defaultSize
	}
	if o.MaxAge <= 0 {
		o.MaxAge = defaultAge
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Journal{o: o, cursors: make(map[string]*cursor), alert: make(chan struct{}, 1)}, nil
}

// Run does the journal's own work until ctx ends. Before it returns, everything appended by then is where a sink can
// see it; so the lanes are stopped before Run, and the forwarders after it.
func (j *Journal) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			j.logLosses()
			return nil
		case <-j.alert:
			j.logLosses()
		}
	}
}

// Close wakes everyone who waits in the journal and releases what it holds. Nothing works after it.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
	for _, w := range j.waiters {
		w.signal()
	}
	return nil
}

// End implements sinks.Log.
func (j *Journal) End() sinks.Pos {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.visible
}

// Append copies the samples of b into the journal. It touches no file and waits for no sink. An error means that b,
// or the end of it, was not taken.
func (j *Journal) Append(b *mapping.Batch) error {
	e := encoders.Get().(*encoder)
	defer e.put()
	for rest := b.Samples; len(rest) > 0; {
		n := recordSamples(b, rest)
		if err := e.encode(b, rest[:n]); err != nil {
			return err
		}
		if err := j.push(b.Group, e.record, n); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
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
	j.publish(j.tail.end)
	return nil
}

// trim lets go of what no sink needs.
func (j *Journal) trim() {
	least := j.visible
	for _, c := range j.cursors {
		least = min(least, c.acked)
	}
	j.tail.release(least)
}

// evict gives up the oldest record of the tail and counts it for each sink that was not given it yet. It reports
// false when a sink is just reading it.
func (j *Journal) evict() bool {
	c := j.tail.chunks[0]
	if c.pins > 0 {
		return false
	}
	h := c.header(c.gone)
	for _, k := range j.cursors {
		if k.read >= h.end() {
			continue
		}
		from := max(k.read, h.pos)
		k.lose(loss{from: from, to: h.end(), samples: j.count(k, c, int(from-h.pos))}, LostMemory)
		if !k.episode.reported && k.episode.samples > 0 {
			select {
			case j.alert <- struct{}{}:
			default:
			}
		}
	}
	j.tail.drop()
	return true
}

// count is how many samples of the oldest record of c, but for the first few, are for k.
func (j *Journal) count(k *cursor, c *chunk, skip int) uint64 {
	r := c.recs[c.gone]
	h := c.header(c.gone)
	choice := k.match.Group(r.group)
	switch {
	case choice.None():
		return 0
	case choice.All():
		return uint64(h.samples - skip)
	}
	payload := c.buf[r.off+headerSize:][:h.size]
	if parseSamples(payload, h.samples, r.group, &j.scratch) != nil {
		return uint64(h.samples - skip)
	}
	n := uint64(0)
	for i := range j.scratch.Samples[skip:] {
		if choice.Has(j.scratch.Samples[skip+i].Index) {
			n++
		}
	}
	return n
}
