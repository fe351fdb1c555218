package opcua

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/wire"
)

// learn finds out how the structures are encoded that p's tags take members of.
func (l *Link) learn(ctx context.Context, p *Plan) error {
	var tags []int
	for i := range p.wants {
		member := func(s step) bool { return s.field != "" }
		if p.nodes[i].bad == wire.Good && slices.ContainsFunc(p.wants[i].steps, member) {
			tags = append(tags, i)
		}
	}
	at := func(k int) (wire.NodeID, wire.Attribute) { return p.nodes[tags[k]].id, wire.AttributeValue }
	err := l.readAll(ctx, len(tags), at, func(_ int, v *wire.DataValue) { l.meet(v.Value) })
	if err != nil {
		return fmt.Errorf("read structures: %w", err)
	}
	if err := l.describe(ctx); err != nil {
		return err
	}
	return l.ranges(ctx, p)
}

// ranges asks for the EURange of tags whose deadband is a percentage of it.
func (l *Link) ranges(ctx context.Context, p *Plan) error {
	var tags []int
	var q wire.TranslatePaths
	for i, t := range p.tags {
		if t.Deadband.Percent && p.nodes[i].bad == wire.Good && len(q.Paths) < l.limits.translate {
			tags = append(tags, i)
			q.Paths = append(q.Paths, wire.Path{Start: p.nodes[i].id, Names: []wire.QualifiedName{{Name: "EURange"}}})
		}
	}
	if len(tags) == 0 {
		return nil
	}
	r, err := l.s.Call(ctx, q)
	if err != nil {
		return passing(err)
	}
	targets := r.Targets()
	if len(targets) != len(tags) || r.Err() != nil {
		return nil
	}
	at := func(k int) (wire.NodeID, wire.Attribute) { return targets[k].Node, wire.AttributeValue }
	return l.readAll(ctx, len(tags), at, func(k int, v *wire.DataValue) {
		if v.Value.Type != wire.TypeExtension || v.Value.Array {
			return
		}
		e := wire.NewReader(v.Value.Raw).Extension()
		body := wire.NewReader(e.Body)
		if low, high := body.Range(); e.Type == wire.RangeEncoding && body.Err() == nil && high > low {
			p.spans[tags[k]] = high - low
		}
	})
}

// applyRanges has the filter of j use what ranges found, for servers that do not apply deadbands themselves.
func (p *Plan) applyRanges(j *drivers.Job) {
	if j.Filter == nil {
		return
	}
	for i, span := range p.spans {
		j.Filter.SetSpan(i, span)
	}
	clear(p.spans)
}

// meet notes the types of structures in v that are not known.
func (l *Link) meet(v wire.Variant) {
	note := func(raw []byte) {
		if e := wire.NewReader(raw).Extension(); e.Body != nil {
			if _, known := l.types[e.Type]; !known {
				l.unknown[e.Type] = true
			}
		}
	}
	switch {
	case v.Type != wire.TypeExtension:
	case !v.Array:
		note(v.Raw)
	default:
		for i := range min(v.Count, 100) {
			if e, ok := v.Element(i); ok {
				note(e.Raw)
			}
		}
	}
}

// describe asks for the definitions of the types that were met. One that the server does not describe is nil.
func (l *Link) describe(ctx context.Context) error {
	for encoding := range l.unknown {
		delete(l.unknown, encoding)
		if _, known := l.types[encoding]; known {
			continue
		}
		l.types[encoding] = nil
		types, err := l.related(ctx, encoding, wire.HasEncoding)
		if err != nil {
			return err
		}
		if len(types) == 0 {
			continue
		}
		s, err := l.definition(ctx, types[0], 0)
		if err != nil {
			return err
		}
		l.types[encoding] = s
	}
	return nil
}

// related is the nodes with a reference of that type to n.
func (l *Link) related(ctx context.Context, n, reference wire.NodeID) ([]wire.NodeID, error) {
	r, err := l.s.Call(ctx, wire.Browse{Nodes: []wire.NodeID{n}, Reference: reference, Inverse: true})
	if err != nil {
		return nil, passing(err)
	}
	var found []wire.NodeID
	for _, b := range r.Branches() {
		for _, ref := range b.References {
			if ref.Local {
				found = append(found, ref.Node)
			}
		}
	}
	return found, r.Err()
}

// passing is err, but for a service that failed without costing the session.
func passing(err error) error {
	if status, ok := errors.AsType[wire.Status](err); ok && !status.SessionLost() {
		return nil
	}
	return err
}

// definition asks for the definition of a structured type; nil when there is none.
func (l *Link) definition(ctx context.Context, typ wire.NodeID, depth int) (*structure, error) {
	var q wire.Read
	q.Times = wire.TimesNone
	q.Add(typ, wire.AttributeDefinition)
	values, err := l.read(ctx, &q)
	if err != nil {
		return nil, passing(err)
	}
	v := values[0].Value
	if v.Type != wire.TypeExtension || v.Array || depth > maxNested {
		return nil, nil
	}
	e := wire.NewReader(v.Raw).Extension()
	if e.Type != wire.StructureDefinition {
		return nil, nil
	}
	r := wire.NewReader(e.Body)
	d := r.Definition()
	if r.Err() != nil || d.Kind > wire.StructUnion {
		return nil, nil
	}
	s := &structure{kind: d.Kind}
	var names []string
	for _, df := range d.Fields {
		f := field{name: df.Name, array: df.Array, optional: df.Optional}
		if err := l.fieldType(ctx, df.Type, &f, depth); err != nil {
			return nil, err
		}
		if f.typ == wire.TypeNull {
			return nil, nil
		}
		names = append(names, f.name)
		s.fields = append(s.fields, f)
	}
	s.names = strings.Join(names, ", ")
	return s, nil
}

// fieldType finds what a data type is made of: a built-in type, directly or as its ancestor, or a structure.
func (l *Link) fieldType(ctx context.Context, typ wire.NodeID, f *field, depth int) error {
	for range maxNested {
		if f.typ = builtin(typ); f.typ != wire.TypeNull {
			return nil
		}
		s, err := l.definition(ctx, typ, depth+1)
		if err != nil {
			return err
		}
		if s != nil {
			f.typ, f.def = wire.TypeExtension, s
			return nil
		}
		above, err := l.related(ctx, typ, wire.Numeric(45)) // HasSubtype
		if err != nil || len(above) == 0 {
			return err
		}
		typ = above[0]
	}
	return nil
}

// builtin is the built-in type that values of a data type of the standard's namespace are encoded as, if it is one.
func builtin(typ wire.NodeID) wire.Type {
	if typ.Space != 0 || typ.Kind != wire.IDNumeric {
		return wire.TypeNull
	}
	switch {
	case typ.Num >= 1 && typ.Num <= 25:
		return wire.Type(typ.Num)
	case typ.Num >= 26 && typ.Num <= 28: // Number, Integer, UInteger
		return wire.TypeVariant
	case typ.Num == 29: // Enumeration
		return wire.TypeInt32
	}
	return wire.TypeNull
}
