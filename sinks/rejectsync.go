package sinks

import (
	"errors"
	"fmt"
)

// Sync returns when everything added is on the disk, so that the position after it can be kept. When it fails, those
// added since the last time, which it returns how many of, count as not kept, though some may still be found.
func (r *Rejects) Sync() (n int, err error) {
	if r == nil {
		return 0, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n = r.unsynced
	return n, r.sync()
}

func (r *Rejects) sync() error {
	if r.unsynced == 0 || r.open == nil {
		return nil
	}
	err := r.open.Sync()
	if err == nil && r.folderDirty {
		if err = syncFolder(r.o.Dir); err == nil {
			r.folderDirty = false
		}
	}
	n := r.unsynced
	r.unsynced = 0
	if err == nil {
		return nil
	}
	// The system says so once only: what comes next goes to another file.
	r.unwritable.Add(uint64(n))
	err = errors.Join(err, r.open.Close())
	r.open = nil
	return fmt.Errorf("sync rejected samples in %s: %w", r.o.Dir, err)
}

// end syncs and closes the file that is open.
func (r *Rejects) end() error {
	err := r.sync()
	if r.open == nil {
		return err
	}
	err = errors.Join(err, r.open.Close())
	r.open = nil
	return err
}
