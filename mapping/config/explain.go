package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

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
		e.sayf("device %s: removed with %s", name, tagCount(len(before[name].Tags)))
	}
	for _, name := range c.Devices.Added {
		e.sayf("device %s: added with %s", name, tagCount(len(after[name].Tags)))
	}
	for _, name := range c.Devices.Changed {
		e.device(before[name], after[name], c.Tags[name])
	}
	e.sinks(old, new, c.Sinks)
	return e.lines
}

func tagCount(n int) string {
	if n == 1 {
		return "1 tag"
	}
	return fmt.Sprintf("%d tags", n)
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
			for _, what := range tagChanges(*before[n], *after[to]) {
				e.sayf("tag %s/%s: %s", new.Name, to, what)
			}
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

// renames pairs each removed tag with the added one that is equal to it but for the name, else with one of the same
// address and type.
func renames(c NameChanges, before, after map[string]**mapping.Tag) map[string]string {
	pairs := make(map[string]string)
	places := make(map[string][]string) // added tags by where they are
	for _, n := range c.Added {
		at := wherePlaced(*after[n])
		places[at] = append(places[at], n)
	}
	pair := func(n string, same func(to string) bool) {
		at := wherePlaced(*before[n])
		if i := slices.IndexFunc(places[at], same); i >= 0 && pairs[n] == "" {
			pairs[n] = places[at][i]
			places[at] = slices.Delete(places[at], i, i+1)
		}
	}
	for _, n := range c.Removed {
		pair(n, func(to string) bool {
			x := **before[n]
			x.Name = to
			return sameTag(&x, *after[to])
		})
	}
	for _, n := range c.Removed {
		pair(n, func(string) bool { return true })
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
		case f.Type == reflect.TypeFor[Endpoint]():
			e.options(what, a, b)
		case old.Type() == reflect.TypeFor[Endpoint]() && (f.Name == "Key" || f.Name == "Transport" || f.Name == "Address"):
			// The url says it.
		case f.Name == "URL":
			e.url(what, a.Interface().(Secret), b.Interface().(Secret))
		case f.Type == reflect.TypeFor[Secret](), f.Name == "Username": // which may stand in a URL
			e.sayf("%s: %s changed", what, optionName(f.Name))
		case f.Type.Kind() == reflect.Struct && f.Type.PkgPath() == reflect.TypeFor[Config]().PkgPath():
			e.options(what+" "+optionName(f.Name), a, b)
		default:
			e.sayf("%s: %s %s", what, optionName(f.Name), fromTo(optionText(a.Interface()), optionText(b.Interface())))
		}
	}
}

func (e *explainer) url(what string, old, new Secret) {
	from, to := redactURL(string(old)), redactURL(string(new))
	if from == to {
		e.sayf("%s: user, password or parameters of its url changed", what)
		return
	}
	e.sayf("%s: url %s", what, fromTo(from, to))
}

// optionText is a value as it is written in the configuration.
func optionText(v any) string {
	switch v := v.(type) {
	case time.Duration:
		return showDuration(v)
	case int64: // sizes
		return showSize(v)
	case []string:
		return strings.Join(v, ", ")
	case []mapping.Label:
		return labelsText(v)
	}
	return fmt.Sprint(v)
}

func labelsText(labels []mapping.Label) string {
	parts := make([]string, len(labels))
	for i, l := range labels {
		parts[i] = l.Name + "=" + l.Value
	}
	return strings.Join(parts, ", ")
}

// optionNames are those that cannot be made of the field's.
var optionNames = map[string]string{"QoS": "qos", "CloseAfter": "close_after_poll", "AfterConnect": "pause_after_connect", "Single": "single_register"}

// optionName is a field's name as it is written in the configuration: words in lower case, joined by _.
func optionName(field string) string {
	if name, ok := optionNames[field]; ok {
		return name
	}
	upper := func(i int) bool { return field[i] >= 'A' && field[i] <= 'Z' }
	lower := func(i int) bool { return i < len(field) && field[i] >= 'a' && field[i] <= 'z' }
	var out strings.Builder
	for i := range len(field) {
		if i > 0 && upper(i) && (!upper(i-1) || lower(i+1)) {
			out.WriteByte('_')
		}
		out.WriteByte(field[i])
	}
	return strings.ToLower(out.String())
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
