package opcua

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// chunk is the tags of one request.
type chunk struct {
	tags    []uint16
	read    wire.Read // encoded once
	guarded bool      // behind the tags' nodes the server's table of namespaces is read
}

// prepare finds the nodes of j's plan in the present session and lays out its requests, when that is not done yet. It
// may change the tags of j.
func (l *Link) prepare(ctx context.Context, j *drivers.Job, p *Plan, b *mapping.Batch) error {
	if p.grown {
		p.grown, p.epoch = false, nil
	}
	if p.epoch == l.epoch {
		return nil
	}
	if p.epoch != nil { // there was another session: all tags were bad in between
		p.times.lost(l.o.Now().UnixNano())
	}
	p.most = l.limits.read
	p.aliased = false
	if err := l.resolve(ctx, p, p.leaders()); err != nil {
		return err
	}
	if err := l.learn(ctx, p); err != nil {
		return err
	}
	if err := l.complete(ctx, j, p, b); err != nil {
		return err
	}
	if err := l.register(ctx, p); err != nil {
		return err
	}
	p.chunks = p.layout(p.askable())
	p.mu.Lock()
	p.spaces = l.spaces
	p.mu.Unlock()
	p.epoch = l.epoch
	p.retryAt = l.o.Now().Add(retryEvery)
	return nil
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
func (l *Link) resolve(ctx context.Context, p *Plan, tags []int) error {
	var paths []int
	for _, i := range tags {
		w := &p.wants[i]
		p.nodes[i] = node{}
		switch {
		case w.err != "":
			p.refuse(i, wire.Status(mapping.BadConfigurationError), w.err)
		case w.path:
			paths = append(paths, i)
		default:
			id, err := w.address.Resolve(l.spaces)
			if p.nodes[i].id = id; err != nil {
				p.refuse(i, wire.BadNodeIDUnknown, err.Error())
			}
		}
	}
	return l.translate(ctx, p, paths)
}

// retryEvery is how soon nodes that were not found are looked for again.
const retryEvery = 30 * time.Second

// retry looks again for nodes that were not found, now and then, and for namespaces that have come or gone.
func (l *Link) retry(ctx context.Context, p *Plan) error {
	if p.epoch != l.epoch || l.o.Now().Before(p.retryAt) {
		return nil
	}
	p.retryAt = l.o.Now().Add(retryEvery)
	missing := p.missing()
	if len(missing) == 0 && !p.gone {
		return nil
	}
	before := l.spaces
	if err := l.survey(ctx); err != nil {
		return err
	}
	gone := p.gone
	p.gone = false
	switch {
	case !slices.Equal(before, l.spaces):
		return errRenumbered
	case gone && p.aliased: // an alias may be of a node that was replaced
		p.epoch = nil
		return nil
	}
	if err := l.resolve(ctx, p, missing); err != nil {
		return err
	}
	p.include(missing)
	return nil
}

// missing is the tags whose nodes were not found. Those that are known and cannot be monitored are not among them.
func (p *Plan) missing() []int {
	var list []int
	for i := range p.nodes {
		if p.leads(i) && p.nodes[i].bad != wire.Good && !p.sub.failed[i] && p.wants[i].err == "" {
			list = append(list, i)
		}
	}
	return list
}

// include has those of tags read or monitored whose nodes were found in the end.
func (p *Plan) include(tags []int) {
	found := false
	for _, i := range tags {
		if p.nodes[i].bad != wire.Good {
			continue
		}
		found = true
		if p.o.Subscribe && p.sub.id != 0 {
			p.sub.queue = append(p.sub.queue, uint16(i))
		}
	}
	if found && !p.o.Subscribe {
		p.chunks = p.layout(p.askable())
	}
}

// refuse notes that tag i cannot be asked for.
func (p *Plan) refuse(i int, status wire.Status, why string) {
	p.nodes[i].bad = status
	p.mu.Lock()
	p.faults[i] = why
	for _, k := range p.others[i] {
		p.faults[int(k)] = why
	}
	p.mu.Unlock()
}

// askable is the tags that have a node.
func (p *Plan) askable() []uint16 {
	list := make([]uint16, 0, len(p.nodes))
	for i := range p.nodes {
		if p.leads(i) && p.nodes[i].bad == wire.Good {
			list = append(list, uint16(i))
		}
	}
	return list
}

// layout spreads tags over requests.
func (p *Plan) layout(tags []uint16) []chunk {
	var chunks []chunk
	most := p.most
	guarded := most > 1 && p.indexed()
	if guarded {
		most--
	}
	for len(tags) > 0 {
		c := chunk{guarded: guarded}
		c.read.Times = p.asked()
		n := 0
		for n < len(tags) && n < most && len(c.read.Nodes) < maxBytes {
			c.read.Add(p.nodes[tags[n]].id, wire.AttributeValue)
			n++
		}
		if c.guarded {
			c.read.Add(namespaceArray, wire.AttributeValue)
		}
		c.tags, tags = tags[:n:n], tags[n:]
		chunks = append(chunks, c)
	}
	return chunks
}

// asked is the timestamps that the server is to send.
func (p *Plan) asked() wire.Times {
	switch p.o.Timestamps {
	case SourceTime:
		return wire.TimesSource
	case ServerTime:
		return wire.TimesServer
	}
	return wire.TimesNone
}

// translate resolves browse paths.
func (l *Link) translate(ctx context.Context, p *Plan, tags []int) error {
	for len(tags) > 0 {
		n := min(len(tags), l.limits.translate)
		var q wire.TranslatePaths
		var asked []int
		for _, i := range tags[:n] {
			path, err := ParsePath(p.tags[i].Node)
			if err != nil {
				p.refuse(i, wire.BadNodeIDInvalid, err.Error())
				continue
			}
			q.Paths = append(q.Paths, wire.Path{Start: wire.RootFolder, Names: path})
			asked = append(asked, i)
		}
		tags = tags[n:]
		if len(asked) == 0 {
			continue
		}
		r, err := l.s.Call(ctx, q)
		if status, ok := errors.AsType[wire.Status](err); ok && !status.SessionLost() {
			for _, i := range asked {
				p.refuse(i, status, "the server does not look for the browse path: "+status.Error())
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("translate browse paths: %w", err)
		}
		targets := r.Targets()
		if r.Err() != nil || len(targets) != len(asked) {
			return fmt.Errorf("translate browse paths: %d answers to %d paths (%v)", len(targets), len(asked), r.Err())
		}
		for k, t := range targets {
			if t.Status.IsBad() {
				p.refuse(asked[k], t.Status, cmp.Or(explain(t.Status), "the server has no node at this browse path: "+t.Status.Error()))
				continue
			}
			p.nodes[asked[k]].id = t.Node
		}
	}
	return nil
}

// ParsePath reads a browse path such as /Objects/2:Press/2:Force: names with the index of their namespace, 0 when
// there is none. A / in a name is written as &/, and an & as &&.
func ParsePath(path string) ([]wire.QualifiedName, error) {
	var names []wire.QualifiedName
	for _, level := range splitPath(path) {
		name := wire.QualifiedName{Name: level}
		if index, rest, ok := strings.Cut(level, ":"); ok {
			if n, err := strconv.ParseUint(index, 10, 16); err == nil {
				name = wire.QualifiedName{Space: uint16(n), Name: rest}
			}
		}
		if name.Name == "" {
			return nil, fmt.Errorf("browse path %q: a level without a name", path)
		}
		names = append(names, name)
	}
	return names, nil
}

// splitPath splits at each / that is not written as &/.
func splitPath(path string) []string {
	var levels []string
	var level strings.Builder
	for i := 1; i < len(path); i++ {
		switch c := path[i]; {
		case c == '&' && i+1 < len(path):
			i++
			level.WriteByte(path[i])
		case c == '/':
			levels = append(levels, level.String())
			level.Reset()
		default:
			level.WriteByte(c)
		}
	}
	return append(levels, level.String())
}

// longID is from how many characters of its identifiers on a plan has its nodes registered: the server then looks
// them up once, and requests shrink to a few bytes a node.
const longID = 12

// register has the server give short names to nodes with long ones. Servers that cannot are read as they are.
func (l *Link) register(ctx context.Context, p *Plan) error {
	tags := p.askable()
	long := 0
	for _, i := range tags {
		long += len(p.nodes[i].id.Text)
	}
	if p.o.Subscribe || len(tags) == 0 || long < longID*len(tags) {
		return nil
	}
	for len(tags) > 0 {
		n := min(len(tags), l.limits.register, maxBytes/(16+long/len(p.nodes)))
		var q wire.RegisterNodes
		for _, i := range tags[:n] {
			q.Nodes = append(q.Nodes, p.nodes[i].id)
		}
		r, err := l.s.Call(ctx, q)
		if status, ok := errors.AsType[wire.Status](err); ok && !status.SessionLost() {
			return nil
		}
		if err != nil {
			return fmt.Errorf("register nodes: %w", err)
		}
		ids := r.NodeIDs()
		if r.Err() != nil || len(ids) != n {
			return nil
		}
		for k, i := range tags[:n] {
			if !ids[k].IsNull() && ids[k] != p.nodes[i].id {
				p.nodes[i].id, p.aliased = ids[k], true
			}
		}
		tags = tags[n:]
	}
	return nil
}
