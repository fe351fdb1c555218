package opcua

import (
	"context"

	"tagbridge/drivers/opcua/wire"
)

// longID is from how many characters of its identifiers on a plan has its nodes registered: the server then looks
// them up once, and requests shrink to a few bytes a node.
const longID = 12

// maxRegister is how many requests that is worth: the first values wait for them.
const maxRegister = 100

// register has the server give short names to nodes with long ones. Servers that cannot are read as they are.
func (v visit) register(ctx context.Context) error {
	tags := v.p.askable()
	long := 0
	for _, i := range tags {
		long += len(v.p.nodes[i].id.Text)
	}
	if v.p.o.Subscribe || len(tags) == 0 || long < longID*len(tags) || len(tags) > maxRegister*v.limits.register {
		return nil
	}
	name := func(k int) string { return v.p.nodes[tags[k]].id.String() }
	return v.inquire(ctx, &inquiry{
		what: "register nodes", most: &v.limits.register, of: subjects{service: registerService, n: len(tags), name: name},
		request: func(things []int) (wire.Request, int) {
			var q wire.RegisterNodes
			for size := 0; len(q.Nodes) < len(things) && size < maxBytes; {
				id := v.p.nodes[tags[things[len(q.Nodes)]]].id
				q.Nodes = append(q.Nodes, id)
				size += 16 + len(id.Text)
			}
			return q, len(q.Nodes)
		},
		take: func(things []int, r *wire.Reader) error {
			ids := r.NodeIDs()
			if r.Err() != nil || len(ids) != len(things) {
				return errCount
			}
			for at, k := range things {
				if i := tags[k]; !ids[at].IsNull() && ids[at] != v.p.nodes[i].id {
					v.p.nodes[i].id, v.p.aliased = ids[at], true
				}
			}
			return nil
		},
		refuse: func(int, wire.Status) {}, // it is read by its long name
	})
}

// registerService is what nodes to be registered are subjects of.
const registerService = 560
