package journal

import (
	"fmt"
	"time"
)

// identify looks at the segments before anything is changed: when one of them is of a format that is not known, or
// cannot be read, the folder is left as it is.
func (j opening) identify() error {
	for _, s := range j.files.segments {
		if err := j.identifySegment(s); err != nil {
			return fmt.Errorf("%s: %w", s.name(), err)
		}
	}
	return nil
}

// identifySegment finds out the size of s and when it was made.
func (j opening) identifySegment(s *segment) error {
	file, err := j.files.folder.Open(s.name())
	if err != nil {
		return err
	}
	defer file.Close()
	if s.size, err = file.Size(); err != nil {
		return err
	}
	scan := scanner{w: window{f: file, limit: min(s.size, headerSize+segmentHead)}}
	rec, ok := scan.next()
	switch {
	case scan.err != nil:
		return scan.err
	case ok && rec.typ == typeSegment:
		h, err := parseHead(rec.payload)
		s.created = h.created
		return err
	}
	s.created = time.Now() // not known: it is not to go for its age
	return foreign(file, s.size)
}

// foreign is the error about a file that is no damaged segment but was never one: it begins with something else than a
// record or a hole, and holds none.
func foreign(f file, size int64) error {
	if size <= headerSize+segmentHead { // it holds no samples, whatever it is
		return nil
	}
	scan := scanner{w: window{f: f, limit: size}}
	first := scan.w.at(0, 1)
	if !scan.failed() && (len(first) == 0 || first[0] == magic || first[0] == 0) {
		return nil
	}
	if scan.err != nil {
		return scan.err
	}
	if _, ok := scan.next(); ok || scan.err != nil {
		return scan.err
	}
	return fmt.Errorf("it begins with %#02x and holds no record: a newer tagbridge wrote it, or something else; run that one, or move the file away: %w",
		first[0], ErrFormat)
}
