package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/cluster"
	"tagbridge/cmd/tagbridge/cluster/revision"
	"tagbridge/drivers"
	"tagbridge/mapping/config"
	"tagbridge/mapping/secure"
)

// sharing has the endpoints of a bridge read by one member of a cluster each. It implements bridge.Share.
type sharing struct {
	cluster *cluster.Cluster
	heir    *inheriting // nil: nothing is copied
	copying *copying    // nil: nothing is copied
	log     *slog.Logger
	end     context.CancelFunc
	ended   chan struct{} // closed when the cluster has been left

	follower atomic.Pointer[revision.Follower] // nil: revisions are not followed yet

	mu       sync.Mutex
	leases   map[string]*drivers.Lease // by endpoint, and by the key of a derived device
	holds    map[string]bool           // endpoints
	only     map[string][]string       // who may read an endpoint, where that is not everybody
	stops    bool                      // see config.Cluster
	computed map[string][]string       // endpoints that must be held, by the key of a derived device
}

var _ bridge.Share = (*sharing)(nil)

// share joins the cluster of cfg; nil: there is none.
func share(cfg *config.Config, log *slog.Logger) (bridge.Share, error) {
	c := &cfg.Bridge.Cluster
	if !c.On() {
		return nil, nil
	}
	credentials := string(c.Login.Credentials)
	if c.Login.CredentialsFile != "" {
		text, err := os.ReadFile(c.Login.CredentialsFile)
		if err != nil {
			return nil, fmt.Errorf("bridge.cluster: read credentials: %w", err)
		}
		credentials = string(text)
	}
	s := &sharing{log: log, ended: make(chan struct{}), leases: map[string]*drivers.Lease{}, holds: map[string]bool{}, computed: computedFrom(cfg), only: onlyOf(cfg), stops: c.Stops()}
	o := cluster.Options{
		Bridge: cfg.Bridge.Name, Node: c.Node, Version: version,
		TLS: secure.TLS(c.TLS), Credentials: credentials, NKey: string(c.Login.NKey), Username: c.Login.Username, Password: string(c.Login.Password),
		Takeover: c.Takeover, Stop: c.Stops(), Endpoints: sharedEndpoints(cfg), Held: s.held, Copied: s.copied, Log: log,
	}
	for _, url := range c.NATS {
		o.URLs = append(o.URLs, string(url))
	}
	var err error
	if s.cluster, err = cluster.New(o); err != nil {
		return nil, err
	}
	if c.Replicate {
		if s.copying, err = newCopying(s, cfg, o, log); err != nil {
			return nil, err
		}
	}
	var ctx context.Context
	ctx, s.end = context.WithCancel(context.Background())
	go func() {
		defer close(s.ended)
		s.cluster.Run(ctx)
	}()
	if c.Replicate {
		s.heir = inherit(s.cluster, cfg, log)
	}
	return s, nil
}

// leave leaves the cluster of s, which may be nil.
func leave(s bridge.Share) {
	if s != nil {
		s.Leave()
	}
}

// Configure implements bridge.Share.
func (s *sharing) Configure(cfg *config.Config) {
	if err := s.cluster.Configure(sharedEndpoints(cfg)); err != nil {
		s.log.Error("the cluster does not share what is new", "err", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.computed, s.only = computedFrom(cfg), onlyOf(cfg)
	s.compute()
}

// Leave implements bridge.Share.
func (s *sharing) Leave() {
	s.heir.leave()
	s.end()
	<-s.ended
}

// Drain implements bridge.Share.
func (s *sharing) Drain(on bool) { s.cluster.Drain(on) }

// State implements bridge.Share.
func (s *sharing) State() bridge.ShareState {
	now := s.cluster.State()
	out := bridge.ShareState{Node: now.Node, Attached: now.Attached, Joined: now.Joined, Problem: now.Twin, Stops: s.stops, Draining: now.Draining,
		Counts: bridge.ShareCounts(now.Counts)}
	var reports map[string]revision.Report
	out.Revision, reports = s.revisionState()
	for _, m := range now.Members {
		member := bridge.ShareMember{
			Node: m.Node, Self: m.Self, Joined: m.Joined, Silent: m.Silent, Unlike: m.Unlike, Gone: m.Gone, Draining: m.Draining, Version: m.Version,
			Since: m.Since, Heard: m.Heard, Reads: m.Reads, Copy: bridge.ShareCopy(m.Copy),
		}
		if r, ok := reports[m.Node]; ok {
			member.Revision, member.RevisionNote = r.Revision, r.Note()
		}
		if m.Self {
			member.Revision, member.RevisionNote = out.Revision.Number, out.Revision.Note()
		}
		out.Members = append(out.Members, member)
	}
	for _, v := range now.Servers {
		out.Servers = append(out.Servers, bridge.ShareServer{Address: v.Address, Up: v.Up, Since: v.Since, Error: v.Error, Lost: v.Lost})
	}
	for _, e := range now.Endpoints {
		out.Endpoints = append(out.Endpoints, bridge.ShareEndpoint{Key: e.Key, Here: e.Held, Owner: e.Owner, Also: e.Also, Only: s.onlyOf(e.Key), Epoch: e.Epoch, Since: e.Since})
	}
	out.Heirs = now.Heirs
	out.Rests, out.RestError = s.heir.rests()
	out.Warnings = now.Warnings()
	return out
}
