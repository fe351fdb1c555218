package opcua

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tagbridge/drivers/opcua/wire"
)

// learn finds out how the structures are encoded that p's tags take members of, as far as the time goes: values are not
// held up for long, and the rest is asked for between rounds.
func (l *Link) learn(ctx context.Context, p *Plan) error {
	var leads []int
	for i := range p.tags {
		if p.leads(i) && p.nodes[i].bad == wire.Good && (p.takesMember(i) || slices.ContainsFunc(p.others[i], func(k uint16) bool { return p.takesMember(int(k)) })) {
			leads = append(leads, i)
		}
	}
	at := func(k int) (wire.NodeID, wire.Attribute) { return p.nodes[leads[k]].id, wire.AttributeValue }
	f := filler{l: l, p: p}
	until := l.o.Now().Add(l.asking)
	for range maxNested { // the types of what is in them show when they are known themselves
		err := l.readAll(ctx, len(leads), at, func(k int, v *wire.DataValue) {
			l.meet(v.Value)
			f.lay(v.Value)
			f.pick(leads[k])
			for _, i := range p.others[leads[k]] {
				f.pick(int(i))
			}
		})
		if err != nil {
			return fmt.Errorf("read structures: %w", err)
		}
		if !l.types.pending(l.o.Now()) || l.o.Now().After(until) {
			break
		}
		if err := l.describe(ctx, p); err != nil {
			return err
		}
	}
	p.grown = false
	return nil
}

// takesMember reports that tag i is a member of a structure.
func (p *Plan) takesMember(i int) bool {
	return p.tags[i].Element.HasMember()
}

// meet notes the types of structures in v that are not known.
func (l *Link) meet(v wire.Variant) {
	note := func(raw []byte) {
		if e := wire.NewReader(raw).Extension(); e.Body != nil {
			l.types.meet(e.Type)
		}
	}
	switch {
	case v.Type != wire.TypeExtension:
	case !v.Array:
		note(v.Raw)
	default:
		for i, e := range v.All() {
			if note(e.Raw); i == 100 {
				return
			}
		}
	}
}

// describe asks for the types that were met, for a time. What p could not take from its values before is read when it
// is known how; p is nil when nobody waits.
func (l *Link) describe(ctx context.Context, p *Plan) error {
	now := l.o.Now()
	if l.types.pending(now) {
		until := now.Add(l.asking)
		if err := l.types.lookUp(ctx, l, now, func() bool { return !l.o.Now().After(until) }); err != nil {
			return fmt.Errorf("look up data types: %w", err)
		}
	}
	if p != nil && p.untyped && p.typesSeen != l.types.version {
		p.untyped, p.typesSeen, p.sub.reread = false, l.types.version, true
	}
	return nil
}

// definitions implements teller.
func (l *Link) definitions(ctx context.Context, types []wire.NodeID, yield func(i int, v *wire.DataValue)) error {
	at := func(k int) (wire.NodeID, wire.Attribute) { return types[k], wire.AttributeDefinition }
	return l.readAll(ctx, len(types), at, yield)
}

// related implements teller: it yields for each of nodes the one that refers to it.
func (l *Link) related(ctx context.Context, nodes []wire.NodeID, reference wire.NodeID, yield func(i int, status wire.Status, to wire.NodeID)) error {
	name := func(k int) string { return nodes[k].String() + " " + reference.String() }
	return l.inquire(ctx, &inquiry{
		what: "browse", most: &l.limits.browse, of: subjects{service: browseService, n: len(nodes), name: name},
		request: func(things []int) (wire.Request, int) {
			q := wire.Browse{Reference: reference, Inverse: true}
			for _, k := range things[:min(len(things), browseNodes)] {
				q.Nodes = append(q.Nodes, nodes[k])
			}
			return q, len(q.Nodes)
		},
		take: func(things []int, r *wire.Reader) error {
			results := r.Branches()
			if r.Err() != nil || len(results) != len(things) {
				return errCount
			}
			for i, k := range things {
				yield(k, results[i].Status, oneOf(results[i].References))
			}
			return nil
		},
		refuse: func(k int, status wire.Status) { yield(k, status, wire.NodeID{}) },
	})
}

// browseService is what nodes whose references are asked for are subjects of.
const browseService = 527

// oneOf is the first of refs that is of this server; null when there is none.
func oneOf(refs []wire.Reference) wire.NodeID {
	for _, ref := range refs {
		if ref.Local {
			return ref.Node
		}
	}
	return wire.NodeID{}
}

// passing is err, but for a service that failed without costing the session.
func passing(err error) error {
	if status, ok := errors.AsType[wire.Status](err); ok && !status.SessionLost() {
		return nil
	}
	return err
}
