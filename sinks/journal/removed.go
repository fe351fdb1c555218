package journal

import "errors"

// errRemoved is why nothing can be kept for a moment, or for longer where the folder cannot be made again.
var errRemoved = errors.New("the folder was removed: what was in it is lost, it is made again")

// beginAnew deals with a folder that somebody removed: what is in memory is written to a new one, and the places of the
// sinks, too. What was in files alone is lost, which is counted when the sinks come to it.
func (j disk) beginAnew() {
	f := j.files
	j.mu.Lock()
	if f.abandon { // known, and not made again yet
		j.mu.Unlock()
		return
	}
	f.abandon, f.folderDirty = true, true
	f.synced = min(f.synced, j.tail.first())
	var old []file
	var books []*book
	for _, c := range j.cursors {
		if c.slots != nil {
			old = append(old, c.slots.f)
			c.slots = nil
		}
		if c.book != nil {
			books = append(books, c.book)
		}
	}
	j.mu.Unlock()
	j.degrade(errRemoved)
	j.identityGone()
	for _, b := range books {
		b.leave()
	}
	for _, file := range old {
		file.Close()
	}
}
