package journal

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"tagbridge/sinks"
)

// recover takes over d and the files that an earlier process left in it. After an error, d is closed.
func (j opening) recover(d folder) error {
	err := j.recoverFiles(d)
	if err == nil {
		return nil
	}
	for _, c := range j.cursors {
		if c.slots != nil {
			c.slots.f.Close()
		}
		if c.book != nil {
			c.book.close()
		}
	}
	return errors.Join(err, d.Close())
}

func (j opening) recoverFiles(d folder) error {
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
	if err := j.identify(); err != nil {
		return err
	}
	at, err := j.recoverCursors(names)
	if err != nil {
		return err
	}
	last, err := j.recoverSegments()
	if err != nil {
		return err
	}
	end = max(end, at, last)
	if f.setAges(time.Now()) {
		j.o.Log.Warn("the clock stepped while the journal was written, or is wrong now: no sample goes for its age because of that")
	}
	j.setCursorsAside(end)
	j.removeStray(names)
	f.w.prev, f.written, f.synced = last, end, end
	j.tail.end, j.visible, j.opened = end, end, end
	tidier(j).shedCorrupt()
	err = d.Sync()
	f.folderDirty = err != nil
	j.warn(err)
	return nil
}

// recoverSegments looks at the segments, the last one with samples whole, and returns where the log ends.
func (j opening) recoverSegments() (sinks.Pos, error) {
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
		j.warn(j.syncSegment(s))
	}
	return end, nil
}

// syncSegment syncs a segment whose writer may have been killed before it did. It may fail, as on a disk that can only
// be read any more: then a power loss costs what it would have cost before.
func (j opening) syncSegment(s *segment) error {
	file, err := j.files.folder.Open(s.name())
	if err != nil {
		return err
	}
	defer file.Close()
	return file.Sync()
}

// mend reads the last segment whole. What is behind its last intact record was being written when the process or the
// power went: it is kept aside and cut off. A segment without any sample goes, whole.
func (j opening) mend(s *segment) error {
	file, err := j.files.folder.Open(s.name())
	if err != nil {
		return err
	}
	defer file.Close()
	scan := scanner{w: window{f: file, limit: s.size}}
	good, skipped := int64(0), int64(0)
	for {
		rec, ok := scan.next()
		if !ok {
			break
		}
		good, skipped = scan.off, scan.skipped
		if rec.typ == typeSamples {
			s.end = rec.end()
			if len(rec.payload) >= sampleHead {
				j.lastRead = max(j.lastRead, commonTime(rec.payload))
			}
		}
	}
	if scan.err != nil {
		return scan.err
	}
	s.end = max(s.end, scan.end)
	if s.end <= s.first {
		j.warn(j.discard(s, good))
		return nil
	}
	if skipped > 0 {
		noteDamage(j.Journal, s, good, skipped)
	}
	if good == s.size {
		return nil
	}
	j.o.Log.Error("journal ends in a record that is not whole, which is kept aside", "file", s.name(), "from", good, "bytes", s.size-good)
	readable, err := tidier(j).setAside(s, file, good, s.size)
	switch {
	case !readable:
		return err
	case err == nil:
		err = file.Truncate(good)
	}
	s.size = good
	j.warn(err) // such as a full disk: it may stay and is not looked at, what follows is elsewhere
	return nil
}

// discard removes a segment that holds no sample, or keeps it aside when it is not intact either.
func (j opening) discard(s *segment, good int64) error {
	d := j.files.folder
	if good == s.size {
		return d.Remove(s.name())
	}
	j.o.Log.Error("journal segment holds nothing that can be read, it is kept aside", "file", s.name(), "bytes", s.size)
	return d.Rename(s.name(), s.name()+corruptSuffix)
}
