package opcua

import (
	"context"
	"fmt"
	"slices"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// complete asks the server for what the maps of j leave open, and has j read the tags that come of it when these are
// others than before.
func (l *Link) complete(ctx context.Context, j *drivers.Job, p *Plan, b *mapping.Batch) error {
	if p.o.Remake == nil || !slices.ContainsFunc(p.o.Maps, isOpen) {
		return nil
	}
	if p.queriedIn != l.epoch {
		p.queriedIn, p.queried = l.epoch, map[Place]bool{}
	}
	a := asker{
		l: l, p: p, node: p.found(), told: map[Place]Facts{}, texts: map[Place]bool{},
		enums: map[wire.NodeID][]mapping.EnumText{},
	}
	for _, step := range []func(context.Context) error{a.properties, a.enumerations, a.lengths} {
		if err := step(ctx); err != nil {
			p.queriedIn = nil
			return fmt.Errorf("ask for units, ranges and lengths: %w", err)
		}
	}
	p.know(a.told)
	defer l.lacking(j, p)
	if full := Complete(p.o.Maps, p.facts); !slices.EqualFunc(full, p.tags, sameTag) {
		l.reshape(j, p, full, b)
	}
	return nil
}

// lacking logs, once, tags of which the server does not tell what they need.
func (l *Link) lacking(j *drivers.Job, p *Plan) {
	for _, t := range p.tags {
		if t.Deadband.Percent && !p.lacks {
			p.lacks = true
			l.log.Warn("deadband in percent of a range that the server does not tell: every change is sent; give min and max",
				"device", j.Device.Name, "tag", t.Name)
		}
	}
}

// sameTag reports that two tags that were made of one map do not differ.
func sameTag(a, b *mapping.Tag) bool {
	return a == b || a.Name == b.Name && a.Element.Equal(b.Element) && a.Unit == b.Unit && a.Deadband == b.Deadband &&
		slices.Equal(a.Enum, b.Enum)
}

// know adds what was told to what is known. Arrays only grow: an element that is missing for a while is a bad value, and
// no tag that is gone.
func (p *Plan) know(told map[Place]Facts) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for at, f := range told {
		f.Length = max(f.Length, p.facts[at].Length)
		p.facts[at] = f
	}
}

// found is the nodes of p that are there, by address.
func (p *Plan) found() map[string]wire.NodeID {
	nodes := make(map[string]wire.NodeID, len(p.nodes))
	for i := range p.nodes {
		if p.leads(i) && p.nodes[i].bad == wire.Good {
			nodes[p.tags[i].Node.String()] = p.nodes[i].id
		}
	}
	return nodes
}

// reshape has p and j read tags instead of what they read before, whose nodes are the same.
func (l *Link) reshape(j *drivers.Job, p *Plan, tags []*mapping.Tag, b *mapping.Batch) {
	made := p.o.Remake(tags)
	l.abandon(p)
	was := map[string]target{}
	why := map[string]string{} // nodes cannot be asked for
	badAt := map[string]int64{}
	for i, t := range p.tags {
		if p.leads(i) {
			was[t.Node.String()], why[t.Node.String()] = p.nodes[i], p.faults[i]
		}
		badAt[t.Name] = p.times.badAt[i]
	}
	p.mu.Lock()
	p.take(tags, made.Codecs)
	for i, t := range tags {
		if p.nodes[i] = was[t.Node.String()]; p.nodes[i].bad != wire.Good {
			p.faults[i] = why[t.Node.String()]
		}
	}
	p.mu.Unlock()
	p.times.init(len(tags))
	for i, t := range tags {
		p.times.badAt[i] = badAt[t.Name]
	}
	p.plain, p.unmonitored, p.sub.queue, p.sub.reading = map[int]bool{}, nil, nil, false
	j.Regroup(made.Group, made.Filter, b)
}
