package sinks

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"tagbridge/mapping"
	"tagbridge/sinks/encode"
)

// RejectsOptions says where rejected samples are kept.
type RejectsOptions struct {
	Dir     string // a folder of the sink's own; made when the first sample comes
	MaxSize int64  // bytes of all files together; 0 keeps nothing
}

// Rejects keeps the samples that a sink refused, with the reason, for people to look at and to be sent again: files of
// JSON lines in a folder of the sink's own. The oldest file goes when all of them are too large together, and what was
// in it is counted. Nothing here holds up delivery.
type Rejects struct {
	o RejectsOptions

	rotated, unwritable atomic.Uint64 // samples

	mu    sync.Mutex
	files []rejectFile // oldest first; the last one is open
	last  int          // number of the newest file that there was
	open  *LineFile
	json  encode.JSON
	buf   []byte

	unsynced    int  // samples written and not yet synced
	folderDirty bool // a file came since the folder was synced
}

type rejectFile struct {
	path string
	size int64
}

// rejectFiles is over how many files a folder's bytes are spread: what goes at once is a part of the whole.
const rejectFiles = 8

// writeBytes is how much is written at a time.
const writeBytes = 256 << 10

// NewRejects makes a store; it touches nothing yet.
func NewRejects(o RejectsOptions) *Rejects { return &Rejects{o: o} }

// Add appends the samples of v, all refused for that reason. Those that cannot be written are counted, and the error
// returned. A nil Rejects keeps nothing.
func (r *Rejects) Add(v *View, reason string) error {
	return r.add(v, func(*mapping.Group, uint16) string { return reason })
}

// add is Add with a reason for each series.
func (r *Rejects) add(v *View, reason func(g *mapping.Group, index uint16) string) error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	pending := 0
	var failed error
	for i := range v.Batches {
		b := &v.Batches[i]
		for j := range b.Samples {
			r.buf = r.json.AppendRejected(r.buf, b, j, reason(b.Group, b.Samples[j].Index))
			if pending++; len(r.buf) >= writeBytes {
				failed = r.write(pending, failed)
				pending = 0
			}
		}
	}
	if pending > 0 {
		failed = r.write(pending, failed)
	}
	return failed
}

// write writes r.buf, which holds n samples, and returns the first error of before and now.
func (r *Rejects) write(n int, before error) error {
	err := r.prepare()
	if err == nil {
		err = r.open.Write(r.buf)
	}
	if err != nil {
		r.unwritable.Add(uint64(n))
		err = fmt.Errorf("write rejected samples to %s: %w", r.o.Dir, err)
	} else {
		r.files[len(r.files)-1].size = r.open.Size()
		r.unsynced += n
	}
	r.buf = r.buf[:0]
	if cap(r.buf) > 2*writeBytes {
		r.buf = nil
	}
	if before != nil {
		return before
	}
	return err
}

// prepare makes room for r.buf and a file that is open for it.
func (r *Rejects) prepare() error {
	if r.files == nil {
		if err := r.list(); err != nil {
			return err
		}
	}
	if r.open != nil && r.open.Size() > 0 && r.open.Size()+int64(len(r.buf)) > r.o.MaxSize/rejectFiles {
		if err := r.end(); err != nil {
			return err
		}
	}
	if err := r.rotate(); err != nil {
		return err
	}
	if r.open != nil {
		return nil
	}
	path := filepath.Join(r.o.Dir, fmt.Sprintf("%08d.jsonl", r.last+1))
	f, err := OpenLineFile(path, 0o640)
	if err != nil {
		return err
	}
	r.open, r.folderDirty = f, true
	r.last++
	r.files = append(r.files, rejectFile{path: path})
	return nil
}

// list makes the folder and finds the files of earlier runs; the last of them may end in a part of a line, so that a
// new one is begun.
func (r *Rejects) list() error {
	if err := MakeFolder(r.o.Dir, 0o750); err != nil {
		return err
	}
	entries, err := os.ReadDir(r.o.Dir) // sorted by name
	if err != nil {
		return err
	}
	r.files = make([]rejectFile, 0, len(entries)+1)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && fileNumber(e.Name()) > 0 {
			r.files = append(r.files, rejectFile{filepath.Join(r.o.Dir, e.Name()), info.Size()})
			r.last = max(r.last, fileNumber(e.Name()))
		}
	}
	return nil
}
