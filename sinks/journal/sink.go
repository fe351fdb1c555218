package journal

import (
	"fmt"
	"net/url"
	"time"

	"tagbridge/sinks"
)

// cursor is how far one sink is. It is read and changed under the journal's lock.
type cursor struct {
	name    string
	started bool      // else nothing is kept for it
	acked   sinks.Pos // the sink needs nothing before it
	read    sinks.Pos // it has been given everything before it
	told    bool      // false: it has lost samples and not been told
	since   time.Time // when it was last heard of

	source *sinks.Match // as the sink's last query had it
	match  *sinks.Match // the same for use under the journal's lock

	losses  []loss // not yet passed by the sink's reading, by position
	dropped [len(ReasonNames)]uint64
	episode episode

	slots  *slots // its file; nil: memory only, or the file could not be made
	ill    bool   // the file could not be written at the last sync, whose goroutine alone uses this
	lagged lagged
	onDisk bool  // it reads from files, and
	oldest int64 // this is the time of the oldest sample it was given last
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

func (c *cursor) note() note {
	return note{c, c.started, c.slots, mark{pos: c.acked, lost: !c.told || len(c.losses) > 0, when: time.Now()}}
}

func (n note) write() error {
	if n.slots == nil {
		return nil
	}
	return n.slots.write(n.m)
}

func cursorFile(sink string) string { return url.PathEscape(sink) + cursorSuffix }

// Start says that a sink is there, and returns where it is to read on. A sink not known before begins at "start", the
// oldest sample there is, or else behind the newest. fresh tells that it is to get the present value of every tag
// first, as it is new or has lost samples to the limits while it was away. Every sink of the configuration is started
// before Run: what no started sink needs is not kept.
func (j *Journal) Start(sink, from string) (p sinks.Pos, fresh bool) {
	j.mu.Lock()
	c, ok := j.cursors[sink]
	if !ok {
		p = j.tail.end
		if from == "start" {
			p = j.first()
		}
		c = &cursor{name: sink, acked: p, told: true}
		j.cursors[sink] = c
	}
	c.started, c.read, c.since = true, c.acked, time.Now()
	p, fresh = c.acked, !ok || !c.told
	c.told = true
	n := c.note()
	j.mu.Unlock()

	if j.files != nil {
		j.warn(j.keep(n))
	}
	return p, fresh
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
	if n.slots != nil {
		return n.write()
	}
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

// Leave says that a sink is no longer there. It keeps its place for a week, but no samples are kept for it.
func (j *Journal) Leave(sink string) {
	j.mu.Lock()
	c, ok := j.cursors[sink]
	if !ok {
		j.mu.Unlock()
		return
	}
	c.started, c.onDisk, c.since = false, false, time.Now()
	if j.files == nil {
		delete(j.cursors, sink)
	}
	j.trim()
	n := c.note()
	j.mu.Unlock()
	c.lagged.done()
	j.warn(n.write())
}

// Ack implements sinks.Log. A position already acknowledged is no error and changes nothing.
func (j *Journal) Ack(sink string, p sinks.Pos) error {
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
	if err != nil || p <= c.acked {
		j.mu.Unlock()
		return err
	}
	c.acked = p
	j.trim()
	n := c.note()
	j.mu.Unlock()

	if n.slots == nil {
		return nil
	}
	if err := n.write(); err != nil {
		return fmt.Errorf("ack position %d of sink %q: %w", p, sink, err)
	}
	j.files.signal()
	return nil
}
