package main

import (
	"context"
	"log/slog"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/cluster"
	"tagbridge/cmd/tagbridge/cluster/heir"
	"tagbridge/mapping/config"
)

// inheriting is the delivering of what members of a cluster have left.
type inheriting struct {
	*heir.Heir
	end   context.CancelFunc
	ended chan struct{}
}

var _ bridge.Inheritance = (*inheriting)(nil)

// inherit delivers what members of c leave until it is ended by leave.
func inherit(c *cluster.Cluster, cfg *config.Config, log *slog.Logger) *inheriting {
	h := heir.New(heir.Options{
		Bridge: cfg.Bridge.Name, Node: cfg.Bridge.Cluster.Node, Store: c.Store(), Now: c.Now, Rules: heir.Defaults(cfg.Bridge.Cluster.Takeover), Log: log,
		Living: func() (nodes []string, sure bool) {
			now := c.State()
			for _, m := range now.Members {
				if !m.Silent {
					nodes = append(nodes, m.Node)
				}
			}
			return nodes, now.Attached
		},
	})
	i := &inheriting{Heir: h, ended: make(chan struct{})}
	var ctx context.Context
	ctx, i.end = context.WithCancel(context.Background())
	go func() {
		defer close(i.ended)
		h.Run(ctx)
	}()
	return i
}

// leaveTime is how long others' samples may take that are under way at a stop: the rest of the time is for this bridge's own.
const leaveTime = time.Second

// leave ends it. What is not said in time is found out by others after a while.
func (i *inheriting) leave() {
	if i == nil {
		return
	}
	i.end()
	wait := time.NewTimer(leaveTime)
	defer wait.Stop()
	select {
	case <-i.ended:
	case <-wait.C:
	}
}

// inheritance is that of the cluster of s; nil: there is none.
func inheritance(s bridge.Share) bridge.Inheritance {
	if s, ok := s.(*sharing); ok && s != nil && s.heir != nil {
		return s.heir
	}
	return nil
}

// rests are what members have left that are gone, and why that is not known now.
func (i *inheriting) rests() (list []bridge.ShareRest, problem string) {
	if i == nil {
		return nil, ""
	}
	state := i.State()
	for _, r := range state.Rests {
		list = append(list, shareRest(&r))
	}
	return list, state.Error
}

func shareRest(r *heir.Rest) bridge.ShareRest {
	out := bridge.ShareRest{Node: r.Node, Sink: r.Sink, By: r.By, Delivered: r.Dealt.Delivered, Finished: r.Finished, NoSink: r.NoSink}
	if r.End > r.Position {
		out.Waits = uint64(r.End - r.Position)
	}
	if r.Copied > r.Position {
		out.Copied = min(uint64(r.Copied-r.Position), out.Waits)
	}
	for _, m := range r.Missing {
		if m.To > m.From {
			out.Missing += uint64(m.To - m.From)
		}
	}
	return out
}
