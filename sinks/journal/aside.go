package journal

import (
	"fmt"
	"slices"
	"strings"
)

// setAside copies a part of a segment to a file of its own.
func (j *Journal) setAside(s *segment, from file, start, end int64) error {
	f := j.files
	to, err := f.folder.Create(fmt.Sprintf("%s.%d%s", s.name(), start, corruptSuffix))
	if err != nil {
		return err
	}
	defer to.Close()
	buf := make([]byte, windowSize)
	for at := start; at < end; {
		n, err := from.ReadAt(buf[:min(int64(len(buf)), end-at)], at)
		if n == 0 {
			return err
		}
		if _, err := to.WriteAt(buf[:n], at-start); err != nil {
			return err
		}
		at += int64(n)
	}
	return to.Sync()
}

// shedCorrupt adds up what is kept aside as damaged and removes the oldest of it beyond an eighth of the size limit.
func (j *Journal) shedCorrupt() {
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
		sizes[i] = sizeOf(f.folder, name)
		total += sizes[i]
	}
	for i, name := range names {
		if total <= j.o.MaxSize/8 {
			break
		}
		j.o.Log.Warn("damaged part of the journal is removed, there are too many", "file", name)
		j.warn(f.folder.Remove(name))
		total -= sizes[i]
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	f.corrupt = total
}
