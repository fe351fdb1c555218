package opcua

import (
	"errors"
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
	rank     int         // -1: one value, 1: an array, above: a matrix
	optional bool
}

// maxNested is how deep structures may be nested.
const maxNested = 16

// isUnion reports that a value has one member only.
func (s *structure) isUnion() bool {
	return s.kind == wire.StructUnion || s.kind == wire.StructSubtypedUnion
}

// indexOf is the member of that name: the one that is written like that, else the only one that differs in case alone.
func (s *structure) indexOf(name string) (int, string) {
	if i := slices.IndexFunc(s.fields, func(f field) bool { return f.name == name }); i >= 0 {
		return i, ""
	}
	alike := func(f field) bool { return strings.EqualFold(f.name, name) }
	i := slices.IndexFunc(s.fields, alike)
	switch {
	case i < 0:
		return -1, "no member " + name + ": the structure has " + s.names
	case slices.ContainsFunc(s.fields[i+1:], alike):
		return -1, "no member " + name + ", and several that differ from it in upper and lower case: the structure has " + s.names
	}
	return i, ""
}

// place is where a member is in the body of its structure; it is not there when to is 0.
type place struct{ from, to int }

// opened is a structure whose members' places are known.
type opened struct {
	def    *structure
	body   []byte
	places []place
	err    error // the body is not what the description says
}

// open finds the members of body, all of it: one that goes on after the last member is made otherwise than it is
// described, and no member of it can be trusted.
func (o *opened) open(def *structure, body []byte) {
	o.def, o.body = def, body
	o.places = append(o.places[:0], make([]place, len(def.fields))...)
	w := newWalk(body)
	w.structure(def, o.places, 0)
	o.err = w.r.Err()
	if rest := len(w.r.Rest()); o.err == nil && rest > 0 {
		o.err = fmt.Errorf("%d bytes are left at its end", rest)
	}
}

// walk goes over the members of structures. Its steps are limited by the bytes there are: a type may have members that
// take none.
type walk struct {
	r     wire.Reader
	steps int
}

var errSteps = errors.New("more members than bytes")

func newWalk(body []byte) *walk {
	w := &walk{steps: 1000 + 8*len(body)}
	w.r.Reset(body)
	return w
}

// structure reads over one, and notes where its members are when there is room for that in places.
func (w *walk) structure(s *structure, places []place, depth int) {
	if depth > maxNested {
		w.r.Fail(fmt.Errorf("structures nested deeper than %d", maxNested))
		return
	}
	present := ^uint32(0)
	from, to := 0, len(s.fields)
	switch s.kind {
	case wire.StructOptional:
		present = w.r.Uint32()
	case wire.StructUnion, wire.StructSubtypedUnion:
		n := w.r.Uint32()
		if from, to = int(n)-1, int(n); n == 0 || uint64(n) > uint64(len(s.fields)) {
			if from, to = 0, 0; n != 0 {
				w.r.Fail(fmt.Errorf("a union with member %d of %d", n, len(s.fields)))
			}
		}
	}
	bit := 0
	for i := from; i < to && w.r.Err() == nil; i++ {
		f := &s.fields[i]
		if f.optional && s.kind == wire.StructOptional {
			if bit++; present>>(bit-1)&1 == 0 {
				continue
			}
		}
		at := w.r.Pos()
		w.field(f, depth)
		if places != nil {
			places[i] = place{at, w.r.Pos()}
		}
	}
	if s.kind == wire.StructOptional && uint64(present)>>bit != 0 && w.r.Err() == nil {
		w.r.Fail(errors.New("an optional member that the description does not have"))
	}
}

func (w *walk) field(f *field, depth int) {
	if w.steps--; w.steps < 0 {
		w.r.Fail(errSteps)
		return
	}
	n, _ := f.count(&w.r)
	if f.def == nil {
		w.r.SkipElements(f.typ, n)
		return
	}
	for range n {
		if w.structure(f.def, nil, depth+1); w.r.Err() != nil {
			return
		}
		if w.steps--; w.steps < 0 {
			w.r.Fail(errSteps)
			return
		}
	}
}

// count reads how many values a member has; of a matrix also its dimensions (Part 6, 5.2.5).
func (f *field) count(r *wire.Reader) (n int, dims []byte) {
	switch {
	case f.rank < 0:
		return 1, nil
	case f.rank == 1:
		return r.Count(1), nil
	}
	d := r.Count(4)
	if d != f.rank && r.Err() == nil {
		r.Fail(fmt.Errorf("a matrix of %d dimensions, described with %d", d, f.rank))
		return 0, nil
	}
	rest, at := r.Rest(), r.Pos()
	elements := int64(1)
	for range d {
		size := int64(max(0, r.Int32()))
		if elements *= size; elements > int64(len(rest)) || size > int64(len(rest)) {
			r.Fail(fmt.Errorf("a matrix of more elements than bytes: %w", wire.ErrCut))
			return 0, nil
		}
	}
	if r.Err() != nil {
		return 0, nil
	}
	return int(elements), rest[:r.Pos()-at]
}

// member is member i; false when it is not there at present.
func (o *opened) member(i int) (part, bool) {
	at, f := o.places[i], &o.def.fields[i]
	if at.to == 0 {
		return nothing, false
	}
	var r wire.Reader
	r.Reset(o.body[at.from:at.to])
	n, dims := f.count(&r)
	return part{
		Variant: wire.Variant{Type: f.typ, Array: f.rank >= 0, Count: n, Raw: r.Rest(), Dims: dims},
		def:     f.def, kind: f.kind,
	}, true
}
