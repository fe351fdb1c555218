package main

import (
	"slices"
	"strings"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/formula"
)

// withInputs are the tags that asked are, with those of all that they are computed from or judged by, in one round: computed
// ones come last, each after what it needs, as in d. shown is where each of asked is among them. With exponents there are the
// registers of those too, without which a dump would not give their values again.
func withInputs(d *config.Device, asked []*mapping.Tag, exponents bool) (list []*mapping.Tag, shown []int) {
	all, needed := d.Tags, map[string]bool{}
	var need func(t *mapping.Tag)
	need = func(t *mapping.Tag) {
		if t.Computed == nil {
			return
		}
		for _, f := range []*formula.Formula{t.Computed.Value, t.Computed.Valid} {
			if f == nil {
				continue
			}
			for _, in := range f.Inputs() {
				name := in.Name
				if d.IsDerived() {
					name = strings.TrimPrefix(name, d.Name+"/")
				}
				if i := slices.IndexFunc(all, func(t *mapping.Tag) bool { return t.Name == name }); i >= 0 && !needed[name] {
					needed[name] = true
					need(all[i])
				}
			}
		}
	}
	have := map[string]bool{}
	for _, t := range asked {
		need(t)
		if !t.IsComputed() {
			list = append(list, t)
		}
		have[t.Name] = true
	}
	for _, computed := range []bool{false, true} {
		for _, t := range all {
			if t.IsComputed() == computed && (needed[t.Name] || computed && have[t.Name]) && (computed || !have[t.Name]) {
				list = append(list, copied(t))
			}
		}
		if exponents && !computed {
			list = appendExponents(list)
		}
	}
	for _, t := range asked {
		i := slices.Index(list, t)
		if i < 0 {
			i = slices.IndexFunc(list, func(x *mapping.Tag) bool { return x.Name == t.Name && x.IsComputed() })
		}
		shown = append(shown, i)
	}
	for _, t := range list {
		t.Poll = list[0].Poll
	}
	return list, shown
}

// copied is t, to be changed: another device may have the same.
func copied(t *mapping.Tag) *mapping.Tag {
	c, traits := *t, *t.Traits
	c.Traits = &traits
	return &c
}

// appendExponents appends to list the registers of its exponents.
func appendExponents(list []*mapping.Tag) []*mapping.Tag {
	for _, t := range list {
		if at, ok := t.ScaleBy.Address(); ok {
			list = append(list, &mapping.Tag{Name: at.String(), Address: at, Traits: &mapping.Traits{Type: mapping.TypeInt16, Poll: t.Poll}})
		}
	}
	return list
}
