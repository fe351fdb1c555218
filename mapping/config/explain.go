package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// Explain is the difference between two configurations in words, a line for each thing that changed: tags that were
// added, removed, renamed, moved, rescaled; devices, sinks and the bridge with their options. It never holds a secret.
func Explain(old, new *Config) []string {
	c := Diff(old, new)
	var e explainer
	if c.Bridge {
		e.options("bridge", reflect.ValueOf(old.Bridge), reflect.ValueOf(new.Bridge))
	}
	before, after := tagmap.ByName(old.Devices, deviceName), tagmap.ByName(new.Devices, deviceName)
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

type explainer struct{ lines []string }

func (e *explainer) sayf(format string, args ...any) {
	e.lines = append(e.lines, fmt.Sprintf(format, args...))
}

func (e *explainer) sinks(old, new *Config, c tagmap.NameChanges) {
	name := func(s *Sink) string { return s.Name }
	before, after := tagmap.ByName(old.Sinks, name), tagmap.ByName(new.Sinks, name)
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

// plainStructs are of the device itself in the file, without a key of their own.
var plainStructs = []reflect.Type{reflect.TypeFor[Endpoint](), reflect.TypeFor[Modbus](), reflect.TypeFor[OPCUA]()}

// options says which fields of two structs differ, by their names; what is secret is not shown.
func (e *explainer) options(what string, old, new reflect.Value) {
	for i := range old.NumField() {
		f := old.Type().Field(i)
		a, b := old.Field(i), new.Field(i)
		switch {
		case f.Name == "Tags" || f.Name == "Source" || reflect.DeepEqual(a.Interface(), b.Interface()):
		case slices.Contains(plainStructs, f.Type):
			e.options(what, a, b)
		case old.Type() == reflect.TypeFor[Endpoint]() && (f.Name == "Key" || f.Name == "Transport" || f.Name == "Address"):
			// The url says it.
		case f.Name == "URL":
			e.url(what, a.Interface().(source.Secret), b.Interface().(source.Secret))
		case f.Type == reflect.TypeFor[source.Secret](), f.Name == "Username": // which may stand in a URL
			e.sayf("%s: %s changed", what, optionName(f.Name))
		case f.Type.Kind() == reflect.Struct && f.Type.PkgPath() == reflect.TypeFor[Config]().PkgPath():
			e.options(what+" "+optionName(f.Name), a, b)
		default:
			e.sayf("%s: %s %s", what, optionName(f.Name), tagmap.FromTo(optionText(a.Interface()), optionText(b.Interface())))
		}
	}
}

func (e *explainer) url(what string, old, new source.Secret) {
	from, to := redactURL(string(old)), redactURL(string(new))
	if from == to {
		e.sayf("%s: user, password or parameters of its url changed", what)
		return
	}
	e.sayf("%s: url %s", what, tagmap.FromTo(from, to))
}

// optionText is a value as it is written in the configuration.
func optionText(v any) string {
	switch v := v.(type) {
	case time.Duration:
		return source.ShowDuration(v)
	case int64: // sizes
		return source.ShowSize(v)
	case []string:
		return strings.Join(v, ", ")
	case mapping.Patterns:
		return v.String()
	case []mapping.Label:
		return tagmap.LabelsText(v)
	}
	return fmt.Sprint(v)
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

func (e *explainer) device(old, new *Device, tags tagmap.NameChanges) {
	if !old.SameOptions(new) {
		e.options("device "+new.Name, reflect.ValueOf(*old), reflect.ValueOf(*new))
	}
	e.lines = append(e.lines, tagmap.Explain(new.Name, old.Tags, new.Tags, tags)...)
}
