package opcua

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// prepare finds the nodes of j's plan in the present session and lays out its requests, when that is not done yet. It
// may change the tags of j.
func (v poller) prepare(ctx context.Context, b *mapping.Batch) error {
	if v.p.outgrown {
		v.p.outgrown, v.p.epoch = false, nil
	}
	if v.p.epoch == v.epoch {
		return nil
	}
	if v.p.epoch != nil { // there was another session: all tags were bad in between
		v.p.times.lost(v.o.Now().UnixNano())
	}
	v.p.most = v.limits.read
	v.p.aliased = false
	if err := v.resolve(ctx, v.p.leaders()); err != nil {
		return err
	}
	if err := v.learn(ctx); err != nil {
		return err
	}
	if err := v.complete(ctx, b); err != nil {
		return err
	}
	if err := v.register(ctx); err != nil {
		return err
	}
	v.layout(v.p.askable())
	v.p.mu.Lock()
	v.p.spaces, v.p.clock = v.spaces, v.clock.String()
	v.p.mu.Unlock()
	v.p.epoch = v.epoch
	v.retryLater()
	return nil
}

// retryLater has nodes that were not found looked for again after a while, or in the next round, when they were not
// looked for in the time that there was.
func (v poller) retryLater() {
	v.p.retryAt = v.o.Now().Add(retryEvery)
	if v.p.waits {
		v.p.waits, v.p.retryAt = false, v.o.Now()
	}
}

// leaders are the tags whose nodes are asked for.
func (p *Plan) leaders() []int {
	list := make([]int, 0, len(p.tags))
	for i := range p.tags {
		if p.leads(i) {
			list = append(list, i)
		}
	}
	return list
}

// resolve finds the nodes of tags.
func (v visit) resolve(ctx context.Context, tags []int) error {
	var paths []int
	for _, i := range tags {
		v.p.nodes[i] = target{}
		at := v.p.tags[i].Node
		if at.IsPath() {
			paths = append(paths, i)
			continue
		}
		id, err := at.Resolve(v.spaces)
		if v.p.nodes[i].id = id; err != nil {
			v.p.refuse(i, wire.BadNodeIDUnknown, err.Error())
		}
	}
	return v.translate(ctx, paths)
}

// retryEvery is how soon nodes that were not found are looked for again.
const retryEvery = 30 * time.Second

// retry looks again for nodes that were not found, now and then, and for namespaces that have come or gone.
func (v poller) retry(ctx context.Context) error {
	if v.p.epoch != v.epoch || v.o.Now().Before(v.p.retryAt) {
		return nil
	}
	v.p.retryAt = v.o.Now().Add(retryEvery)
	missing := v.p.missing()
	if len(missing) == 0 && !v.p.gone {
		return nil
	}
	before := v.spaces
	if err := v.rename(ctx); err != nil {
		return err
	}
	gone := v.p.gone
	v.p.gone = false
	switch {
	case !slices.Equal(before, v.spaces):
		return errRenumbered
	case gone && v.p.aliased: // an alias may be of a node that was replaced
		v.p.epoch = nil
		return nil
	}
	if err := v.resolve(ctx, missing); err != nil {
		return err
	}
	v.retryLater()
	v.include(missing)
	return nil
}

// missing is the tags whose nodes were not found.
func (p *Plan) missing() []int {
	var list []int
	for i := range p.nodes {
		if p.leads(i) && p.nodes[i].bad != wire.Good {
			list = append(list, i)
		}
	}
	return list
}

// include has those of tags read or monitored whose nodes were found in the end.
func (v poller) include(tags []int) {
	found := false
	for _, i := range tags {
		if v.p.nodes[i].bad != wire.Good {
			continue
		}
		found = true
		if v.p.o.Subscribe && v.p.sub.id != 0 {
			v.p.sub.queue = append(v.p.sub.queue, uint16(i))
		}
	}
	if found && !v.p.o.Subscribe {
		v.layout(v.p.askable())
	}
}

// refuse notes that tag i cannot be asked for.
func (p *Plan) refuse(i int, status wire.Status, why string) {
	p.nodes[i].bad = status
	p.mu.Lock()
	p.faults[i] = why
	for _, k := range p.followers[i] {
		p.faults[int(k)] = why
	}
	p.mu.Unlock()
}

// translate resolves browse paths.
func (v visit) translate(ctx context.Context, tags []int) error {
	one := func(k int) wire.Path { return wire.Path{Start: wire.RootFolder, Names: v.p.tags[tags[k]].Node.Path} }
	name := func(k int) string { return v.p.tags[tags[k]].Node.String() }
	q := v.paths(subjects{service: translateService, n: len(tags), name: name}, one, func(k int, t wire.Target) {
		if i := tags[k]; t.Status == wire.Status(mapping.BadWaitingForInitialData) {
			v.p.refuse(i, t.Status, "the browse path is looked for: the server takes its time")
			v.p.waits = true
		} else if t.Status.IsBad() {
			v.p.refuse(i, t.Status, cmp.Or(explain(t.Status), "the server finds no node at this browse path: "+t.Status.Error()))
		} else {
			v.p.nodes[i].id = t.Node
		}
	})
	q.until = v.o.Now().Add(v.asking)
	return v.inquire(ctx, q)
}

// translateService is what browse paths are subjects of.
const translateService = 554
