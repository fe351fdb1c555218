package tagmap

import (
	"slices"
	"strings"

	"tagbridge/mapping"
)

// resolve compiles the formulas of a device's own map, which can name its tags.
func (b *tagBuilder) resolve() {
	list := b.list.Formulas
	if len(list) == 0 {
		return
	}
	byName := make(map[string]*mapping.Tag, len(b.list.Tags))
	var all []string
	for _, t := range b.list.Tags {
		byName[t.Name] = t
		all = append(all, t.Name)
	}
	order := Resolve(list, Names{
		ReadOnly: true,
		All:      func(*mapping.Tag) []string { return all },
		Find: func(_ *mapping.Tag, name string) (*mapping.Tag, string, bool) {
			if t := byName[name]; t != nil {
				return t, name, false
			}
			if t := byName[ArrayOf(name)]; t != nil && t.EachElement() {
				return t, name, false
			}
			_, broken := b.names[name]
			return nil, name, broken
		},
	})
	for _, t := range order {
		b.setPoll(t, byName)
	}
	read := slices.DeleteFunc(b.list.Tags, func(t *mapping.Tag) bool { return t.IsComputed() || Broken(t) })
	b.list.Tags = append(read, slices.DeleteFunc(order, Broken)...)
}

// ArrayOf is the name of the tag that makes an element's, as in force[3]; "" where name is none.
func ArrayOf(name string) string {
	if at := strings.LastIndexByte(name, '['); at > 0 && strings.HasSuffix(name, "]") {
		return name[:at]
	}
	return ""
}

// setPoll has t, which is computed, be computed as often as the fastest of its inputs is read.
func (b *tagBuilder) setPoll(t *mapping.Tag, byName map[string]*mapping.Tag) {
	traits := *t.Traits
	traits.Poll = b.def.Poll
	for i, n := range t.Computed.Value.Inputs() {
		in := byName[n.Name]
		if in == nil {
			in = byName[ArrayOf(n.Name)]
		}
		if i == 0 || in.Poll < traits.Poll {
			traits.Poll = in.Poll
		}
	}
	t.Traits = b.keep.traits(&traits)
}

// Broken reports a tag with a formula that is wrong.
func Broken(t *mapping.Tag) bool {
	c := t.Computed
	return c != nil && ((c.Expr == "") != (c.Value == nil) || (c.ValidIf == "") != (c.Valid == nil))
}
