package opcua

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"tagbridge/drivers/opcua/wire"
)

// operationLimits are how much the server takes in one request; 0 is what it likes best.
type operationLimits struct{ read, browse, register, translate, monitor int }

// survey asks a new session for its namespaces, limits and time.
func (l *Link) survey(ctx context.Context) error {
	l.limits = operationLimits{read: maxNodes, browse: maxNodes, register: maxNodes, translate: maxNodes, monitor: maxNodes}
	nodes := [...]uint32{2255, 11705, 11710, 11711, 11712, 11714}
	announced := l.limits
	limits := [...]*int{&announced.read, &announced.browse, &announced.register, &announced.translate, &announced.monitor}
	at := func(k int) (wire.NodeID, wire.Attribute) { return wire.Numeric(nodes[k]), wire.AttributeValue }
	err := l.readAll(ctx, len(nodes), at, func(k int, v *wire.DataValue) {
		if k == 0 {
			l.name(v.Value)
		} else if n, ok := integer(v.Value); ok && n > 0 && !v.Status.IsBad() {
			*limits[k-1] = int(min(n, maxNodes))
		}
	})
	if err != nil {
		return fmt.Errorf("read namespaces: %w", err)
	}
	if announced.read == maxNodes {
		announced.read = l.limits.read // as was found out with these
	}
	l.limits = announced
	return l.readClock(ctx)
}

// rename asks for the namespaces once more.
func (l *Link) rename(ctx context.Context) error {
	at := func(int) (wire.NodeID, wire.Attribute) { return namespaceArray, wire.AttributeValue }
	err := l.readAll(ctx, 1, at, func(_ int, v *wire.DataValue) {
		if !v.Status.IsBad() {
			l.name(v.Value)
		}
	})
	if err != nil {
		return fmt.Errorf("read namespaces: %w", err)
	}
	return nil
}

// name takes the table of namespaces.
func (l *Link) name(table wire.Variant) {
	l.spaces = nil
	l.table = append([]byte(nil), table.Raw...)
	for _, name := range table.All() {
		l.spaces = append(l.spaces, text(name))
	}
}

// read makes one read and checks that there is a value for each node. The values are valid until the session is used.
func (l *Link) read(ctx context.Context, q *wire.Read) ([]wire.DataValue, error) {
	r, err := l.s.Call(ctx, q)
	if err != nil {
		return nil, err
	}
	if n := r.Count(1); n != q.Count {
		return nil, fmt.Errorf("answer with %d values, want %d", n, q.Count)
	}
	values := make([]wire.DataValue, q.Count)
	for i := range values {
		r.DataValue(&values[i])
	}
	return values, r.Err()
}

// readAll reads any number of attributes, in as many requests as the server wants, and calls yield with each value,
// which is valid until yield returns. One that the server does not read is yielded with the status that says so.
func (l *Link) readAll(ctx context.Context, n int, at func(i int) (wire.NodeID, wire.Attribute), yield func(i int, v *wire.DataValue)) error {
	name := func(k int) string {
		id, attribute := at(k)
		return nameOf(id, attribute)
	}
	return l.inquire(ctx, &inquiry{
		what: "read", most: &l.limits.read, of: subjects{service: readService, n: n, name: name},
		request: func(things []int) (wire.Request, int) {
			q := &wire.Read{Times: wire.TimesNone}
			for q.Count < len(things) && len(q.Nodes) < maxBytes {
				q.Add(at(things[q.Count]))
			}
			return q, q.Count
		},
		take: func(things []int, r *wire.Reader) error {
			if r.Count(1) != len(things) {
				return errCount
			}
			var v wire.DataValue
			for _, k := range things {
				if r.DataValue(&v); r.Err() != nil {
					return r.Err()
				}
				yield(k, &v)
			}
			return nil
		},
		refuse: func(k int, status wire.Status) { yield(k, &wire.DataValue{Status: status}) },
	})
}

// readService is what subjects of reads are of.
const readService = 631

// nameOf names an attribute that is read.
func nameOf(id wire.NodeID, a wire.Attribute) string {
	if a == wire.AttributeValue {
		return id.String()
	}
	return fmt.Sprint(id, " ", a)
}

// errCount is an answer about more or fewer things than were asked about.
var errCount = errors.New("wrong number of results")

// renumbered reports that v, the table of namespaces, is not the one that nodes were found by. A server that does not
// show it at the moment says nothing.
func (l *Link) renumbered(v *wire.DataValue) bool {
	return !v.Status.IsBad() && v.Value.Type == wire.TypeString && !bytes.Equal(v.Value.Raw, l.table)
}

// definitions implements teller.
func (l *Link) definitions(ctx context.Context, types []wire.NodeID, yield func(i int, v *wire.DataValue)) error {
	at := func(k int) (wire.NodeID, wire.Attribute) { return types[k], wire.AttributeDefinition }
	return l.readAll(ctx, len(types), at, yield)
}

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
