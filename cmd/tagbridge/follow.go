package main

import (
	"context"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/cluster/revision"
	"tagbridge/cmd/tagbridge/edit"
	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
)

// host is the bridge that takes revisions. It implements revision.Host.
type host struct {
	bridge *bridge.Bridge
	editor *edit.Editor
}

var _ revision.Host = host{}

// Try implements revision.Host.
func (h host) Try(files *source.Files) (bridge.Loaded, error) { return h.bridge.Try(files) }

// Replace implements revision.Host.
func (h host) Replace(texts []edit.Text, note bridge.Note) (bridge.Reloaded, error) {
	return h.editor.Replace(texts, note)
}

// follow has b take the revisions that are pushed to its cluster, until stop is called.
func (v runVerb) follow(shared bridge.Share, b *bridge.Bridge) (stop func()) {
	s, ok := shared.(*sharing)
	if !ok || v.Config == "-" {
		return func() {}
	}
	cfg := b.Config()
	f := revision.NewFollower(revision.Options{
		Store: s.cluster.Store(), Bridge: cfg.Bridge.Name, Node: cfg.Bridge.Cluster.Node, Program: version, Config: v.Config,
		DataDir: cfg.Bridge.DataDir, Host: host{b, edit.New(b)}, Members: s.nodes, Log: b.Log(),
	})
	s.follower.Store(f)
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f.Run(ctx)
	}()
	return func() {
		end()
		<-ended
	}
}

// nodes are the members that are known.
func (s *sharing) nodes() (names []string) {
	for _, m := range s.cluster.State().Members {
		names = append(names, m.Node)
	}
	return names
}

// revisionState is what is known of revisions; the zero value: nothing.
func (s *sharing) revisionState() (out bridge.ShareRevision, members map[string]revision.Report) {
	f := s.follower.Load()
	if f == nil {
		return out, nil
	}
	now := f.State()
	out.Differs, out.Refused, out.Why = now.Differs, now.Refused, now.Why
	if m := now.Applied; m != nil {
		out.Number, out.Time, out.By, out.Comment = m.Number, m.Time, m.By, m.Comment
	}
	if now.Newest != nil {
		out.Newest = now.Newest.Number
	}
	members = map[string]revision.Report{}
	for _, p := range now.Members {
		members[p.Node] = p
	}
	return out, members
}

// wantsRevisions reports that cfg is of a cluster, whose members can take revisions.
func wantsRevisions(cfg *config.Config) bool { return cfg != nil && cfg.Bridge.Cluster.On() }
