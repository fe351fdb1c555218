package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"tagbridge/mapping"
)

// Explain is the difference between two configurations in words, a line for each thing that changed: tags that were
// added, removed, renamed, moved, rescaled; devices, sinks and the bridge with their options. It never holds a secret.
func Explain(old, new *Config) []string {
	c := Diff(old, new)
	var e explainer
	if c.Bridge {
		e.options("bridge", reflect.ValueOf(old.Bridge), reflect.ValueOf(new.Bridge))
	}
	before, after := byName(old.Devices, deviceName), byName(new.Devices, deviceName)
	for _, name := range c.Devices.Removed {
		e.sayf("device %s: removed with its %d tags", name, len(before[name].Tags))
	}
	for _, name := range c.Devices.Added {
		e.sayf("device %s: added with %d tags", name, len(after[name].Tags))
	}
	for _, name := range c.Devices.Changed {
		e.device(before[name], after[name], c.Tags[name])
	}
	e.sinks(old, new, c.Sinks)
	return e.lines
}

func deviceName(d *Device) string { return d.Name }

func byName[T any](list []T, name func(*T) string) map[string]*T {
	m := make(map[string]*T, len(list))
	for i := range list {
		m[name(&list[i])] = &list[i]
	}
	return m
}

type explainer struct{ lines []string }

func (e *explainer) sayf(format string, args ...any) {
	e.lines = append(e.lines, fmt.Sprintf(format, args...))
}

func (e *explainer) sinks(old, new *Config, c NameChanges) {
	name := func(s *Sink) string { return s.Name }
	before, after := byName(old.Sinks, name), byName(new.Sinks, name)
	for _, n := range c.Removed {
		e.sayf("sink %s: removed", n)
	}
	for _, n := range c.Added {
		e.sayf("sink %s: added (%s)", n, after[n].Type)
	}
	for _, n := range c.Changed {
		e.options("sink "+n, reflect.ValueOf(*before[n]), reflect.ValueOf(*after[n]))
	}
}

func (e *explainer) device(old, new *Device, tags NameChanges) {
	if !old.SameOptions(new) {
		e.options("device "+new.Name, reflect.ValueOf(*old), reflect.ValueOf(*new))
	}
	tag := func(t **mapping.Tag) string { return (*t).Name }
	before, after := byName(old.Tags, tag), byName(new.Tags, tag)
	renamed := renames(tags, before, after)
	for _, n := range tags.Removed {
		if to := renamed[n]; to != "" {
			e.sayf("tag %s/%s: renamed to %s", new.Name, n, to)
			continue
		}
		e.sayf("tag %s/%s: removed", new.Name, n)
	}
	for _, n := range tags.Added {
		if !hasValue(renamed, n) {
			e.sayf("tag %s/%s: added, %s", new.Name, n, wherePlaced(*after[n]))
		}
	}
	for _, n := range tags.Changed {
		for _, what := range tagChanges(*before[n], *after[n]) {
			e.sayf("tag %s/%s: %s", new.Name, n, what)
		}
	}
	if len(tags.Removed)+len(tags.Added)+len(tags.Changed) == 0 && !SameTags(old.Tags, new.Tags) {
		e.sayf("device %s: its tags stand in another order", new.Name)
	}
}

// renames pairs each removed tag with the added one that is equal to it but for the name.
func renames(c NameChanges, before, after map[string]**mapping.Tag) map[string]string {
	pairs := make(map[string]string)
	places := make(map[string][]string) // added tags by where they are
	for _, n := range c.Added {
		at := wherePlaced(*after[n])
		places[at] = append(places[at], n)
	}
	for _, n := range c.Removed {
		at := wherePlaced(*before[n])
		i := slices.IndexFunc(places[at], func(to string) bool {
			x := **before[n]
			x.Name = to
			return sameTag(&x, *after[to])
		})
		if i >= 0 {
			pairs[n] = places[at][i]
			places[at] = slices.Delete(places[at], i, i+1)
		}
	}
	return pairs
}

func hasValue(m map[string]string, value string) bool {
	for _, v := range m {
		if v == value {
			return true
		}
	}
	return false
}

// options says which fields of two structs differ, by their names; what is secret is not shown.
func (e *explainer) options(what string, old, new reflect.Value) {
	for i := range old.NumField() {
		f := old.Type().Field(i)
		a, b := old.Field(i), new.Field(i)
		switch {
		case f.Name == "Tags" || f.Name == "Source" || reflect.DeepEqual(a.Interface(), b.Interface()):
		case f.Type == reflect.TypeFor[Secret]():
			e.sayf("%s: %s changed", what, optionName(f.Name))
		case f.Type.Kind() == reflect.Struct && f.Type.PkgPath() == reflect.TypeFor[Config]().PkgPath():
			e.options(what+" "+optionName(f.Name), a, b)
		default:
			e.sayf("%s: %s %s", what, optionName(f.Name), fromTo(fmt.Sprint(a.Interface()), fmt.Sprint(b.Interface())))
		}
	}
}

// optionName is a field's name as it is written in the configuration: words in lower case, joined by _.
func optionName(field string) string {
	var out strings.Builder
	for i, r := range field {
		upper := r >= 'A' && r <= 'Z'
		if upper && i > 0 && field[i-1] >= 'a' && field[i-1] <= 'z' {
			out.WriteByte('_')
		}
		if upper {
			r += 'a' - 'A'
		}
		out.WriteRune(r)
	}
	return out.String()
}

func fromTo(a, b string) string {
	quote := func(s string) string {
		if s == "" {
			return "none"
		}
		return s
	}
	return quote(a) + " -> " + quote(b)
}
