package opcua

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tagbridge/drivers/opcua/wire"
)

// step leads from a value to a part of it: an element of an array, or a member of a structure.
type step struct {
	index []int  // one number, or one for each dimension; nil for a member
	field string // its name
	each  bool   // [*]: which elements there are is not known
}

// parseElement reads the element column: [3], [1,2], [*], .Speed, [3].Speed.
func parseElement(text string) ([]step, error) {
	var steps []step
	for rest := text; rest != ""; {
		switch rest[0] {
		case '[':
			inside, after, ok := strings.Cut(rest[1:], "]")
			if !ok {
				return nil, fmt.Errorf("element %q: no ]", text)
			}
			if inside == "*" {
				steps, rest = append(steps, step{each: true}), after
				continue
			}
			var s step
			for number := range strings.SplitSeq(inside, ",") {
				n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 31)
				if err != nil {
					return nil, fmt.Errorf("element %q: %q is no index", text, number)
				}
				s.index = append(s.index, int(n))
			}
			steps, rest = append(steps, s), after
		case '.':
			end := strings.IndexAny(rest[1:], ".[") + 1
			if end == 0 {
				end = len(rest)
			}
			if end == 1 {
				return nil, fmt.Errorf("element %q: a . without a name", text)
			}
			steps, rest = append(steps, step{field: rest[1:end]}), rest[end:]
		default:
			return nil, fmt.Errorf("element %q: want [3], .Speed or [3].Speed", text)
		}
	}
	return steps, nil
}

// part is a value or a part of one. A structure that stands in another has no id of its own.
type part struct {
	wire.Variant
	def  *structure
	kind wire.NodeID // data type of an enumerated member; null: of others
}

// pick is the part of v that tag i is about; why says why there is none.
func (f *filler) pick(i int, v wire.Variant) (_ wire.Variant, why string) {
	p := part{Variant: v}
	w := &f.p.wants[i]
	for k := range w.steps {
		s := &w.steps[k]
		p = p.open()
		if w.grows == k+1 && p.Array && p.Count > w.length {
			f.p.grown = true // there are elements without a tag
		}
		switch {
		case s.each:
			return f.unread(p)
		case s.index != nil:
			p, why = p.element(s.index)
		default:
			p, why = f.member(p, s.field)
		}
		if why != "" {
			return p.Variant, why
		}
	}
	p = p.open()
	switch {
	case p.Array:
		return p.Variant, fmt.Sprintf("an array of %d %s: name an element, such as [0]", p.Count, p.Type)
	case p.Type == wire.TypeExtension:
		return p.Variant, "a structure: name a member" + f.anyMember(p)
	}
	return p.Variant, ""
}

// open is what is in a Variant that is no array, else p.
func (p part) open() part {
	if p.Type == wire.TypeVariant && !p.Array {
		return part{Variant: wire.NewReader(p.Raw).Variant()}
	}
	return p
}

// unread is why there is no value of a tag that stands for the elements of p.
func (f *filler) unread(p part) (wire.Variant, string) {
	switch {
	case !p.Array:
		return p.Variant, "no array, but a " + p.Type.String()
	case p.Count == 0:
		return wire.Variant{}, "the array is empty"
	}
	f.p.grown = true
	return wire.Variant{}, "the elements of the array are looked up"
}

// follow is the part of v that steps lead to, a [*] being the first element; false when there is none.
func (f *filler) follow(steps []step, v wire.Variant) (part, bool) {
	p := part{Variant: v}
	for k := range steps {
		p = p.open()
		why := ""
		switch s := &steps[k]; {
		case s.each:
			p, why = p.element([]int{0})
		case s.index != nil:
			p, why = p.element(s.index)
		default:
			p, why = f.member(p, s.field)
		}
		if why != "" {
			return nothing, false
		}
	}
	return p.open(), true
}

// length is how many elements the array in v has that the [*] among steps stands for.
func (f *filler) length(steps []step, v wire.Variant) int {
	star := slices.IndexFunc(steps, func(s step) bool { return s.each })
	if star < 0 {
		return 0
	}
	p, ok := f.follow(steps[:star], v)
	if !ok || !p.Array {
		return 0
	}
	return p.Count
}

// nothing is a part that is not there.
var nothing part

// element is the element at index, whose numbers are those of the dimensions or one through all of them.
func (p part) element(index []int) (part, string) {
	if !p.Array {
		return p, "no array, but a " + p.Type.String()
	}
	at := index[0]
	if len(index) > 1 {
		dims := p.Dimensions()
		if len(dims) != len(index) {
			return p, fmt.Sprintf("an array of %d dimensions", len(dims))
		}
		for k := 1; k < len(index); k++ {
			if index[k] >= dims[k] {
				return nothing, fmt.Sprintf("no element: dimension %d has %d", k+1, dims[k])
			}
			at = at*dims[k] + index[k]
		}
	}
	if p.def != nil {
		return p.structElement(at)
	}
	v, ok := p.Element(at)
	if !ok {
		return nothing, fmt.Sprintf("no element %d: the array has %d", at, p.Count)
	}
	return part{Variant: v, kind: p.kind}, ""
}
