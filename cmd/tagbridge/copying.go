package main

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/cluster"
	"tagbridge/cmd/tagbridge/cluster/replica"
	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/mapping/config"
)

// copying copies what a member of a cluster takes into its journal. It has a connection of its own: what claims and others say must not
// stand behind it in a queue. It implements bridge.Copies.
type copying struct {
	o      replica.Options
	sender atomic.Pointer[replica.Sender]
	end    context.CancelFunc // nil: it was not begun
	ended  sync.WaitGroup
}

var _ bridge.Copies = (*copying)(nil)

// mostCopied is how large the stream of copies is at most.
const mostCopied = 256 << 20

// newCopying copies for the member that s is, in the cluster of cfg, whose options are o. It does nothing before Begin.
func newCopying(s *sharing, cfg *config.Config, o cluster.Options, log *slog.Logger) (*copying, error) {
	st, err := store.New(store.Options{
		Bridge: o.Bridge, Node: o.Node, URLs: o.URLs, TLS: o.TLS, Credentials: o.Credentials, NKey: o.NKey, Username: o.Username, Password: o.Password,
		Log: slog.New(slog.DiscardHandler), // the other connection says the same, and State has it
	})
	if err != nil {
		return nil, err
	}
	return &copying{o: replica.Options{
		Bridge: o.Bridge, Node: o.Node, Store: st, Aside: s.standsAside, Logger: log,
		Limits: replica.Limits{MaxBytes: min(cfg.Bridge.Journal.MaxSize, mostCopied), MaxAge: cfg.Bridge.Journal.MaxAge},
	}}, nil
}

// standsAside is why nothing is to be copied; "": it is.
func (s *sharing) standsAside() string {
	for _, m := range s.cluster.State().Members {
		if m.Self && m.Aside {
			return "another member has this node's name, and came first"
		}
	}
	return ""
}

// copied is how far that is, for the others to know.
func (s *sharing) copied() cluster.Copy {
	if s.copying == nil {
		return cluster.Copy{}
	}
	c := s.copying.State()
	return cluster.Copy{Copies: c.Stream != "", Behind: c.Behind, Age: c.Age}
}

// copies is what copies for s; nil: nothing does.
func copies(s bridge.Share) bridge.Copies {
	if s, ok := s.(*sharing); ok && s != nil && s.copying != nil {
		return s.copying
	}
	return nil
}

// Begin implements bridge.Copies.
func (c *copying) Begin(log bridge.CopiedLog) {
	o := c.o
	o.Log = log
	sender := replica.New(o)
	var ctx context.Context
	ctx, c.end = context.WithCancel(context.Background())
	c.ended.Go(func() { o.Store.Run(ctx) })
	c.ended.Go(func() { sender.Run(ctx) })
	c.sender.Store(sender)
}

// State implements bridge.Copies.
func (c *copying) State() (out bridge.CopyState) {
	sender := c.sender.Load()
	if sender == nil {
		return out
	}
	s := sender.State()
	return bridge.CopyState{
		Stream: s.Stream, Copied: s.Copied, Behind: s.Behind, Age: s.Age, Samples: s.Samples, Bytes: s.Bytes, Missed: s.Missed,
		Error: s.Error, Since: s.Since, Cursors: s.Cursors,
	}
}

// Finish implements bridge.Copies.
func (c *copying) Finish(ctx context.Context) {
	if c.end == nil {
		return
	}
	c.sender.Load().Finish(ctx)
	c.end()
	c.ended.Wait()
}
