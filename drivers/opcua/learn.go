package opcua

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tagbridge/drivers/opcua/wire"
)

// learn finds out how the structures are encoded that p's tags take members of.
func (l *Link) learn(ctx context.Context, p *Plan) error {
	var tags []int
	for i := range p.wants {
		member := func(s step) bool { return s.field != "" }
		if p.nodes[p.lead[i]].bad == wire.Good && slices.ContainsFunc(p.wants[i].steps, member) {
			tags = append(tags, i)
		}
	}
	at := func(k int) (wire.NodeID, wire.Attribute) { return p.nodes[p.lead[tags[k]]].id, wire.AttributeValue }
	f := filler{l: l, p: p}
	for range maxNested { // the types of what is in them show when they are known themselves
		err := l.readAll(ctx, len(tags), at, func(k int, v *wire.DataValue) {
			l.meet(v.Value)
			f.pick(tags[k], v.Value)
		})
		if err != nil {
			return fmt.Errorf("read structures: %w", err)
		}
		if len(l.unknown) == 0 {
			break
		}
		if err := l.describe(ctx); err != nil {
			return err
		}
	}
	p.grown = false
	return nil
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
	if r.Err() != nil || d.Kind > wire.StructSubtypedUnion {
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
		if d.Kind >= wire.StructSubtyped && f.optional {
			f.subtyped()
		}
		names = append(names, f.name)
		s.fields = append(s.fields, f)
	}
	s.names = strings.Join(names, ", ")
	return s, nil
}

// subtyped has f be of any subtype of its type, which then goes along with the value (Part 6, 5.2.6).
func (f *field) subtyped() {
	if f.optional = false; f.typ != wire.TypeExtension {
		f.typ = wire.TypeVariant
	}
	f.def = nil
}

// fieldType finds what a data type is made of: a built-in type, directly or as its ancestor, or a structure.
func (l *Link) fieldType(ctx context.Context, typ wire.NodeID, f *field, depth int) error {
	given := typ
	for range maxNested {
		if f.typ = builtin(typ); f.typ != wire.TypeNull {
			if typ == enumerationType && typ != given {
				f.kind = given
			}
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

var enumerationType = wire.Numeric(29)

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
