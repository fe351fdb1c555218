package bridge

import (
	"iter"
	"log/slog"
	"sort"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/drivers"
	"tagbridge/mapping/config"
)

// What people look at is read from a running bridge, at any time and from any goroutine: nothing is pushed, and counting
// costs the poll path nothing beyond the counters that lanes and forwarders keep anyway. What is returned is the caller's.

// Config is the configuration that runs. It does not change; a reload makes another.
func (b *Bridge) Config() *config.Config { return b.now.Load().cfg }

// Devices are all devices, in the order of the configuration. One that moves to another connection may be missing.
func (b *Bridge) Devices() []drivers.DeviceState {
	var list []drivers.DeviceState
	now := b.now.Load()
	for _, l := range now.connections {
		list = append(list, l.lane.Devices()...)
	}
	place := make(map[string]int, len(now.cfg.Devices))
	for i := range now.cfg.Devices {
		place[now.cfg.Devices[i].Name] = i
	}
	sort.SliceStable(list, func(i, k int) bool { return place[list[i].Name] < place[list[k].Name] })
	return list
}

// Tags yields the last sample of every tag of the named devices, or without names of all. What a TagState points to is
// valid until the next.
func (b *Bridge) Tags(devices ...string) iter.Seq[drivers.TagState] {
	return func(yield func(drivers.TagState) bool) {
		for _, l := range b.now.Load().connections {
			for t := range l.lane.Tags(devices...) {
				if !yield(t) {
					return
				}
			}
		}
	}
}

// Tables are the present values of all tags, a part of a device each; see drivers.Table.
func (b *Bridge) Tables() []drivers.Table {
	now := b.now.Load()
	list := make([]drivers.Table, 0, 2*len(now.connections))
	for _, l := range now.connections {
		list = append(list, l.lane.Tables()...)
	}
	return list
}

// JournalState is how the journal is doing.
type JournalState struct {
	Bytes int64 // that it takes, on disk and in memory
	// Diskless is why it is in memory only, and its samples lost at a restart; "": it is on disk.
	Diskless string
	Failing  error     // why it cannot be written: samples stay in memory; nil when it can
	Since    time.Time // when that began, also before the bridge did; zero: it is well
	Fsyncs   FsyncTimes
}

// Journal is how the journal is doing.
func (b *Bridge) Journal() JournalState {
	s := JournalState{Bytes: b.journal.Bytes(), Diskless: b.diskless, Failing: b.journal.Failing(), Fsyncs: b.fsyncs.state()}
	if s.Diskless != "" || s.Failing != nil {
		s.Since = b.events.Since(events.JournalFailing)
	}
	return s
}

// ReloadState is what became of the reloads so far.
type ReloadState struct {
	Applied, Refused uint64
	Since            time.Time // when the running configuration was applied
	Problems         []string  // of the last reload; none when it was applied
	RefusedSince     time.Time // since when what is on disk is refused, also before the bridge began; zero: it is not
	// LastGood says that the file had problems when the bridge was started, and has not been mended since: what was
	// applied before runs.
	LastGood bool
}

// Reloads is what became of the reloads so far.
func (b *Bridge) Reloads() ReloadState {
	s := b.reloads.state()
	if s.Since.IsZero() {
		s.Since = b.started
	}
	return s
}

// Polling reports that the configuration is loaded and polling has begun.
func (b *Bridge) Polling() bool { return b.polling.Load() }

// Version is the version and the commit that run.
func (b *Bridge) Version() (version, commit string) { return b.o.Version, b.o.Commit }

// Started is when the bridge was opened.
func (b *Bridge) Started() time.Time { return b.started }

// Log is where the bridge logs.
func (b *Bridge) Log() *slog.Logger { return b.o.Log }
