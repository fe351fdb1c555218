package journal

import (
	"errors"
	"maps"
	"slices"
)

// closeFiles writes and syncs what is left and lets go of the files.
func (j disk) closeFiles() error {
	f := j.files
	j.flush()
	j.sync()
	f.writing.Lock()
	defer f.writing.Unlock()
	f.syncing.Lock()
	defer f.syncing.Unlock()
	f.timer.Stop()
	j.mu.Lock()
	all := slices.Collect(maps.Values(j.cursors))
	j.mu.Unlock()
	for _, c := range all {
		c.lagged.done()
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	var errs []error
	if f.failing {
		errs = append(errs, errors.New("close journal: not everything could be written and synced"))
	}
	for _, s := range f.segments {
		if s.f != nil {
			errs = append(errs, s.f.Close())
			s.f = nil
		}
	}
	f.live = nil
	for _, c := range j.cursors {
		if c.slots != nil {
			errs = append(errs, c.slots.f.Close())
		}
		if c.book != nil {
			errs = append(errs, c.book.close())
		}
	}
	return errors.Join(append(errs, f.folder.Close())...)
}
