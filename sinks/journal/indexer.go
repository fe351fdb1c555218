package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"tagbridge/mapping"
)

const (
	// indexAfter is how long after a segment is complete its index is made: most segments of a journal that keeps nothing
	// have gone by then.
	indexAfter = 2 * time.Second
	// indexRest is the pause after each window of a segment that is read for its index: nothing waits for that.
	indexRest = 2 * time.Millisecond
)

// keepIndexed makes the indexes of segments that are complete until ctx ends. It reads them: they were written a moment ago and
// are in the system's memory, and so it costs those who append and write nothing, and what an index says is what is there.
func (j indexer) keepIndexed(ctx context.Context) {
	for pause(ctx, indexAfter) == nil {
		for j.indexOne(ctx) {
		}
		select {
		case <-ctx.Done():
			return
		case <-j.files.rolled:
		}
	}
}

// indexOne sees to it that a segment has an index, and reports whether there may be more to do.
func (j indexer) indexOne(ctx context.Context) bool {
	s := j.next()
	if s == nil || ctx.Err() != nil {
		return false
	}
	size, err := j.index(ctx, s)
	if ctx.Err() != nil {
		return false
	}
	j.mu.Lock()
	s.indexed, s.indexSize = true, size
	there := slices.Contains(j.files.segments, s)
	j.mu.Unlock()
	if !there { // it went meanwhile, and may have before its index came
		j.warn(ignoreGone(j.files.folder.Remove(s.indexName())))
	}
	if err != nil { // it is read without, then
		j.o.Log.Debug("segment of the journal has no index", "file", s.name(), "err", err)
	}
	return true
}

// next is a segment that is complete and whose index was not looked at yet, the newest first; nil: there is none.
func (j indexer) next() *segment {
	j.mu.Lock()
	defer j.mu.Unlock()
	f := j.files
	if f.failing || j.closed {
		return nil
	}
	for _, s := range slices.Backward(f.segments) {
		if s != f.live && !s.indexed {
			return s
		}
	}
	return nil
}

// index returns the size of the index of s, which it makes where there is none that is right.
func (j indexer) index(ctx context.Context, s *segment) (int64, error) {
	d := j.files.folder
	f, err := d.Open(s.name())
	if err != nil {
		return 0, err
	}
	defer f.Close()
	j.mu.Lock()
	size := s.size
	j.mu.Unlock()
	if x, n, err := readIndex(d, s, identifySegment(f, s, size)); err == nil && x != nil {
		return n, nil
	}
	in := &Inspection{d: d, segments: []*segment{{number: s.number, first: s.first, size: size}}}
	groups := definitions{in: in, known: make(map[uint64]*mapping.Group), inUse: j.files.inUse(j.Journal)}
	x, err := buildIndex(ctx, f, s, size, indexing{groups: &groups, block: j.files.blockSize, turn: func() error { return pause(ctx, indexRest) }})
	if err != nil {
		return 0, err
	}
	return j.write(s, x)
}

// write writes the index of s. What of it cannot be written is removed.
func (j indexer) write(s *segment, x *index) (int64, error) {
	b := x.append(nil)
	if len(b) > indexMost {
		return 0, fmt.Errorf("its index would take %d bytes", len(b))
	}
	d := j.files.folder
	if d.Removed() {
		return 0, fs.ErrNotExist // whoever writes samples makes the folder again
	}
	f, err := d.Create(s.indexName())
	if err != nil {
		return 0, err
	}
	_, err = f.WriteAt(b, 0)
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, errors.Join(err, ignoreGone(d.Remove(s.indexName())))
	}
	return int64(len(b)), nil
}

// inUse looks groups up that are in use.
func (f *files) inUse(j *Journal) func(id uint64) *mapping.Group {
	return func(id uint64) *mapping.Group {
		j.mu.Lock()
		defer j.mu.Unlock()
		return f.known[id].Value()
	}
}

// remove removes segment s and its index.
func (f *files) remove(s *segment) error {
	return errors.Join(ignoreGone(f.folder.Remove(s.indexName())), f.folder.Remove(s.name()))
}

// ignoreGone is err, unless it is that something is not there.
func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// removeStray removes indexes of segments that are not there.
func (j opening) removeStray(names []string) {
	there := make(map[string]bool)
	for _, list := range [][]*segment{j.files.segments, j.files.superseded} {
		for _, s := range list {
			there[s.indexName()] = true
		}
	}
	for _, name := range names {
		if strings.HasSuffix(name, indexSuffix) && !there[name] {
			j.warn(ignoreGone(j.files.folder.Remove(name)))
		}
	}
}
