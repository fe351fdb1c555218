package journal

import (
	"sync"
	"time"
	"weak"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

const (
	writeEvery     = 20 * time.Millisecond // from an append until it is written
	segmentMost    = 64 << 20
	segmentLeast   = 64 << 10
	segmentBriefly = 5 * time.Second
	segmentsAtMost = 16 // of what the limits allow, about: what goes at once is a part of it
	retryFirst     = time.Second
	retryMost      = 30 * time.Second
)

// files is what lies under the tail: segments, written by one goroutine, synced by another and read by the sinks that
// lag behind.
type files struct {
	folder folder
	calls  calls // of the folder, that have not returned
	// slowest is what a disk that does not hang may take for one of them.
	slowest time.Duration

	timer   *time.Timer   // of the next write
	dirtied chan struct{} // there is something to sync
	rolled  chan struct{} // a segment is complete

	blockSize int64 // of indexes, about; 0: blockBytes

	writing sync.Mutex // held while writing
	w       writer
	syncing sync.Mutex // held while syncing

	giving   sync.Mutex // held while a segment is chosen to go and goes; taken after writing and syncing, before reading
	stuck    bool       // a segment could not be given up; only retain uses it, and
	patience patience   // with the one that it is to give up

	// reading is held for reading by those who read segments, and for writing while one is given up: what a sink
	// loses with it is counted while the sink's reading stands still.
	reading sync.RWMutex

	// What follows is read and changed under the journal's lock.
	segmentSize int64         // a segment that has so much, beside definitions, is not written to any more
	segmentAge  time.Duration // nor is one older than this
	longest     time.Duration // between two segments no more than this can pass while the bridge runs
	segments    []*segment    // oldest first, each beginning behind the one before
	superseded  []*segment    // written again from their start, and to go once that is synced
	live        *segment      // the one being written to; nil: the next write makes one
	written     sinks.Pos     // files have everything before it, but what was lost
	synced      sinks.Pos     // and after a power loss still what is before this
	scheduled   bool          // the timer runs
	failing     bool          // a write or sync failed: sinks are served from the tail
	why         error         // what failed, while failing
	since       time.Time     // since when; zero: it is not known to fail
	wroteAgain  bool          // a write succeeded since
	retry       time.Duration
	abandon     bool // a sync failed: write what was not synced to a new segment
	folderDirty bool
	corrupt     int64 // bytes kept aside as damaged
	known       map[uint64]weak.Pointer[mapping.Group]
}

// writer is what only the one who holds files.writing uses.
type writer struct {
	number  uint64              // of the newest segment
	prev    sinks.Pos           // behind the last sample of the newest segment
	defined map[uint64]struct{} // groups that the live segment has
	bytes   int64               // of their definitions
	fresh   []uint64            // of them those in buf
	buf     []byte
	spans   []span
}

func newFiles(d folder, o Options) *files {
	f := &files{
		slowest: hangMost,
		timer:   time.NewTimer(writeEvery),
		dirtied: make(chan struct{}, 1),
		rolled:  make(chan struct{}, 1),
		known:   make(map[uint64]weak.Pointer[mapping.Group]),
		since:   o.FailedSince,
	}
	f.folder = watchedFolder{d, &f.calls}
	f.timer.Stop()
	f.divide(o)
	return f
}

// divide sets how large segments become, so that what the limits take away is a small part of what they allow.
func (f *files) divide(o Options) {
	size, age := o.MaxSize, o.MaxAge
	if o.Keep > 0 && o.KeepSize > 0 {
		size, age = min(size, o.KeepSize), min(age, o.Keep)
	}
	f.segmentSize = min(segmentMost, max(segmentLeast, size/segmentsAtMost))
	f.segmentAge = max(segmentBriefly, age/segmentsAtMost)
	f.longest = max(segmentBriefly*segmentsAtMost, o.MaxAge)
}

// full reports that nothing more is to be written to s, of whose bytes so many are definitions.
func (f *files) full(s *segment, definitions int64) bool {
	return s.size-definitions >= f.segmentSize || time.Since(s.born) >= f.segmentAge
}

// schedule sees to it that what was appended is written.
func (f *files) schedule() {
	if !f.scheduled && !f.failing {
		f.scheduled = true
		f.timer.Reset(writeEvery)
	}
}

// know remembers that g is in use, so that a reader of old segments that meets its definition takes the same one. It
// does not keep it.
func (f *files) know(g *mapping.Group) {
	const least = 1024
	_, old := f.known[g.ID]
	if n := len(f.known); !old && n >= least && n&(n-1) == 0 {
		for id, p := range f.known {
			if p.Value() == nil {
				delete(f.known, id)
			}
		}
	}
	f.known[g.ID] = weak.Make(g)
}

// bytes is the size of all files, but cursors.
func (f *files) bytes() int64 {
	n := f.corrupt
	for _, s := range f.segments {
		n += s.bytes()
	}
	for _, s := range f.superseded {
		n += s.bytes()
	}
	return n
}

// find is the number of the segment that holds position p, or of the first when p is before it; -1: there is none.
func (f *files) find(p sinks.Pos) int {
	for i := len(f.segments) - 1; i > 0; i-- {
		if f.segments[i].first <= p {
			return i
		}
	}
	return min(0, len(f.segments)-1)
}
