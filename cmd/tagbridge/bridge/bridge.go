package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/drivers/derived"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
	"tagbridge/sinks/journal"
	"tagbridge/sinks/mqtt"
	"tagbridge/sinks/sparkplug"
)

const (
	stopTime    = 5 * time.Second  // to stop: lanes first, in what is left of it what is there is delivered
	connectTime = 10 * time.Second // for a command that reads once
	haltTime    = 2 * time.Second  // for lanes to end; a request that nobody answers is given up
)

// Options of a bridge.
type Options struct {
	Log     *slog.Logger
	Stdout  io.Writer // of file sinks on "-"
	Version string
	Commit  string
	Ready   func(httpAddr string) // called once polling has begun; "" without HTTP

	// Load loads the configuration anew for a reload, with files over those on disk, and tells what it depends on; nil:
	// there is no reload.
	Load     func(files *source.Files) Loaded
	Hangup   <-chan os.Signal   // asks for a reload; may be nil
	SetLevel func(level string) // changes what Log logs; may be nil
	// OpenServer opens what answers HTTP; nil: nobody is answered.
	OpenServer OpenServer
	// Held is the data directory, when it was taken before (see Hold); Open takes it over. nil: it was not.
	Held *journal.Held
	// First is what Load gave for the configuration that Open is called with, when there is Load.
	First Loaded
	// Refused is why the configuration on disk is not the one that Open is called with, which is the one that was applied
	// last; nil: it is.
	Refused []string

	// Share is how endpoints are shared with other bridges; nil: this one reads all of them.
	Share Share
	// Inheritance is how what such bridges left is delivered by others; nil: it is not.
	Inheritance Inheritance
	// Copies are what other machines have of the log; nil: they have nothing.
	Copies Copies

	// origin names the journal, and a sink of it, for ever; nil: nobody knows.
	origin  func(sink string) string
	dataDir string
	bridge  string // its name
	// describe is what births say of tags; nil: nothing is known of them.
	describe func(device, tag string) sparkplug.Details
	// known is what Home Assistant is told of tags besides their series; nil: nothing.
	known func(device, tag string) mqtt.Known
}

// Bridge is one configuration, running. A reload replaces what of it changed.
type Bridge struct {
	o       Options
	started time.Time
	journal sampleLog
	now     atomic.Pointer[setup]
	fsyncs  fsyncs
	reloads reloads
	watcher watcher
	aside   sync.Mutex // one device without a lane is asked at a time
	secrets watcher    // of the files that hold them
	notify  *notifier
	polling atomic.Bool
	lost    chan lostFront
	asks    chan ask
	loading sync.Mutex    // what Load is called under
	stopped chan struct{} // closed when nothing is attended to any more
	// diskless is why the journal is in memory only; "": it is on disk.
	diskless  string
	protocols protocols
	events    *events.Store
	teller    teller
	counts    *counts
	reckoned  *reckoning // from Run on
	// formulas is what the process before has kept of formulas, by device, once it was read.
	formulas     map[string][]byte
	formulasRead bool
	alarms       alarmBook
	inherits     inherits     // from Run on
	alarmHub     *derived.Hub // what the lane of alarms is given through
}

// Open makes everything that cfg names. Nothing is read, delivered or served before Run; the journal's folder and the
// files of sinks are opened.
func Open(cfg *config.Config, o Options) (*Bridge, error) {
	b := &Bridge{o: o, started: time.Now(), notify: newNotifier(os.Getenv("NOTIFY_SOCKET")), lost: make(chan lostFront),
		asks: make(chan ask), stopped: make(chan struct{}),
	}
	b.alarmHub = derived.NewHub(func(func(*mapping.Batch)) {}) // an alarm is computed of nothing that is read now
	b.protocols = protocolsOf(func(yield func(*mapping.Batch)) {
		if s := b.now.Load(); s != nil {
			s.present(yield)
		}
	})
	b.openEvents(cfg.Bridge.DataDir)
	b.counts = openCounts(cfg.Bridge.DataDir)
	b.beginRefused(o.Refused)
	if err := b.openJournal(cfg.Bridge); err != nil {
		return nil, err
	}
	first, err := b.prepare(nothing(), cfg)
	if err != nil {
		return nil, errors.Join(err, b.journal.Close())
	}
	b.makeUpFormulas(first)
	for _, c := range first.connections {
		c.lane.Apply(c.jobs) // so that they can be looked at
	}
	b.now.Store(first)
	return b, nil
}

// nothing is the setup before the first.
func nothing() *setup { return &setup{cfg: &config.Config{}} }

// Hold takes a data directory for this process before a bridge is opened with it. An error that is journal.ErrInUse says
// that another bridge runs with it; after others the bridge may still run, without its disk.
func Hold(dataDir string) (*journal.Held, error) {
	h, err := journal.Hold(journalIn(dataDir))
	if err != nil {
		return nil, fmt.Errorf("bridge.data_dir: %w", err)
	}
	return h, nil
}

// journalIn is the folder of the journal of a bridge with this data directory.
func journalIn(dataDir string) string { return filepath.Join(dataDir, "journal") }

func (b *Bridge) journalOptions(c config.Bridge) journal.Options {
	l := limitsOf(c.Journal)
	return journal.Options{
		Dir:      journalIn(c.DataDir),
		Sync:     c.Journal.Sync,
		MaxSize:  l.MaxSize,
		MaxAge:   l.MaxAge,
		Keep:     l.Keep,
		KeepSize: l.KeepSize,
		Log:      b.o.Log,
		Synced:   b.fsyncs.observe,

		FailedSince: b.events.Since(events.JournalFailing),
	}
}

// limitsOf is what a configuration allows its journal, which a reload may change.
func limitsOf(c config.Journal) journal.Limits {
	return journal.Limits{MaxSize: c.MaxSize, MaxAge: c.MaxAge, Keep: c.Keep, KeepSize: c.KeepSize}
}

// prepare makes what cfg names beyond what old has, without touching anything that runs.
func (b *Bridge) prepare(old *setup, cfg *config.Config) (*setup, error) {
	next := &setup{cfg: cfg}
	next.compiled = b.compile(old, cfg)
	var err error
	if next.connections, err = b.arrange(old, cfg, next.compiled); err != nil {
		return nil, err
	}
	if next.outlets, err = b.openOutlets(old, cfg); err != nil {
		return nil, errors.Join(err, next.discard(old))
	}
	if next.front, err = b.openFront(old.front, cfg.Bridge.HTTP, old.first()); err != nil {
		return nil, errors.Join(err, next.discard(old))
	}
	return next, nil
}

// discard closes the outlets of s that old does not have.
func (s *setup) discard(old *setup) error {
	running := make(map[*outlet]bool)
	for _, o := range old.outlets {
		running[o] = true
	}
	var failed []error
	for _, o := range s.outlets {
		if !running[o] {
			failed = append(failed, o.close())
		}
	}
	return errors.Join(failed...)
}

// Close releases what Open made, of a bridge that is not run.
func (b *Bridge) Close() error {
	close(b.stopped)
	s := b.now.Load()
	s.front.abandon()
	return errors.Join(s.discard(nothing()), b.journal.Close())
}

// Run reads and delivers until ctx ends, then stops within about 5 s: lanes first, then what is in the journal is delivered
// as far as it goes. ErrDisk asks to be opened and run again. Another error says why the bridge could not go on; what goes wrong with stopping is logged, as it was to stop.
func (b *Bridge) Run(ctx context.Context) error {
	first := b.now.Load()
	b.keepOutages(first.cfg)
	keep := begin(b.events.Run)
	b.beginInheriting()
	for _, o := range first.outlets {
		b.connect(o, nil, false)
	}
	b.hasSinks(first.cfg)
	b.alarms.set(first.cfg)
	b.reckoned = b.startReckoning(first.cfg.Bridge.DataDir, first.cfg)
	write := begin(func(ctx context.Context) {
		if err := b.journal.Run(ctx); err != nil {
			b.o.Log.Error("journal ended", "err", err)
		}
	})
	for _, o := range first.outlets {
		b.startOutlet(o)
	}
	b.o.Log.Info("starting", "version", b.o.Version, "before", b.events.Before().String(), "event", events.Start)
	newHandover(b, nothing(), first).run(ctx)
	b.share(first.cfg)
	b.beginCopies()
	learned := begin(b.keepLearned)
	counts := begin(b.keepCounts)
	formulas := begin(b.keepFormulas)
	tags := begin(b.watchTags)
	b.startFront(first.front)
	b.polling.Store(true)
	b.announce(first)

	err := b.attend(ctx)
	b.o.Log.Info("stopping", "event", events.Stop)
	if err == nil {
		b.notify.stopping()
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	last := b.now.Load()
	b.stopReading(ctx, last)
	b.leaveShare()
	tags.end(context.Background())
	b.reckoned.task.end(context.Background())
	b.flushEvents(ctx) // sinks get the last ones
	learned.end(context.Background())
	counts.end(ctx)
	formulas.end(context.Background())
	write.end(context.Background())
	left := b.drain(ctx, last)
	b.finishCopies()
	last.front.stop()
	if failed := errors.Join(last.discard(nothing()), b.journal.Close()); failed != nil {
		b.o.Log.Error("stopped with something left unwritten", "err", failed)
	}
	b.sayLeft(left)
	b.endEvents(keep)
	return err
}

func (b *Bridge) announce(s *setup) {
	addr := s.front.address()
	b.o.Log.Info("polling", "devices", len(s.cfg.Devices), "tags", s.tags(), "sinks", len(s.cfg.Sinks), "http", addr)
	b.notify.ready(b.status())
	if b.o.Ready != nil {
		b.o.Ready(addr)
	}
}

// stopReading ends all lanes. One in a request that cannot be broken off is left to itself after a while.
func (b *Bridge) stopReading(ctx context.Context, s *setup) {
	ctx, cancel := context.WithTimeout(ctx, haltTime)
	defer cancel()
	for _, c := range s.connections {
		c.task.cancel()
	}
	for _, c := range s.connections {
		if !c.task.end(ctx) {
			b.o.Log.Warn("a device did not answer the last request in time", "line", c.name)
		}
	}
}

// behind is how many samples the sink has still to get, as the journal has them: without those that were lost.
func (b *Bridge) behind(o *outlet) uint64 {
	for _, s := range b.journal.Stat() {
		if s.Sink == o.conf.Name {
			return s.Samples
		}
	}
	return 0
}

// drain lets all sinks deliver what is there, at the same time, as far as they take it, and returns those that did not take
// all.
func (b *Bridge) drain(ctx context.Context, s *setup) (left []*outlet) {
	var all sync.WaitGroup
	errs := make([]error, len(s.outlets))
	for i, o := range s.outlets {
		all.Go(func() {
			errs[i] = o.forwarder.Drain(ctx) // only that the time was over
			b.journal.Back(o.conf.Name)
			o.task.end(context.Background())
		})
	}
	all.Wait()
	for i, o := range s.outlets {
		if errs[i] != nil {
			left = append(left, o)
		}
	}
	return left
}

// sayLeft logs what the next start has to deliver, of a journal that is closed: what it could not keep is not there.
func (b *Bridge) sayLeft(left []*outlet) {
	for _, o := range left {
		b.o.Log.Warn("samples are left for the next start", "sink", o.conf.Name, "behind", b.behind(o))
	}
}
