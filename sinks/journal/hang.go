package journal

import (
	"context"
	"sync"
	"time"
)

// A disk that hangs fails nothing and does nothing: a call does not return, for minutes, and nobody can take it back. From
// hangMost on it counts as one that cannot be written: sinks are served from memory. Whoever must not wait for a disk, as
// a sink's forwarder that acknowledges, has its pen write, which it waits penMost for.
const (
	hangMost   = 10 * time.Second // what a slow disk may take for one thing
	hangLooked = time.Second      // how often that is looked at
	penMost    = 2 * time.Second
)

// hangError says that the disk has not answered for too long.
type hangError struct{ since time.Time }

func (e hangError) Error() string {
	return "the disk has not answered since " + e.since.UTC().Format(time.RFC3339)
}

// keepWatch sees when the disk hangs, until ctx ends. That it does not any more is seen by who writes and syncs next.
func (j disk) keepWatch(ctx context.Context) {
	tick := time.NewTicker(min(hangLooked, j.files.slowest))
	defer tick.Stop()
	said := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := j.files.hangs()
		if err != nil && !said {
			j.degrade(err)
		}
		said = err != nil
	}
}

// hangs says that the disk has not answered for too long; nil: it has.
func (f *files) hangs() error {
	if since := f.calls.oldest(); !since.IsZero() && time.Since(since) >= f.slowest {
		return hangError{since}
	}
	return nil
}

// calls are what the disk has been asked to change and has not done yet.
type calls struct {
	mu    sync.Mutex
	last  uint64
	since map[uint64]time.Time
}

// begin notes one, until end is called.
func (c *calls) begin() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.since == nil {
		c.since = make(map[uint64]time.Time)
	}
	c.last++
	c.since[c.last] = time.Now()
	return c.last
}

func (c *calls) end(call uint64) {
	c.mu.Lock()
	delete(c.since, call)
	c.mu.Unlock()
}

// oldest is since when the oldest has been going on; zero: there is none.
func (c *calls) oldest() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	var oldest time.Time
	for _, t := range c.since {
		if oldest.IsZero() || t.Before(oldest) {
			oldest = t
		}
	}
	return oldest
}

// watchedFolder is a folder of which all calls that change something are noted. Reading is not: a sink that waits for it
// keeps nobody else.
type watchedFolder struct {
	folder
	calls *calls
}

func (d watchedFolder) Create(name string) (file, error) {
	defer d.calls.end(d.calls.begin())
	f, err := d.folder.Create(name)
	if err != nil {
		return nil, err
	}
	return watchedFile{f, d.calls}, nil
}

func (d watchedFolder) Open(name string) (file, error) {
	f, err := d.folder.Open(name)
	if err != nil {
		return nil, err
	}
	return watchedFile{f, d.calls}, nil
}

func (d watchedFolder) Rename(from, to string) error {
	defer d.calls.end(d.calls.begin())
	return d.folder.Rename(from, to)
}

func (d watchedFolder) Remove(name string) error {
	defer d.calls.end(d.calls.begin())
	return d.folder.Remove(name)
}

func (d watchedFolder) Sync() error {
	defer d.calls.end(d.calls.begin())
	return d.folder.Sync()
}

// watchedFile is a file of such a folder.
type watchedFile struct {
	file
	calls *calls
}

func (f watchedFile) WriteAt(b []byte, at int64) (int, error) {
	defer f.calls.end(f.calls.begin())
	return f.file.WriteAt(b, at)
}

func (f watchedFile) Truncate(size int64) error {
	defer f.calls.end(f.calls.begin())
	return f.file.Truncate(size)
}

func (f watchedFile) Sync() error {
	defer f.calls.end(f.calls.begin())
	return f.file.Sync()
}

// pen writes the places of one cursor, one after the other and each in a goroutine of its own, which ends when the disk
// has answered: nobody can wait for one that hangs. Of the places that wait for it, the latest has all that the others have.
type pen struct {
	mu    sync.Mutex
	since time.Time // when it began with what it is at; zero: it is at nothing
	next  note
	wants []chan<- error // of those who want next written, or one before it
}

// write has do write n, and returns what came of it, or that the disk has not answered for too long: then n is written when
// it does.
func (p *pen) write(n note, do func(note) error) error {
	p.mu.Lock()
	if p.next.c == nil || n.m.order > p.next.m.order {
		p.next = n
	}
	since := p.since
	switch {
	case since.IsZero():
		since = time.Now()
		p.since = since
		go p.work(do)
	case time.Since(since) >= penMost:
		p.mu.Unlock()
		return hangError{since}
	}
	done := make(chan error, 1)
	p.wants = append(p.wants, done)
	p.mu.Unlock()
	patience := time.NewTimer(penMost)
	defer patience.Stop()
	select {
	case err := <-done:
		return err
	case <-patience.C:
		return hangError{since}
	}
}

// work writes until nothing waits.
func (p *pen) work(do func(note) error) {
	for {
		p.mu.Lock()
		if p.next.c == nil {
			p.since = time.Time{}
			p.mu.Unlock()
			return
		}
		n, wants := p.next, p.wants
		p.next, p.wants, p.since = note{}, nil, time.Now()
		p.mu.Unlock()
		err := do(n)
		for _, done := range wants {
			done <- err
		}
	}
}

// put writes n, without waiting long for it; see pen.
func (j *Journal) put(n note) error {
	if n.slots == nil {
		return nil
	}
	return n.c.pen.write(n, note.write)
}
