package opcua

import (
	"fmt"
	"math"
	"slices"

	"tagbridge/mapping"
)

// Place is where a tag's value is, as its map has it.
type Place struct{ Node, Element string }

func placeOf(t *mapping.Tag) Place { return Place{t.Node.String(), t.Element.String()} }

// Facts are what a server told about a place that maps can leave open.
type Facts struct {
	Unit   string             // its engineering unit
	Span   float64            // the width of its range
	Enum   []mapping.EnumText // sorted by value
	Length int                // of the array that has [*] behind it
}

// maxLength is how many tags one [*] makes.
const maxLength = 10_000

// Complete fills in what the maps leave open of tags and facts tell: units of unscaled tags, the texts of enum: auto,
// and what a deadband in percent is of. A tag with [*] becomes one for each element of the array, TAG[0] and on; as
// long as there is none, or its number is not known, TAG[*] stands for them. Tags that are complete are passed on, the
// others copied. It makes at most mapping.MaxGroup tags.
func Complete(tags []*mapping.Tag, facts map[Place]Facts) []*mapping.Tag {
	if !slices.ContainsFunc(tags, isOpen) {
		return tags
	}
	names := make(map[string]bool, len(tags))
	for _, t := range tags {
		names[t.Name] = true
	}
	room := mapping.MaxGroup - len(tags)
	list := make([]*mapping.Tag, 0, len(tags))
	done := map[filled]*mapping.Traits{}
	for _, t := range tags {
		if !isOpen(t) {
			list = append(list, t)
			continue
		}
		f, told := facts[placeOf(t)]
		if !told && !t.EachElement() {
			list = append(list, t)
			continue
		}
		one := *t
		one.Traits = fillIn(t, f, done)
		if !t.EachElement() {
			list = append(list, &one)
			continue
		}
		n := min(f.Length, maxLength, room+1)
		if n <= 0 {
			one.Name += "[*]"
			list = append(list, &one)
			continue
		}
		room -= n - 1
		list = appendElements(list, &one, n, names)
	}
	return list
}

// isOpen reports that the server can tell something about t.
func isOpen(t *mapping.Tag) bool {
	return t.EnumAuto || t.Deadband.Percent || t.EachElement() || wantsUnit(t)
}

// wantsUnit reports a tag that is to have the server's unit. A scaled value is not in that any more.
func wantsUnit(t *mapping.Tag) bool {
	return t.Unit == "" && t.Scaling.Kind == mapping.Unscaled && !t.Element.HasMember()
}

// filled is what traits are filled in from.
type filled struct {
	traits *mapping.Traits
	unit   string
	span   float64
	enum   *mapping.EnumText // the first of the list
	wants  bool              // the unit
}

// fillIn is the traits of t with what f tells, one for all tags that are filled in alike.
func fillIn(t *mapping.Tag, f Facts, done map[filled]*mapping.Traits) *mapping.Traits {
	key := filled{traits: t.Traits, unit: f.Unit, span: f.Span, wants: wantsUnit(t)}
	if len(f.Enum) > 0 {
		key.enum = &f.Enum[0]
	}
	if known, ok := done[key]; ok {
		return known
	}
	traits := *t.Traits
	if key.wants {
		traits.Unit = f.Unit
	}
	if t.EnumAuto {
		traits.Enum = f.Enum
	}
	if t.Deadband.Percent && f.Span > 0 {
		traits.Deadband = mapping.Deadband{Value: t.Deadband.Value / 100 * f.Span / unscale(t)}
	}
	done[key] = &traits
	return &traits
}

// unscale is how many of the server's units one engineering unit of t is.
func unscale(t *mapping.Tag) float64 {
	switch s := &t.Scaling; s.Kind {
	case mapping.Linear:
		return 1 / math.Abs(s.Scale.Float64())
	case mapping.FromRange:
		return math.Abs((s.RawMax.Float64() - s.RawMin.Float64()) / (s.EngMax.Float64() - s.EngMin.Float64()))
	}
	return 1
}

// appendElements appends the tags of n elements of t, but for those whose names are others'.
func appendElements(list []*mapping.Tag, t *mapping.Tag, n int, names map[string]bool) []*mapping.Tag {
	slab := make([]mapping.Tag, n)
	for i := range slab {
		name := fmt.Sprintf("%s[%d]", t.Name, i)
		if names[name] {
			continue
		}
		slab[i] = *t
		slab[i].Name = name
		slab[i].Element = t.Element.At(i)
		list = append(list, &slab[i])
	}
	return list
}
