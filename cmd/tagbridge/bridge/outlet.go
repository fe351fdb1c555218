package bridge

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/sinks"
)

// yieldTime is how long a sink that is taken away or replaced may take for what it was sent last.
const yieldTime = 2 * time.Second

// outlet is one sink with its forwarder.
type outlet struct {
	conf      *config.Sink
	sameAs    string // what is in its TLS files
	sink      sinks.Sink
	rejects   *sinks.Rejects
	forwarder *sinks.Forwarder
	task      *task
	pace      pace
	kept      sinks.KeptCount
}

// openOutlets opens the sinks of cfg; those that are as they were in old stay.
func (b *Bridge) openOutlets(old *setup, cfg *config.Config) ([]*outlet, error) {
	before := make(map[string]*outlet, len(old.outlets))
	for _, o := range old.outlets {
		before[o.conf.Name] = o
	}
	var all []*outlet
	for i := range cfg.Sinks {
		c := &cfg.Sinks[i]
		if o := before[c.Name]; o.serves(c) && old.cfg.Bridge.Journal.Rejected == cfg.Bridge.Journal.Rejected {
			all = append(all, o)
			continue
		}
		o, err := b.openOutlet(c, cfg, old.first())
		if err != nil {
			return all, fmt.Errorf("open sink %s: %w", c.Name, err)
		}
		all = append(all, o)
	}
	return all, nil
}

// serves reports that o is what c describes.
func (o *outlet) serves(c *config.Sink) bool {
	if o == nil {
		return false
	}
	x, y := *o.conf, *c
	x.Source, y.Source = mapping.Source{}, mapping.Source{}
	return reflect.DeepEqual(x, y) && o.sameAs == filesOf(c)
}

// filesOf identifies what is in the files that c names.
func filesOf(c *config.Sink) string {
	return contentsOf(c.TLS.CA, c.TLS.Certificate, c.TLS.Key, c.NATS.CredentialsFile)
}

// openOutlet makes the sink and where its refused samples go; nothing is delivered before connect. At the start, a sink
// that cannot be made tries again whenever there is something for it.
func (b *Bridge) openOutlet(c *config.Sink, cfg *config.Config, start bool) (*outlet, error) {
	same := filesOf(c)
	// Of b.o other parts change while sinks run.
	tags := &catalog{running: b.config}
	with := Options{
		Log: b.o.Log, Stdout: b.o.Stdout, origin: b.origin, dataDir: cfg.Bridge.DataDir, bridge: cfg.Bridge.Name, describe: tags.describe, known: tags.known,
	}
	open := func() (sinks.Sink, error) {
		if c.Held != "" {
			return nil, held(c.Held)
		}
		return openSink(c, with)
	}
	sink, err := open()
	if err != nil {
		if !start && c.Held == "" {
			return nil, err
		}
		b.o.Log.Error("sink cannot be delivered to yet", "sink", c.Name, "err", err)
		sink = &lateSink{open: open}
	}
	if c.TLS.Insecure {
		b.o.Log.Warn("certificate is not verified: insecure is set", "sink", c.Name)
	}
	rejects := sinks.NewRejects(sinks.RejectsOptions{
		Dir:     rejectedDir(cfg.Bridge.DataDir, c.Name),
		MaxSize: cfg.Bridge.Journal.Rejected,
	})
	return &outlet{conf: c, sameAs: same, sink: sink, rejects: rejects}, nil
}

// connect makes the forwarder, from where the sink is in the journal. Its counts go on where those of before ended, if
// that is not nil. present: the sink gets the present values first, even when it is not new.
func (b *Bridge) connect(o, before *outlet, present bool) {
	name := o.conf.Name
	if present {
		b.journal.Owe(name)
	}
	start, fresh := b.journal.Start(name, o.conf.From)
	var counts *sinks.Stats
	if before != nil {
		s := before.forwarder.Stats()
		counts = &s
	}
	o.forwarder = sinks.NewForwarder(sinks.ForwarderOptions{
		Name:    name,
		Log:     b.logOf(name, start),
		Estate:  b.estateOf(name),
		Sink:    o.sink,
		Match:   matchOf(o.conf),
		Down:    b.events.SinkDown(name),
		Batch:   o.conf.Batch,
		Flush:   o.conf.Flush,
		Start:   start,
		Fresh:   fresh,
		Before:  counts,
		Reject:  o.rejects,
		Present: func(yield func(*mapping.Batch)) { b.now.Load().present(yield) },
		Every:   func(yield func(*mapping.Batch)) { b.now.Load().everything(yield) },
		Settled: func() { b.journal.Settle(name) },
		Logger:  b.o.Log,
	})
}

// matchOf is which samples c gets.
func matchOf(c *config.Sink) *sinks.Match {
	m := sinks.NewMatch(c.Match)
	if c.Events {
		m.WithEvents()
	}
	if c.Type == "mqtt" && c.MQTT.Format == sparkplugFormat {
		m.WithHealth() // hosts are told when devices come and go
	}
	return m
}

// config is the configuration that runs; nil: there is none yet.
func (b *Bridge) config() *config.Config {
	if now := b.now.Load(); now != nil {
		return now.cfg
	}
	return nil
}

func (b *Bridge) startOutlet(o *outlet) {
	o.task = begin(func(ctx context.Context) {
		if err := o.forwarder.Run(ctx); err != nil {
			b.o.Log.Error("sink ended", "sink", o.conf.Name, "err", err)
		}
	})
}

// halt ends the forwarder between two deliveries, and closes the sink. What it has not delivered stays in the journal.
func (b *Bridge) halt(o *outlet) {
	ctx, cancel := context.WithTimeout(context.Background(), yieldTime)
	defer cancel()
	if err := o.forwarder.Halt(ctx); err != nil {
		b.o.Log.Warn("sink did not acknowledge in time; its last batch may be delivered again", "sink", o.conf.Name)
	}
	o.task.end(context.Background())
	if err := o.close(); err != nil {
		b.o.Log.Warn("close failed", "sink", o.conf.Name, "err", err)
	}
}

// replaceOutlets makes the sinks of old those of new. Sinks that are in both are not touched.
func (b *Bridge) replaceOutlets(old, new *setup) {
	stays := make(map[*outlet]bool)
	names := make(map[string]bool)
	for _, o := range new.outlets {
		stays[o], names[o.conf.Name] = true, true
	}
	replaced := make(map[string]*outlet)
	var all sync.WaitGroup
	for _, o := range old.outlets {
		if stays[o] {
			continue
		}
		replaced[o.conf.Name] = o
		all.Go(func() { b.halt(o) })
	}
	all.Wait()
	for _, o := range old.outlets {
		if !names[o.conf.Name] {
			b.journal.Leave(o.conf.Name)
		}
	}
	for _, o := range new.outlets {
		if o.task != nil {
			continue
		}
		before := replaced[o.conf.Name]
		// What it matches now and did not before may not change for long.
		b.connect(o, before, before != nil && !reflect.DeepEqual(before.conf.Match, o.conf.Match))
		b.startOutlet(o)
	}
}

func (o *outlet) close() error {
	return errors.Join(o.sink.Close(), o.rejects.Close())
}
