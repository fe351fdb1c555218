package journal

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	"tagbridge/sinks"
)

// cursor is how far one sink is. It is read and changed under the journal's lock.
type cursor struct {
	name    string
	started bool      // else nothing is kept for it
	acked   sinks.Pos // the sink needs nothing before it
	read    sinks.Pos // it has been given everything before it
	owes    bool      // it is to get the present values, until it is settled
	shed    bool      // while it was away, samples went that it had not read
	since   time.Time // when it was last heard of

	source *sinks.Match // as the sink's last query had it
	match  *sinks.Match // the same for use under the journal's lock

	losses  []loss // behind acked, by position
	ever    ever
	book    *book // nil: memory only
	dropped [len(ReasonNames)]uint64
	episode episode
	places  uint64 // how often its place was taken down

	keeping sync.Mutex // held while its file is made
	pen     pen
	slots   *slots // its file; nil: memory only, or the file could not be made
	ill     bool   // the file could not be written at the last sync, whose goroutine alone uses this
	lagged  lagged
	onDisk  bool  // it reads from files, and
	oldest  int64 // this is the time of the oldest sample it was given last
}

// safe is where the sink still is after a power loss.
func (c *cursor) safe() sinks.Pos {
	if c.slots == nil {
		return c.acked
	}
	return min(c.acked, sinks.Pos(c.slots.safe.Load()))
}

// note is a place to be written to its file outside of the journal's lock.
type note struct {
	c       *cursor
	started bool
	slots   *slots
	m       mark
}

// place is where c is now. Who takes one down writes it after letting go of the journal's lock: of two, the later may be
// written first.
func (c *cursor) place() note {
	c.places++
	m := mark{order: c.places, pos: c.acked, owes: c.owes || len(c.losses) > 0, when: time.Now(), sink: c.name, ever: c.ever}
	if len(c.losses) > 0 {
		m.losses = slices.Clone(c.losses)
	}
	return note{c, c.started, c.slots, m}
}

// write writes what n implies, safely, then n, which a power loss may leave at once or not. A book that cannot be
// written holds up no position: what was lost is then known by its sum only, should the power go.
func (n note) write() error {
	if n.slots == nil {
		return nil
	}
	return errors.Join(n.c.book.keep(n.m.pos), n.slots.write(n.m))
}

// sync makes what n implies survive a power loss, then n.
func (n note) sync() error {
	return errors.Join(n.c.book.keep(n.m.pos), n.slots.sync())
}

func cursorFile(sink string) string { return url.PathEscape(sink) + cursorSuffix }

// Start says that a sink is there, and returns where it is to read on. A sink not known before begins at "start", the
// oldest sample there is, or else behind the newest. fresh tells that it is to get the present value of every tag
// first, as it is new or has lost samples: it is told so until Settle. Every sink of the configuration is started
// before Run: what no started sink needs is not kept. Nobody reads for the sink while it is started.
func (j *Journal) Start(sink, from string) (p sinks.Pos, fresh bool) {
	j.mu.Lock()
	c, ok := j.cursors[sink]
	if !ok {
		p = j.tail.end
		if from == "start" {
			p = j.first()
		}
		c = &cursor{name: sink, acked: p, owes: true}
		j.cursors[sink] = c
	}
	if c.book == nil && j.files != nil {
		c.book = &book{d: j.files.folder, sink: sink}
	}
	c.begun()
	c.started, c.shed, c.since = true, false, time.Now()
	var over episode
	if c.begin() > 0 {
		over = c.recover(true)
	}
	p, fresh = c.acked, c.owes
	n := c.place()
	j.mu.Unlock()

	logRecovery(j.o.Log, sink, over)
	if j.files != nil {
		j.warn(c.pen.write(n, func(n note) error { return errors.Join(c.book.prepare(), j.keep(n)) }))
	}
	return p, fresh
}

// Owe says that a sink is to get the present value of every tag, also when it is not new.
func (j *Journal) Owe(sink string) { j.owe(sink, true) }

// Settle says that a sink has got the present value of every tag.
func (j *Journal) Settle(sink string) { j.owe(sink, false) }

func (j *Journal) owe(sink string, owes bool) {
	j.mu.Lock()
	c, ok := j.cursors[sink]
	if !ok || c.owes == owes {
		j.mu.Unlock()
		return
	}
	c.owes = owes
	n := c.place()
	j.mu.Unlock()
	j.warn(j.put(n))
}

// first is the position of the oldest sample there is.
func (j *Journal) first() sinks.Pos {
	if j.files != nil && len(j.files.segments) > 0 {
		return min(j.files.segments[0].first, j.tail.first())
	}
	return j.tail.first()
}

// keep writes n to the sink's file, and makes that where there is none.
func (j *Journal) keep(n note) error {
	n.c.keeping.Lock()
	defer n.c.keeping.Unlock()
	j.mu.Lock()
	n.slots = n.c.slots // it may have been made since
	j.mu.Unlock()
	if n.slots != nil {
		return n.write()
	}
	j.warn(n.c.book.keep(n.m.pos))
	name := cursorFile(n.c.name)
	f, err := j.files.folder.Create(name)
	if err != nil {
		return err
	}
	s, err := newSlots(f, n.m)
	if err != nil {
		f.Close()
		return fmt.Errorf("write %s: %w", name, err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	n.c.slots, j.files.folderDirty = s, true
	j.files.signal()
	return nil
}

// Back says that the sink's forwarder has ended: what it was given and did not deliver waits for the next one, or is lost
// if it is gone.
func (j *Journal) Back(sink string) {
	j.mu.Lock()
	c, ok := j.cursors[sink]
	if !ok || j.closed {
		j.mu.Unlock()
		return
	}
	c.back()
	n := c.place()
	j.mu.Unlock()
	j.warn(j.put(n))
}

// Leave says that a sink is no longer there. It keeps its place for a week, but no samples are kept for it.
func (j *Journal) Leave(sink string) {
	j.mu.Lock()
	c, ok := j.cursors[sink]
	if !ok {
		j.mu.Unlock()
		return
	}
	c.begin()
	c.started, c.onDisk, c.since = false, false, time.Now()
	c.owes, c.losses = c.owes || len(c.losses) > 0, nil
	if j.files == nil {
		delete(j.cursors, sink)
	}
	j.trim()
	n := c.place()
	j.mu.Unlock()
	c.lagged.done()
	j.warn(j.put(n))
}

// Ack implements sinks.Log. A position already acknowledged changes nothing; it is an error as long as the position
// could not be written.
func (j *Journal) Ack(sink string, p sinks.Pos, dealt sinks.Dealt) error {
	j.mu.Lock()
	c, ok := j.cursors[sink]
	var err error
	switch {
	case j.closed:
		err = ErrClosed
	case !ok:
		err = fmt.Errorf("ack position %d: no sink %q was started", p, sink)
	case p > j.visible:
		err = fmt.Errorf("ack position %d of sink %q: the end is %d", p, sink, j.visible)
	}
	if err == nil {
		c.ever.dealt.Add(dealt)
	}
	if err != nil || p <= c.acked && dealt == (sinks.Dealt{}) && (c.slots == nil || !c.slots.unkept()) {
		j.mu.Unlock()
		return err
	}
	if p > c.acked {
		c.acked = p
		c.passed(p)
		j.trim()
	}
	n := c.place()
	j.mu.Unlock()
	if n.slots == nil {
		return nil
	}
	if err := j.put(n); err != nil {
		return fmt.Errorf("ack position %d of sink %q: %w", p, sink, err)
	}
	j.files.signal()
	return nil
}
