package opcua

import (
	"context"
	"fmt"
	"slices"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// complete asks the server for what the maps of j leave open, and has j read the tags that come of it when these are
// others than before.
func (v visit) complete(ctx context.Context, b *mapping.Batch) error {
	if v.p.o.Remake == nil || !slices.ContainsFunc(v.p.o.Maps, isOpen) {
		return nil
	}
	if v.p.queriedIn != v.epoch {
		v.p.queriedIn, v.p.queried = v.epoch, map[Place]bool{}
	}
	a := asker{
		l: v.Link, p: v.p, node: v.p.found(), told: map[Place]Facts{}, texts: map[Place]bool{},
		enums: map[wire.NodeID][]mapping.EnumText{},
	}
	for _, step := range []func(context.Context) error{a.properties, a.enumerations, a.lengths} {
		if err := step(ctx); err != nil {
			v.p.queriedIn = nil
			return fmt.Errorf("ask for units, ranges and lengths: %w", err)
		}
	}
	v.p.know(a.told)
	defer v.lacking()
	if full := Complete(v.p.o.Maps, v.p.facts); !slices.EqualFunc(full, v.p.tags, sameTag) {
		v.reshape(full, b)
	}
	return nil
}

// lacking logs, once, tags of which the server does not tell what they need.
func (v visit) lacking() {
	for _, t := range v.p.tags {
		if t.Deadband.Percent && !v.p.lacks {
			v.p.lacks = true
			v.log.Warn("deadband in percent of a range that the server does not tell: every change is sent; give min and max",
				"device", v.j.Device.Name, "tag", t.Name)
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
func (v visit) reshape(tags []*mapping.Tag, b *mapping.Batch) {
	made := v.p.o.Remake(tags)
	v.abandon()
	was := map[string]target{}
	why := map[string]string{} // nodes cannot be asked for
	badAt := map[string]int64{}
	for i, t := range v.p.tags {
		if v.p.leads(i) {
			was[t.Node.String()], why[t.Node.String()] = v.p.nodes[i], v.p.faults[i]
		}
		badAt[t.Name] = v.p.times.badAt[i]
	}
	v.p.mu.Lock()
	v.p.take(tags, made.Codecs)
	for i, t := range tags {
		if v.p.nodes[i] = was[t.Node.String()]; v.p.nodes[i].bad != wire.Good {
			v.p.faults[i] = why[t.Node.String()]
		}
	}
	v.p.mu.Unlock()
	v.p.times.init(len(tags))
	for i, t := range tags {
		v.p.times.badAt[i] = badAt[t.Name]
	}
	v.p.plain, v.p.unmonitored, v.p.sub.queue, v.p.sub.reading = map[int]bool{}, nil, nil, false
	v.j.Regroup(made.Group, made.Filter, b)
}
