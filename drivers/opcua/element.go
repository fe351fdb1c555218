package opcua

import (
	"fmt"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping/node"
)

// part is a value or a part of one. A structure that stands in another has no id of its own.
type part struct {
	wire.Variant
	def  *structure
	kind wire.NodeID // data type of an enumerated member; null: of others
}

// nothing is a part that is not there.
var nothing part

// stage is one step through a value, kept for the tags that take the same steps and for those that take their
// neighbours: an array of thousands of texts is gone through once and not from its beginning for each tag, a structure
// is opened once for all its members.
type stage struct {
	in    part
	open  opened // in, when that is a structure
	isErr string // it is none that can be opened
	next  int    // the element of in that begins at pos, when in is an array
	pos   int
	step  *node.Step // that was taken last
	out   part
	why   string
}

// lay has the following picks take parts of v.
func (f *filler) lay(v wire.Variant) { f.begin(0, part{Variant: v}) }

// begin has stage k take steps from in.
func (f *filler) begin(k int, in part) {
	for len(f.path) <= k {
		f.path = append(f.path, stage{})
	}
	g := &f.path[k]
	g.in, g.open.def, g.isErr, g.next, g.pos, g.step = in.unwrap(), nil, "", 0, 0, nil
	f.laid = k
}

// pick is the part of the value laid that tag i is about; why says why there is none.
func (f *filler) pick(i int) (_ wire.Variant, why string) {
	e, grows := f.p.tags[i].Element, &f.p.grows[i]
	for k := range e {
		s, g := &e[k], &f.path[k]
		if grows.at == k+1 && g.in.Array && g.in.Count > grows.length {
			f.p.outgrown = true // there are elements without a tag
		}
		if s.Each {
			return f.unread(g.in)
		}
		if why := f.take(k, s); why != "" {
			return g.out.Variant, why
		}
	}
	p := f.path[len(e)].in
	switch {
	case p.Array:
		return p.Variant, fmt.Sprintf("an array of %d %s: name an element, such as [0]", p.Count, p.Type)
	case p.Type == wire.TypeExtension:
		return p.Variant, "a structure: name a member" + f.anyMember(p)
	}
	return p.Variant, ""
}

// take takes step s from stage k, so that the next stage is what it leads to; why says why it leads nowhere.
func (f *filler) take(k int, s *node.Step) (why string) {
	g := &f.path[k]
	if g.step == nil || !g.step.Equal(s) {
		if g.step = s; s.Index != nil {
			g.out, g.why = g.element(s.Index)
		} else {
			g.out, g.why = f.member(g, s.Member)
		}
		out := g.out
		f.begin(k+1, out)
	}
	return f.path[k].why
}

// unwrap is what is in a Variant that is no array, else p.
func (p part) unwrap() part {
	if p.Type == wire.TypeVariant && !p.Array {
		var r wire.Reader
		r.Reset(p.Raw)
		return part{Variant: r.Variant()}
	}
	return p
}

// member is the member of the structure in g with that name.
func (f *filler) member(g *stage, name string) (part, string) {
	p := g.in
	if p.Array {
		return p, fmt.Sprintf("an array of %d: name an element first, such as [0].%s", p.Count, name)
	}
	if why := f.unfold(g); why != "" {
		return p, why
	}
	i, why := g.open.def.indexOf(name)
	if why != "" {
		return p, why
	}
	got, ok := g.open.member(i)
	if !ok {
		return nothing, "the structure is without its member " + g.open.def.fields[i].name + " at present"
	}
	return got, ""
}

// unfold opens the structure in g, if that is not done yet.
func (f *filler) unfold(g *stage) (why string) {
	if g.open.def != nil || g.isErr != "" {
		return g.isErr
	}
	p := g.in
	def, body := p.def, p.Raw
	if def == nil {
		if p.Type != wire.TypeExtension {
			g.isErr = "it is of type " + p.Type.String() + ", not a structure"
			return g.isErr
		}
		e := wire.NewReader(p.Raw).Extension()
		if e.Body == nil {
			g.isErr = "a structure without a value, or one in XML"
			return g.isErr
		}
		body = e.Body
		if def, why = f.l.types.structure(e.Type); def == nil {
			f.l.types.meet(e.Type)
			f.p.untyped = true
			g.isErr = why
			return why
		}
	}
	g.open.open(def, body)
	if err := g.open.err; err != nil {
		g.open.def = nil
		g.isErr = misfit + err.Error()
	}
	return g.isErr
}

// misfit begins the reason why no member is taken of a structure that is made otherwise than the server describes.
const misfit = "a structure that does not fit its type's description: "

// anyMember is the name of one member of p, as an example, or how to find one.
func (f *filler) anyMember(p part) string {
	def := p.def
	if e := wire.NewReader(p.Raw).Extension(); def == nil && e.Body != nil {
		f.l.types.meet(e.Type)
		def, _ = f.l.types.structure(e.Type)
	}
	if def == nil || len(def.fields) == 0 {
		return "; tagbridge browse shows them"
	}
	return ", such as ." + def.fields[0].name
}

// unread is why there is no value of a tag that stands for the elements of p.
func (f *filler) unread(p part) (wire.Variant, string) {
	switch {
	case !p.Array:
		return p.Variant, "it is of type " + p.Type.String() + ", not an array"
	case p.Count == 0:
		return wire.Variant{}, "the array is empty"
	}
	f.p.outgrown = true
	return wire.Variant{}, "the elements of the array are looked up"
}

// follow is the part of v that e leads to, a [*] being the first element; false when there is none.
func (f *filler) follow(e node.Element, v wire.Variant) (part, bool) {
	f.lay(v)
	e = e.At(0)
	for k := range e {
		if f.take(k, &e[k]) != "" {
			return nothing, false
		}
	}
	return f.path[len(e)].in, true
}

// length is how many elements the array in v has that the [*] in e stands for.
func (f *filler) length(e node.Element, v wire.Variant) int {
	star := e.Each()
	if star < 0 {
		return 0
	}
	p, ok := f.follow(e[:star], v)
	if !ok || !p.Array {
		return 0
	}
	return p.Count
}

// element is the element at index of the array in g; its numbers are those of the dimensions or one through all.
func (g *stage) element(index []int) (part, string) {
	p := &g.in
	if !p.Array {
		return *p, "it is of type " + p.Type.String() + ", not an array"
	}
	at := index[0]
	if len(index) > 1 {
		dims := p.Dimensions()
		if len(dims) != len(index) {
			return *p, fmt.Sprintf("an array of %d dimensions", len(dims))
		}
		for k := range index {
			if index[k] >= dims[k] {
				return nothing, fmt.Sprintf("no element: dimension %d has %d", k+1, dims[k])
			}
			if k > 0 {
				at = at*dims[k] + index[k]
			}
		}
	}
	if at >= p.Count {
		return nothing, fmt.Sprintf("no element %d: the array has %d", at, p.Count)
	}
	return g.nth(at)
}

// nth is element at, which is there. Elements in order are each read once.
func (g *stage) nth(at int) (part, string) {
	if p := &g.in; p.def == nil {
		if v, ok := p.Fixed(at); ok {
			return part{Variant: v, kind: p.kind}, ""
		}
	}
	if at < g.next {
		g.next, g.pos = 0, 0
	}
	w := newWalk(g.in.Raw[g.pos:])
	for ; g.next < at; g.next++ {
		w.element(&g.in)
	}
	from := g.pos + w.r.Pos()
	w.element(&g.in)
	to := g.pos + w.r.Pos()
	if w.r.Err() != nil {
		return nothing, misfit + w.r.Err().Error()
	}
	g.next, g.pos = at, from
	return part{Variant: wire.Variant{Type: g.in.Type, Raw: g.in.Raw[from:to:to]}, def: g.in.def, kind: g.in.kind}, ""
}

// element reads over one element of the array in p.
func (w *walk) element(p *part) {
	if p.def == nil {
		w.r.SkipElements(p.Type, 1)
		return
	}
	w.structure(p.def, nil, 0)
}
