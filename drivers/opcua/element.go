package opcua

import (
	"fmt"
	"strconv"
	"strings"

	"tagbridge/drivers/opcua/wire"
)

// step leads from a value to a part of it: an element of an array, or a member of a structure.
type step struct {
	index []int  // one number, or one for each dimension; nil for a member
	field string // its name
}

// parseElement reads the element column: [3], [1,2], .Speed, [3].Speed.
func parseElement(text string) ([]step, error) {
	var steps []step
	for rest := text; rest != ""; {
		switch rest[0] {
		case '[':
			inside, after, ok := strings.Cut(rest[1:], "]")
			if !ok {
				return nil, fmt.Errorf("element %q: no ]", text)
			}
			var s step
			if inside == "*" {
				return nil, fmt.Errorf("element %q: name one element; tagbridge browse --csv prints a row for each", text)
			}
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
	def *structure
}

// pick is the part of v that tag i is about; why says why there is none.
func (f *filler) pick(i int, v wire.Variant) (_ wire.Variant, why string) {
	p := part{Variant: v}
	for _, s := range f.p.wants[i].steps {
		if p.Type == wire.TypeVariant && !p.Array {
			p = part{Variant: wire.NewReader(p.Raw).Variant()}
		}
		if s.index != nil {
			if p, why = p.element(s.index); why != "" {
				return v, why
			}
			continue
		}
		if p, why = f.member(p, s.field); why != "" {
			return v, why
		}
	}
	if p.Type == wire.TypeVariant && !p.Array {
		p = part{Variant: wire.NewReader(p.Raw).Variant()}
	}
	switch {
	case p.Array:
		return p.Variant, fmt.Sprintf("an array of %d %s: name an element, such as [0]", p.Count, p.Type)
	case p.Type == wire.TypeExtension:
		return p.Variant, "a structure: name a member, such as ." + f.anyMember(p)
	}
	return p.Variant, ""
}

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
				return p, fmt.Sprintf("no element: dimension %d has %d", k+1, dims[k])
			}
			at = at*dims[k] + index[k]
		}
	}
	if p.def != nil {
		return p.structElement(at)
	}
	v, ok := p.Element(at)
	if !ok {
		return p, fmt.Sprintf("no element %d: the array has %d", at, p.Count)
	}
	return part{Variant: v}, ""
}
