package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/sinks/journal"
)

const (
	drainTime   = 5 * time.Second  // for delivering what is there when the bridge stops
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
}

// Bridge is one configuration, running.
type Bridge struct {
	cfg     *config.Config
	o       Options
	started time.Time
	journal *journal.Journal
	lines   []*line
	outlets []*outlet
	fsyncs  fsyncTimes
	polling atomic.Bool
}

// Open makes everything that cfg names. Nothing is read, delivered or served before Run; the journal's folder and the
// files of sinks are opened.
func Open(cfg *config.Config, o Options) (*Bridge, error) {
	b := &Bridge{cfg: cfg, o: o, started: time.Now()}
	if err := b.openLines(); err != nil {
		return nil, err
	}
	j, err := journal.Open(b.journalOptions())
	if err != nil {
		return nil, fmt.Errorf("open journal in %s: %w", cfg.Bridge.DataDir, err)
	}
	b.journal = j
	for i := range cfg.Sinks {
		out, err := b.openOutlet(&cfg.Sinks[i])
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open sink %s: %w", cfg.Sinks[i].Name, err), b.close())
		}
		b.outlets = append(b.outlets, out)
	}
	return b, nil
}

func (b *Bridge) journalOptions() journal.Options {
	c := b.cfg.Bridge
	return journal.Options{
		Dir:     filepath.Join(c.DataDir, "journal"),
		Sync:    c.Journal.Sync,
		MaxSize: c.Journal.MaxSize,
		MaxAge:  c.Journal.MaxAge,
		Log:     b.o.Log,
		Synced:  b.fsyncs.observe,
	}
}

// Run reads and delivers until ctx ends, then stops: lanes first, then what is in the journal is delivered for at most
// 5 s. Its error says why the bridge could not go on.
func (b *Bridge) Run(ctx context.Context) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	listener, err := b.listen()
	if err != nil {
		return errors.Join(err, b.close())
	}
	stopDelivery := b.startDelivery(context.WithoutCancel(ctx))
	stopLanes := b.startLanes(ctx)
	stopHTTP := b.startHTTP(context.WithoutCancel(ctx), listener, fail)
	b.polling.Store(true)
	b.announce(listener)

	<-ctx.Done()
	b.o.Log.Info("stopping")
	stopLanes()
	stopDelivery()
	stopHTTP()
	if err := b.close(); err != nil {
		return err
	}
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

func (b *Bridge) announce(l net.Listener) {
	addr := ""
	if l != nil {
		addr = l.Addr().String()
	}
	tags := 0
	for i := range b.cfg.Devices {
		tags += len(b.cfg.Devices[i].Tags)
	}
	b.o.Log.Info("polling", "devices", len(b.cfg.Devices), "tags", tags, "sinks", len(b.cfg.Sinks), "http", addr)
	if b.o.Ready != nil {
		b.o.Ready(addr)
	}
}

// startLanes starts all lanes and returns what stops them. A lane in a request that cannot be broken off is left to
// itself after a while.
func (b *Bridge) startLanes(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	for _, l := range b.lines {
		all.Go(func() {
			if err := l.lane.Run(ctx); err != nil {
				b.o.Log.Error("lane ended", "line", l.name, "err", err)
			}
		})
	}
	return func() {
		cancel()
		ended := make(chan struct{})
		go func() { all.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(haltTime):
			b.o.Log.Warn("a device did not answer the last request in time")
		}
	}
}

// startDelivery starts the journal and the forwarders and returns what stops them: what was read is delivered first,
// as far as the sinks take it in time.
func (b *Bridge) startDelivery(ctx context.Context) (stop func()) {
	journalCtx, stopJournal := context.WithCancel(ctx)
	sinkCtx, stopSinks := context.WithCancel(ctx)
	var journals, forwarders sync.WaitGroup
	journals.Go(func() {
		if err := b.journal.Run(journalCtx); err != nil {
			b.o.Log.Error("journal ended", "err", err)
		}
	})
	for _, o := range b.outlets {
		forwarders.Go(func() {
			if err := o.forwarder.Run(sinkCtx); err != nil {
				b.o.Log.Error("sink ended", "sink", o.conf.Name, "err", err)
			}
		})
	}
	return func() {
		stopJournal()
		journals.Wait()
		b.drain()
		stopSinks()
		forwarders.Wait()
	}
}

// drain lets all sinks deliver what is there, at the same time.
func (b *Bridge) drain() {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	var all sync.WaitGroup
	for _, o := range b.outlets {
		all.Go(func() {
			if err := o.forwarder.Drain(ctx); err != nil {
				b.o.Log.Warn("samples are left undelivered", "sink", o.conf.Name, "behind", o.forwarder.Stats().Behind, "err", err)
			}
		})
	}
	all.Wait()
}

// present calls yield with the present value of every tag.
func (b *Bridge) present(yield func(*mapping.Batch)) {
	for _, l := range b.lines {
		l.lane.Present(yield)
	}
}

func (b *Bridge) close() error {
	var failed []error
	for _, o := range b.outlets {
		failed = append(failed, o.close())
	}
	return errors.Join(append(failed, b.journal.Close())...)
}

// append takes the samples of all lanes.
func (b *Bridge) append(batch *mapping.Batch) error { return b.journal.Append(batch) }

// listen opens the HTTP address; nil when HTTP is off.
func (b *Bridge) listen() (net.Listener, error) {
	addr := b.cfg.Bridge.HTTP.Listen
	if addr == "" {
		return nil, nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for http (bridge.http): %w", err)
	}
	return l, nil
}

// startHTTP serves on l and returns what stops it. A lost listener ends the bridge.
func (b *Bridge) startHTTP(ctx context.Context, l net.Listener, fail context.CancelCauseFunc) (stop func()) {
	if l == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	all.Go(func() {
		if err := newServer(b, newRegistry(b), b.o.Log).serve(ctx, l); err != nil {
			fail(err)
		}
	})
	return func() {
		cancel()
		all.Wait()
	}
}
