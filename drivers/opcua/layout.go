package opcua

import (
	"tagbridge/drivers/opcua/wire"
)

// chunk is the tags of one request.
type chunk struct {
	tags    []uint16
	read    wire.Read // encoded once
	guarded bool      // behind the tags' nodes the server's table of namespaces is read
	alone   bool      // no other request is to be under way with it
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
func (v poller) layout(tags []uint16) {
	most := v.p.most
	guarded := most > 1 && v.p.indexed()
	if guarded {
		most--
	}
	s := v.blame.spread(v.p.subjects(tags, v.spaces), most, v.o.Now())
	v.p.chunks, v.p.held, v.p.heldUntil = v.p.chunks[:0:0], v.p.held[:0], s.next
	for at, part := range s.parts {
		for i, k := range part {
			part[i] = int(tags[k])
		}
		v.p.chunks = v.p.pack(v.p.chunks, part, guarded, at >= s.alone)
	}
	for _, k := range s.held {
		v.p.held = append(v.p.held, tags[k])
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

// subjects are the nodes of tags as things that are read.
func (p *Plan) subjects(tags []uint16, spaces []string) subjects {
	of := subjects{service: readService, n: len(tags), name: func(k int) string { return p.nameOf(tags[k], spaces) }}
	if p.o.Subscribe {
		of.also = monitorService
	}
	return of
}

// underWay is what the requests of p that were not answered yet are about.
func (p *Plan) underWay(spaces []string) (list []subjects) {
	for _, f := range p.round.flying {
		list = append(list, p.subjects(p.chunks[f.chunk].tags, spaces))
	}
	return list
}

// tableHandle is the handle of the monitored table: the one behind those of the tags.
func (p *Plan) tableHandle() uint32 { return uint32(len(p.tags)) }

// indexed reports that nodes of p were found by something else than the index that its map has.
func (p *Plan) indexed() bool {
	for _, t := range p.tags {
		if t.Node.IsPath() || t.Node.URI != "" {
			return true
		}
	}
	return false
}
