package journal

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tagbridge/sinks"
)

// keepSynced syncs whenever something was written, at most every Options.Sync, until ctx ends.
func (j disk) keepSynced(ctx context.Context) {
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

// syncing is what one sync makes safe.
type syncing struct {
	upto     sinks.Pos
	segments []*segment
	folder   bool
}

// sync makes what was written survive a power loss: the log first, then the cursors that point into it.
func (j disk) sync() {
	f := j.files
	f.syncing.Lock()
	defer f.syncing.Unlock()
	if f.folder.Removed() {
		j.beginAnew()
		return
	}
	s, ok := j.startSync()
	if !ok {
		return
	}
	if len(s.segments) > 0 || s.folder {
		began := time.Now()
		if err := f.syncLog(s); err != nil {
			j.makeRoom(err)
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
	j.endSync(s)
	j.syncCursors()
}

// startSync takes what there is to sync; false: what failed before is still to be written again.
func (j disk) startSync() (syncing, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	f := j.files
	if f.abandon {
		return syncing{}, false
	}
	s := syncing{upto: f.written, folder: f.folderDirty}
	for _, seg := range f.segments {
		if seg.dirty {
			seg.dirty = false
			s.segments = append(s.segments, seg)
		}
	}
	f.folderDirty = false
	return s, true
}

// endSync notes that s is safe, and lets go of what is done with.
func (j disk) endSync(s syncing) {
	f := j.files
	j.mu.Lock()
	f.synced = s.upto
	recovered := f.failing && f.wroteAgain
	since := f.since
	well := !since.IsZero() && f.wroteAgain
	if well {
		f.since = time.Time{}
	}
	if recovered {
		f.failing, f.why, f.retry = false, nil, 0
		f.schedule()
	}
	if j.o.Sync <= 0 {
		j.publish(s.upto)
	}
	j.trim()
	complete, gone := f.finished(), f.replaced()
	j.mu.Unlock()
	if well {
		j.o.Log.Info("journal writes again", "outage", max(0, time.Since(since)).Round(time.Millisecond), "event", "journal-writes")
	}
	for _, file := range complete {
		file.Close()
	}
	for _, seg := range gone {
		j.warn(f.remove(seg))
	}
}

func (f *files) syncLog(s syncing) error {
	for _, seg := range s.segments {
		if err := seg.f.Sync(); err != nil {
			return fmt.Errorf("%s: %w", seg.name(), err)
		}
	}
	if s.folder {
		return f.folder.Sync()
	}
	return nil
}

// finished takes the files of segments that are complete and synced.
func (f *files) finished() []file {
	var done []file
	for _, s := range f.segments {
		if s.f != nil && s != f.live && !s.dirty {
			done = append(done, s.f)
			s.f = nil
		}
	}
	return done
}

// replaced takes the segments of which all has been written again and synced.
func (f *files) replaced() []*segment {
	var done []*segment
	f.superseded = slices.DeleteFunc(f.superseded, func(s *segment) bool {
		if s.end > f.synced {
			return false
		}
		done = append(done, s)
		return true
	})
	return done
}

// syncCursors syncs the cursors' files, and makes those that could not be made before. One that fails costs duplicates
// after a power loss, no samples.
func (j disk) syncCursors() {
	j.mu.Lock()
	folderDirty := j.files.folderDirty // a cursor's file may have come since
	j.files.folderDirty = false
	notes := make([]note, 0, len(j.cursors))
	for _, c := range j.cursors {
		notes = append(notes, c.place())
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
			err = n.sync()
		case n.started:
			err = j.keep(n)
		}
		if err != nil && !n.c.ill {
			j.o.Log.Warn("place of a sink cannot be kept", "sink", n.c.name, "err", err)
		}
		n.c.ill = err != nil
	}
}
