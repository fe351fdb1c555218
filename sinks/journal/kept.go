package journal

import (
	"math"
	"time"

	"tagbridge/sinks"
)

// What every sink has stays for Options.Keep within Options.KeepSize, for who looks back on it. It is the oldest segments,
// whole, so that it costs nothing while samples come and go: a segment is removed later than it could be. It counts for
// itself, and never against what is not delivered; it goes before any of that does, and first when the disk is full.

// keptMost is how many segments are kept at most: each start of the bridge makes one, however small.
const keptMost = 1024

// kept is how many of the segments no sink needs, and their size. The newest is never among them, as it is written to. The
// caller holds the journal's lock.
func (j *Journal) kept() (n int, size int64) {
	least := sinks.Pos(math.MaxUint64)
	for _, c := range j.cursors {
		if c.started {
			least = min(least, c.safe())
		}
	}
	list := j.files.segments
	for n+1 < len(list) && list[n+1].first <= least {
		size += list[n].bytes()
		n++
	}
	return n, size
}

// keeps reports whether so many kept segments of that size may all stay, of which the oldest is followed by next.
func (j *Journal) keeps(n int, size int64, next *segment) bool {
	return n <= keptMost && size <= j.o.KeepSize && j.o.Keep > 0 && time.Since(next.born) <= j.o.Keep
}

// writeWithRoom is writeSpan which, when the disk is full, lets go of what is only kept, until there is no more of it.
func (j disk) writeWithRoom(s *span) error {
	for {
		err := j.writeSpan(s)
		if err == nil || !j.makeRoom(err) {
			return err
		}
	}
}

// makeRoom lets go of the oldest segment that is only kept, when err says that the disk is full. It reports whether there
// was one.
func (j disk) makeRoom(err error) bool {
	if !isFull(err) {
		return false
	}
	j.files.giving.Lock()
	defer j.files.giving.Unlock()
	j.mu.Lock()
	n, _ := j.kept()
	if n == 0 {
		j.mu.Unlock()
		return false
	}
	s, to := j.files.segments[0], j.files.segments[1].first
	j.mu.Unlock()
	j.o.Log.Warn("the disk is full: delivered samples that were kept to look back on make room", "file", s.name(), "bytes", s.size)
	_, err = tidier(j).giveUp(s, to, notLost)
	j.warn(err)
	return true // it is not in the list any more, so that this ends
}
