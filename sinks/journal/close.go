package journal

import (
	"errors"
	"maps"
	"slices"
)

// loseUnwritten counts what no file takes as lost, as it goes with the process: the next start says the same.
func (j disk) loseUnwritten() {
	j.mu.Lock()
	before := map[*cursor]uint64{}
	for _, c := range j.cursors {
		before[c] = c.dropped[LostUnwritten]
	}
	for j.tail.end > j.files.written && j.tail.first() < j.tail.end && j.evictAs(LostUnwritten) {
	}
	var notes []note
	lost := map[string]uint64{}
	for _, c := range j.cursors {
		if n := c.dropped[LostUnwritten] - before[c]; n > 0 {
			c.episode.reported = true
			notes, lost[c.name] = append(notes, c.place()), n
		}
	}
	j.mu.Unlock()
	for _, n := range notes {
		j.o.Log.Error("samples that could not be written are lost to a sink", "sink", n.c.name, "lost", lost[n.c.name],
			"reason", LostUnwritten.String(), "event", "dropped")
		j.warn(errors.Join(n.write(), n.sync()))
	}
}

// closeFiles writes and syncs what is left and lets go of the files.
func (j disk) closeFiles() error {
	f := j.files
	j.flush()
	j.sync()
	j.loseUnwritten()
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
