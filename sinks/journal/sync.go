package journal

import (
	"context"
	"fmt"
	"time"
)

// keepSynced syncs whenever something was written, at most every Options.Sync, until ctx ends.
func (j *Journal) keepSynced(ctx context.Context) {
	pause := time.NewTimer(j.o.Sync)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		select {
		case <-ctx.Done():
			return
		case <-j.files.dirtied:
		}
		j.sync()
		pause.Reset(j.o.Sync)
	}
}

// sync makes what was written survive a power loss: the log first, then the cursors that point into it.
func (j *Journal) sync() {
	f := j.files
	f.syncing.Lock()
	defer f.syncing.Unlock()
	j.mu.Lock()
	if f.abandon {
		j.mu.Unlock()
		return
	}
	upto, folderDirty := f.written, f.folderDirty
	var todo []*segment
	for _, s := range f.segments {
		if s.dirty {
			s.dirty = false
			todo = append(todo, s)
		}
	}
	f.folderDirty = false
	j.mu.Unlock()

	if len(todo) > 0 || folderDirty {
		began := time.Now()
		if err := f.syncLog(todo, folderDirty); err != nil {
			j.mu.Lock()
			f.abandon, f.folderDirty = true, true
			j.mu.Unlock()
			j.degrade(fmt.Errorf("sync: %w", err))
			return
		}
		if j.o.Synced != nil {
			j.o.Synced(time.Since(began))
		}
	}
	j.mu.Lock()
	f.synced = upto
	closing := f.finished()
	recovered := f.failing && f.wroteAgain
	if recovered {
		f.failing, f.retry = false, 0
		f.schedule()
	}
	if j.o.Sync <= 0 {
		j.publish(upto)
	}
	j.trim()
	gone := f.superseded
	f.superseded = nil
	j.mu.Unlock()
	if recovered {
		j.o.Log.Info("journal writes again")
	}
	for _, s := range closing {
		s.f.Close()
	}
	for _, s := range gone {
		j.warn(f.folder.Remove(s.name()))
	}
	j.syncCursors()
}

func (f *files) syncLog(todo []*segment, folderDirty bool) error {
	for _, s := range todo {
		if err := s.f.Sync(); err != nil {
			return fmt.Errorf("%s: %w", s.name(), err)
		}
	}
	if folderDirty {
		return f.folder.Sync()
	}
	return nil
}

// finished takes the files of segments that are complete and synced.
func (f *files) finished() []*segment {
	var done []*segment
	for _, s := range f.segments {
		if s.f != nil && s != f.live && !s.dirty {
			done = append(done, &segment{f: s.f})
			s.f = nil
		}
	}
	return done
}

// syncCursors syncs the cursors' files, and makes those that could not be made before. One that fails costs duplicates
// after a power loss, no samples.
func (j *Journal) syncCursors() {
	j.mu.Lock()
	folderDirty := j.files.folderDirty // a cursor's file may have come since
	j.files.folderDirty = false
	notes := make([]note, 0, len(j.cursors))
	for _, c := range j.cursors {
		notes = append(notes, c.note())
	}
	j.mu.Unlock()
	if folderDirty {
		if err := j.files.folder.Sync(); err != nil {
			j.mu.Lock()
			j.files.folderDirty = true
			j.mu.Unlock()
			return
		}
	}
	for _, n := range notes {
		var err error
		switch {
		case n.slots != nil:
			err = n.slots.sync()
		case n.started:
			err = j.keep(n)
		}
		if err != nil && !n.c.ill {
			j.o.Log.Warn("place of a sink cannot be kept", "sink", n.c.name, "err", err)
		}
		n.c.ill = err != nil
	}
}

// warn logs an error that costs nothing but order in the folder.
func (j *Journal) warn(err error) {
	if err != nil {
		j.o.Log.Warn("journal folder", "err", err)
	}
}
