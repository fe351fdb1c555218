package opcua

import (
	"fmt"
	"slices"
	"strings"

	"tagbridge/drivers/opcua/wire"
)

// structure is how a structured type is encoded, all its types resolved.
type structure struct {
	kind   uint32
	fields []field
	names  string // of its fields, for people
}

// field is one member: of a built-in type, or of another structure.
type field struct {
	name     string
	typ      wire.Type
	def      *structure  // nil: typ
	kind     wire.NodeID // data type, when it is an enumeration
	array    bool
	optional bool
}

// maxNested is how deep structures may be nested.
const maxNested = 16

// isUnion reports that a value has one member only.
func (s *structure) isUnion() bool {
	return s.kind == wire.StructUnion || s.kind == wire.StructSubtypedUnion
}

// member is the member of structure p with that name.
func (f *filler) member(p part, name string) (part, string) {
	if p.Array {
		return p, fmt.Sprintf("an array of %d: name an element first, such as [0].%s", p.Count, name)
	}
	def, body := p.def, p.Raw
	if def == nil {
		if p.Type != wire.TypeExtension {
			return p, "no structure, but a " + p.Type.String()
		}
		e := wire.NewReader(p.Raw).Extension()
		if def, body = f.l.types[e.Type], e.Body; def == nil {
			f.l.meet(p.Variant)
			return p, "a structure of a type that the server does not describe (" + e.Type.String() + ")"
		}
	}
	r := wire.NewReader(body)
	got, ok := def.find(r, name)
	switch {
	case r.Err() != nil:
		return p, "a structure that does not fit its type's description: " + r.Err().Error()
	case !ok && def.has(name):
		return nothing, "the structure is without its member " + name + " at present"
	case !ok:
		return p, "no member " + name + ": the structure has " + def.names
	}
	return got, ""
}

// anyMember is the name of one member of p, as an example, or how to find one.
func (f *filler) anyMember(p part) string {
	def := p.def
	if def == nil {
		f.l.meet(p.Variant)
		def = f.l.types[wire.NewReader(p.Raw).Extension().Type]
	}
	if def == nil || len(def.fields) == 0 {
		return "; tagbridge browse shows them"
	}
	return ", such as ." + def.fields[0].name
}

// has reports a member of that name, which need not be in every value.
func (s *structure) has(name string) bool {
	return slices.ContainsFunc(s.fields, func(f field) bool { return strings.EqualFold(f.name, name) })
}

// find reads over members up to the one of that name.
func (s *structure) find(r *wire.Reader, name string) (part, bool) {
	var found part
	ok := false
	s.walk(r, func(f *field) bool {
		if !strings.EqualFold(f.name, name) {
			return false
		}
		found, ok = f.read(r), true
		return true
	}, 0)
	return found, ok && r.Err() == nil
}

// walk reads over the members that are there; take reads the one that it returns true for, and ends the walk.
func (s *structure) walk(r *wire.Reader, take func(*field) bool, depth int) {
	if depth > maxNested {
		return
	}
	present := ^uint32(0)
	only := -1
	switch s.kind {
	case wire.StructOptional:
		present = r.Uint32()
	case wire.StructUnion, wire.StructSubtypedUnion:
		only = int(r.Uint32()) - 1
	}
	bit := 0
	for i := range s.fields {
		f := &s.fields[i]
		if s.isUnion() && i != only {
			continue
		}
		if f.optional && s.kind == wire.StructOptional {
			bit++
			if present>>(bit-1)&1 == 0 {
				continue
			}
		}
		if take != nil && take(f) || r.Err() != nil {
			return
		}
		f.skip(r, depth)
	}
}

// read reads a member.
func (f *field) read(r *wire.Reader) part {
	p := part{Variant: wire.Variant{Type: f.typ, Array: f.array, Count: 1}, def: f.def, kind: f.kind}
	if f.array {
		p.Count = r.Count(1)
	}
	rest := r.Rest()
	before := r.Pos()
	f.skipElements(r, p.Count, 0)
	if r.Err() != nil {
		return part{}
	}
	p.Raw = rest[:r.Pos()-before]
	return p
}

func (f *field) skip(r *wire.Reader, depth int) {
	n := 1
	if f.array {
		n = r.Count(1)
	}
	f.skipElements(r, n, depth)
}

func (f *field) skipElements(r *wire.Reader, n, depth int) {
	if f.def == nil {
		r.SkipElements(f.typ, n)
		return
	}
	for range n {
		f.def.walk(r, nil, depth+1)
		if r.Err() != nil {
			return
		}
	}
}

// structElement is element at of an array of structures within a structure.
func (p part) structElement(at int) (part, string) {
	if at >= p.Count {
		return nothing, fmt.Sprintf("no element %d: the array has %d", at, p.Count)
	}
	r := wire.NewReader(p.Raw)
	for range at {
		p.def.walk(r, nil, 0)
	}
	return part{Variant: wire.Variant{Type: wire.TypeExtension, Raw: r.Rest()}, def: p.def}, ""
}
