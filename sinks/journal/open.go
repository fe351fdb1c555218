package journal

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"tagbridge/sinks"
)

// recover takes over d and the files that an earlier process left in it. After an error, d is closed.
func (j *Journal) recover(d folder) error {
	err := j.recoverFiles(d)
	if err == nil {
		return nil
	}
	for _, c := range j.cursors {
		if c.slots != nil {
			c.slots.f.Close()
		}
	}
	return errors.Join(err, d.Close())
}

func (j *Journal) recoverFiles(d folder) error {
	names, err := d.Names()
	if err != nil {
		return err
	}
	slices.Sort(names)
	f := newFiles(d, j.o)
	j.files = f
	var end sinks.Pos
	for _, name := range names {
		s, ok := parseName(name)
		if ok {
			end = max(end, s.first)
			f.w.number = max(f.w.number, s.number)
			f.segments = append(f.segments, s)
		}
	}
	sortSegments(f.segments)
	last, err := j.recoverSegments()
	if err != nil {
		return err
	}
	for _, name := range names {
		if stem, ok := strings.CutSuffix(name, cursorSuffix); ok {
			at, err := j.recoverCursor(name, stem)
			if err != nil {
				return err
			}
			end = max(end, at)
		}
	}
	end = max(end, last)
	for _, c := range j.cursors {
		if c.slots == nil { // its place is not known
			c.acked = end
			if len(f.segments) > 0 {
				c.acked = f.segments[0].first
			}
		}
	}
	f.w.prev, f.written, f.synced = last, end, end
	j.tail.end, j.visible = end, end
	f.folderDirty = false
	j.shedCorrupt()
	return d.Sync()
}

func sizeOf(d folder, name string) int64 {
	f, err := d.Open(name)
	if err != nil {
		return 0
	}
	defer f.Close()
	n, _ := f.Size()
	return n
}

// recoverSegments looks at the segments, the last one with samples whole, and returns where the log ends.
func (j *Journal) recoverSegments() (sinks.Pos, error) {
	f := j.files
	end := sinks.Pos(0)
	for n := len(f.segments); n > 0; n-- {
		s := f.segments[n-1]
		if err := j.mend(s); err != nil {
			return 0, fmt.Errorf("%s: %w", s.name(), err)
		}
		if s.end > s.first {
			end = s.end
			break
		}
		if err := f.folder.Remove(s.name()); err != nil {
			return 0, err
		}
		f.segments, f.folderDirty = f.segments[:n-1], true
	}
	for i := 0; i < len(f.segments)-1; {
		s := f.segments[i]
		if s.first >= f.segments[i+1].first { // written again from its start
			f.superseded = append(f.superseded, s)
			f.segments = slices.Delete(f.segments, i, i+1)
			i = max(i-1, 0)
			continue
		}
		i++
	}
	for _, s := range f.segments {
		if err := j.survey(s); err != nil {
			return 0, fmt.Errorf("%s: %w", s.name(), err)
		}
	}
	return end, nil
}

// survey finds out the size and age of a segment.
func (j *Journal) survey(s *segment) error {
	file, err := j.files.folder.Open(s.name())
	if err != nil {
		return err
	}
	defer file.Close()
	if s.size, err = file.Size(); err != nil {
		return err
	}
	j.warn(file.Sync()) // who wrote it may have been killed before
	scan := scanner{w: window{f: file, limit: min(s.size, headerSize+segmentHead)}}
	rec, ok := scan.next()
	if !ok || rec.typ != typeSegment {
		s.created = time.Now() // not known: it is not to go for its age
		return nil
	}
	h, err := parseHead(rec.payload)
	s.created = h.created
	return err
}

// mend reads the last segment whole. What is behind its last intact record was being written when the process or the
// power went: it is kept aside and cut off.
func (j *Journal) mend(s *segment) error {
	file, err := j.files.folder.Open(s.name())
	if err != nil {
		return err
	}
	defer file.Close()
	size, err := file.Size()
	if err != nil {
		return err
	}
	scan := scanner{w: window{f: file, limit: size}}
	good, skipped := int64(0), int64(0)
	for {
		rec, ok := scan.next()
		if !ok {
			break
		}
		good, skipped = scan.off, scan.skipped
		if rec.typ == typeSamples {
			s.end = rec.end()
		}
	}
	if s.end = max(s.end, scan.end); skipped > 0 {
		j.damaged(s, good, skipped)
	}
	if good == size {
		return nil
	}
	j.o.Log.Error("journal ends in something unfinished, it is kept aside", "file", s.name(), "from", good, "bytes", size-good)
	if err := j.setAside(s, file, good, size); err != nil { // such as a full disk: it may stay, what follows is elsewhere
		j.warn(err)
		return nil
	}
	j.warn(file.Truncate(good))
	return nil
}

// recoverCursor takes over a cursor's file and returns its position. One that is not whole is kept aside, and its
// sink begins at the oldest sample: it gets some twice, and loses none that are there.
func (j *Journal) recoverCursor(name, stem string) (sinks.Pos, error) {
	sink, err := url.PathUnescape(stem)
	if err != nil {
		return 0, nil // not one of ours
	}
	d := j.files.folder
	f, err := d.Open(name)
	if err != nil {
		return 0, err
	}
	c := &cursor{name: sink, told: true}
	j.cursors[sink] = c
	s, m, err := openSlots(f)
	switch {
	case err == nil:
		c.slots, c.acked, c.since, c.told = s, m.pos, m.when, !m.lost
		return m.pos, nil
	case !errors.Is(err, ErrCorrupt):
		return 0, errors.Join(err, f.Close())
	}
	j.o.Log.Error("place of a sink is damaged, it begins at the oldest sample", "sink", sink, "file", name)
	c.since, c.told = time.Now(), false
	return 0, errors.Join(f.Close(), d.Rename(name, name+corruptSuffix))
}
