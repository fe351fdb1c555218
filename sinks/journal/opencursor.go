package journal

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"tagbridge/sinks"
)

// recoverCursors takes over the files of cursors among names, changes none, and returns the furthest position.
func (j opening) recoverCursors(names []string) (end sinks.Pos, err error) {
	for _, name := range names {
		stem, ok := strings.CutSuffix(name, cursorSuffix)
		sink, bad := url.PathUnescape(stem)
		if !ok || bad != nil { // not one of ours
			continue
		}
		at, err := j.recoverCursor(name, sink)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
		end = max(end, at)
	}
	return end, nil
}

// recoverCursor takes over a cursor's file and returns its position. That of one that is not whole is not known, which
// is seen by its lack of slots.
func (j opening) recoverCursor(name, sink string) (sinks.Pos, error) {
	f, err := j.files.folder.Open(name)
	if err != nil {
		return 0, err
	}
	c := &cursor{name: sink}
	s, m, err := openSlots(f, sink)
	if errors.Is(err, ErrCorrupt) {
		j.o.Log.Error("place of a sink is damaged, it begins at the oldest sample", "sink", sink, "file", name, "err", err)
		c.since, c.owes = time.Now(), true
		j.cursors[sink] = c
		b, err := openBook(j.files.folder, sink)
		if err == nil {
			c.book = b
		}
		return b.upTo(), errors.Join(err, f.Close())
	}
	if err != nil {
		return 0, errors.Join(err, f.Close())
	}
	c.slots, c.acked, c.owes, c.losses = s, m.pos, m.owes, m.losses
	c.since, c.ever = returned(m.when), m.ever
	j.cursors[sink] = c
	b, err := openBook(j.files.folder, sink)
	if err != nil {
		return 0, err
	}
	c.enterBook(b)
	return max(m.pos, b.upTo()), nil
}

// setCursorsAside keeps the files aside of sinks whose place is not known. They begin at the oldest sample, or at end
// when there is none: they get some twice, and lose none that are there.
func (j opening) setCursorsAside(end sinks.Pos) {
	f := j.files
	for sink, c := range j.cursors {
		if c.slots != nil {
			continue
		}
		c.acked = end
		if len(f.segments) > 0 {
			c.acked = f.segments[0].first
		}
		name := cursorFile(sink)
		j.warn(f.folder.Rename(name, name+corruptSuffix))
	}
}
