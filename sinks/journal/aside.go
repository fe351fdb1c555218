package journal

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// setAside copies a part of a segment to a file of its own. It reports whether all of it could be read; the error may
// also be that it could not be written.
func (j tidier) setAside(s *segment, from file, start, end int64) (readable bool, err error) {
	f := j.files
	to, err := f.folder.Create(fmt.Sprintf("%s.%d%s", s.name(), start, corruptSuffix))
	if err != nil {
		return true, err
	}
	defer to.Close()
	buf := make([]byte, windowSize)
	for at := start; at < end; {
		n, err := from.ReadAt(buf[:min(int64(len(buf)), end-at)], at)
		if n == 0 && err == nil {
			err = io.ErrNoProgress
		}
		if n == 0 {
			return false, err
		}
		if _, err := to.WriteAt(buf[:n], at-start); err != nil {
			return true, errors.Join(err, f.folder.Remove(fmt.Sprintf("%s.%d%s", s.name(), start, corruptSuffix)))
		}
		at += int64(n)
	}
	return true, to.Sync()
}

// sizeOf is the size of a file.
func sizeOf(d folder, name string) (int64, error) {
	f, err := d.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.Size()
}

// shedCorrupt adds up what is kept aside as damaged and removes the oldest of it beyond an eighth of the size limit.
func (j tidier) shedCorrupt() {
	f := j.files
	names, err := f.folder.Names()
	if err != nil {
		j.warn(err)
		return
	}
	slices.Sort(names)
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasSuffix(name, corruptSuffix) })
	total, sizes := int64(0), make([]int64, len(names))
	for i, name := range names {
		if sizes[i], err = sizeOf(f.folder, name); err != nil {
			j.warn(err)
			return
		}
		total += sizes[i]
	}
	j.mu.Lock()
	most := j.o.MaxSize / 8
	j.mu.Unlock()
	for i, name := range names {
		if total <= most {
			break
		}
		j.o.Log.Warn("damaged part of the journal is removed, there are too many", "file", name)
		if err := f.folder.Remove(name); err != nil {
			j.warn(err)
			break
		}
		total -= sizes[i]
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	f.corrupt = total
}
