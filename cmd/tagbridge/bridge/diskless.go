package bridge

import (
	"errors"
	"fmt"
	"io/fs"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping/config"
	"tagbridge/sinks/journal"
)

// ErrDisk is why Run came to an end when the journal, which could not be opened at the start, can be opened now. The
// bridge is to be opened and run again, then with its disk.
var ErrDisk = errors.New("the journal can be opened now")

// openJournal opens the journal in data_dir. A disk that is worn, full or read-only is no reason not to read and
// deliver: until it can be opened, the journal is in memory. That another process has it is: both would deliver the same.
func (b *Bridge) openJournal(c config.Bridge) error {
	o := b.journalOptions(c)
	o.Held = b.o.Held
	j, err := journal.Open(o)
	o.Held, b.o.Held = nil, nil
	if errors.Is(err, journal.ErrInUse) {
		return fmt.Errorf("bridge.data_dir: %w", err)
	}
	if err != nil {
		if errors.Is(err, fs.ErrPermission) {
			err = fmt.Errorf("%w: the user that runs tagbridge must be able to write there", err)
		}
		b.diskless = err.Error()
		b.o.Log.Error("journal cannot be opened: samples are in memory only until it can be, and lost if the bridge stops before", "err", err,
			"event", events.JournalFailing)
		o.Dir = ""
		if j, err = journal.Open(o); err != nil {
			return fmt.Errorf("open journal in memory: %w", err)
		}
	}
	b.journal = j
	b.events.Lived(j.LastRead())
	return nil
}

// diskIsBack reports that a journal that could not be opened can be now, and that what is in memory can be delivered
// before: what a sink has still to get would be lost.
func (b *Bridge) diskIsBack() bool {
	if b.diskless == "" {
		return false
	}
	for _, s := range b.Sinks() {
		if s.BehindSamples > 0 && !s.Connected {
			return false
		}
	}
	o := b.journalOptions(b.now.Load().cfg.Bridge)
	o.Synced = nil
	j, err := journal.Open(o)
	if err != nil {
		return false
	}
	if err := j.Close(); err != nil {
		return false
	}
	b.o.Log.Info("journal can be opened: the bridge begins again with it")
	return true
}
