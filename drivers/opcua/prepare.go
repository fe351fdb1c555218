package opcua

import (
	"cmp"
	"context"
	"slices"
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
	alone   bool      // no other request is to be under way with it
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
	l.layout(p, p.askable())
	p.mu.Lock()
	p.spaces, p.clock = l.spaces, l.clock.String()
	p.mu.Unlock()
	p.epoch = l.epoch
	l.retryLater(p)
	return nil
}

// retryLater has nodes that were not found looked for again after a while, or in the next round, when they were not
// looked for in the time that there was.
func (l *Link) retryLater(p *Plan) {
	p.retryAt = l.o.Now().Add(retryEvery)
	if p.waits {
		p.waits, p.retryAt = false, l.o.Now()
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
func (l *Link) resolve(ctx context.Context, p *Plan, tags []int) error {
	var paths []int
	for _, i := range tags {
		p.nodes[i] = target{}
		at := p.tags[i].Node
		if at.IsPath() {
			paths = append(paths, i)
			continue
		}
		id, err := at.Resolve(l.spaces)
		if p.nodes[i].id = id; err != nil {
			p.refuse(i, wire.BadNodeIDUnknown, err.Error())
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
	if err := l.rename(ctx); err != nil {
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
	l.retryLater(p)
	l.include(p, missing)
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
func (l *Link) include(p *Plan, tags []int) {
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
		l.layout(p, p.askable())
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

// layout spreads tags over requests, as what went wrong before has it.
func (l *Link) layout(p *Plan, tags []uint16) {
	most := p.most
	guarded := most > 1 && p.indexed()
	if guarded {
		most--
	}
	s := l.blame.spread(l.subjects(p, tags), most, l.o.Now())
	p.chunks, p.held, p.heldUntil = p.chunks[:0:0], p.held[:0], s.next
	for at, part := range s.parts {
		for i, k := range part {
			part[i] = int(tags[k])
		}
		p.chunks = p.pack(p.chunks, part, guarded, at >= s.alone)
	}
	for _, k := range s.held {
		p.held = append(p.held, tags[k])
	}
}

// pack appends a request of tags, or as many as the bytes of their names ask for.
func (p *Plan) pack(chunks []chunk, tags []int, guarded, alone bool) []chunk {
	for len(tags) > 0 {
		c := chunk{guarded: guarded, alone: alone}
		c.read.Times = p.asked()
		for len(c.tags) < len(tags) && len(c.read.Nodes) < maxBytes {
			i := tags[len(c.tags)]
			c.read.Add(p.nodes[i].id, wire.AttributeValue)
			c.tags = append(c.tags, uint16(i))
		}
		if c.guarded {
			c.read.Add(namespaceArray, wire.AttributeValue)
		}
		tags = tags[len(c.tags):]
		chunks = append(chunks, c)
	}
	return chunks
}

// nameOf names what is read for tag i, the same in each session.
func (p *Plan) nameOf(i uint16, spaces []string) string {
	at := p.tags[i].Node
	if !at.IsPath() {
		if id, err := at.Resolve(spaces); err == nil {
			return id.String()
		}
	}
	return at.String()
}

// asked is the timestamps that the server is to send.
func (p *Plan) asked() wire.Times {
	switch {
	case p.o.Subscribe:
		return wire.TimesBoth // which value is newer has to be known
	case p.o.Timestamps == SourceTime:
		return wire.TimesSource
	case p.o.Timestamps == ServerTime:
		return wire.TimesServer
	}
	return wire.TimesNone
}

// translate resolves browse paths.
func (l *Link) translate(ctx context.Context, p *Plan, tags []int) error {
	one := func(k int) wire.Path { return wire.Path{Start: wire.RootFolder, Names: p.tags[tags[k]].Node.Path} }
	name := func(k int) string { return p.tags[tags[k]].Node.String() }
	q := l.paths(subjects{service: translateService, n: len(tags), name: name}, one, func(k int, t wire.Target) {
		if i := tags[k]; t.Status == wire.Status(mapping.BadWaitingForInitialData) {
			p.refuse(i, t.Status, "the browse path is looked for: the server takes its time")
			p.waits = true
		} else if t.Status.IsBad() {
			p.refuse(i, t.Status, cmp.Or(explain(t.Status), "the server finds no node at this browse path: "+t.Status.Error()))
		} else {
			p.nodes[i].id = t.Node
		}
	})
	q.until = l.o.Now().Add(l.asking)
	return l.inquire(ctx, q)
}

// translateService is what browse paths are subjects of.
const translateService = 554

// targets looks for the nodes at paths, of which one tells each, and calls yield with what each leads to.
func (l *Link) targets(ctx context.Context, of subjects, one func(k int) wire.Path, yield func(k int, t wire.Target)) error {
	return l.inquire(ctx, l.paths(of, one, yield))
}

// paths is the inquiry of targets.
func (l *Link) paths(of subjects, one func(k int) wire.Path, yield func(k int, t wire.Target)) *inquiry {
	return &inquiry{
		what: "translate browse paths", most: &l.limits.translate, of: of,
		request: func(things []int) (wire.Request, int) {
			var q wire.TranslatePaths
			for size := 0; len(q.Paths) < len(things) && size < maxBytes; {
				p := one(things[len(q.Paths)])
				q.Paths = append(q.Paths, p)
				size += sizeOf(p)
			}
			return q, len(q.Paths)
		},
		take: func(things []int, r *wire.Reader) error {
			found := r.Targets()
			if r.Err() != nil || len(found) != len(things) {
				return errCount
			}
			for i, k := range things {
				yield(k, found[i])
			}
			return nil
		},
		refuse: func(k int, status wire.Status) { yield(k, wire.Target{Status: status}) },
	}
}

// sizeOf is about how many bytes of a request p takes.
func sizeOf(p wire.Path) int {
	n := 64 + len(p.Start.Text)
	for _, name := range p.Names {
		n += 20 + len(name.Name)
	}
	return n
}
