package config

import (
	"reflect"
	"slices"

	"tagbridge/mapping"
)

// Changes is how a configuration differs from an older one, by names. What it does not list is equal in all that
// matters to a running bridge; where a tag or device stands in its file does not.
type Changes struct {
	Bridge  bool // the section of that name
	Devices NameChanges
	Sinks   NameChanges
	Tags    map[string]NameChanges // by device, for those of Devices.Changed whose tags differ
}

// NameChanges are names that are new, gone, and the same for something different; each list in the order of its file.
type NameChanges struct{ Added, Removed, Changed []string }

// Any reports that there is a change.
func (n NameChanges) Any() bool { return len(n.Added)+len(n.Removed)+len(n.Changed) > 0 }

// Any reports that there is a change.
func (c Changes) Any() bool { return c.Bridge || c.Devices.Any() || c.Sinks.Any() }

// Diff says what has to change for a bridge that runs old to run new. old may be nil.
func Diff(old, new *Config) Changes {
	if old == nil {
		old = &Config{}
	}
	c := Changes{Bridge: old.Bridge != new.Bridge, Tags: map[string]NameChanges{}}
	tagsDiffer := newTagDiffer()
	c.Devices = diffNames(old.Devices, new.Devices, func(d *Device) string { return d.Name }, func(a, b *Device) bool {
		sameTags := tagsDiffer.same(a.Tags, b.Tags)
		if !sameTags {
			c.Tags[b.Name] = diffTags(a.Tags, b.Tags)
		}
		return sameTags && a.SameOptions(b)
	})
	c.Sinks = diffNames(old.Sinks, new.Sinks, func(s *Sink) string { return s.Name }, func(a, b *Sink) bool {
		x, y := *a, *b
		x.Source, y.Source = mapping.Source{}, mapping.Source{}
		return reflect.DeepEqual(x, y)
	})
	return c
}

// SameOptions compares all of two devices but their tags and places.
func (d *Device) SameOptions(o *Device) bool {
	x, y := *d, *o
	x.Tags, y.Tags = nil, nil
	x.Source, y.Source = mapping.Source{}, mapping.Source{}
	return reflect.DeepEqual(x, y)
}

func diffNames[T any](old, new []T, name func(*T) string, same func(a, b *T) bool) NameChanges {
	var c NameChanges
	before := make(map[string]*T, len(old))
	for i := range old {
		before[name(&old[i])] = &old[i]
	}
	after := make(map[string]bool, len(new))
	for i := range new {
		n := name(&new[i])
		after[n] = true
		switch b, ok := before[n]; {
		case !ok:
			c.Added = append(c.Added, n)
		case !same(b, &new[i]):
			c.Changed = append(c.Changed, n)
		}
	}
	for i := range old {
		if n := name(&old[i]); !after[n] {
			c.Removed = append(c.Removed, n)
		}
	}
	return c
}

func diffTags(old, new []*mapping.Tag) NameChanges {
	return diffNames(old, new, func(t **mapping.Tag) string { return (*t).Name },
		func(a, b **mapping.Tag) bool { return sameTag(*a, *b) })
}

// SameTags reports that two lists have equal tags in the same order, wherever they stand in their files.
func SameTags(a, b []*mapping.Tag) bool { return slices.EqualFunc(a, b, sameTag) }

// sameTag compares tags without their places.
func sameTag(a, b *mapping.Tag) bool {
	return a == b || a.Name == b.Name && a.Address == b.Address && a.Node == b.Node && a.Element == b.Element &&
		a.Description == b.Description && a.Traits.Equal(b.Traits)
}

// tagDiffer compares lists of tags, each pair of them once: many devices share one.
type tagDiffer struct{ known map[[2]*mapping.Tag]bool }

func newTagDiffer() *tagDiffer { return &tagDiffer{known: map[[2]*mapping.Tag]bool{}} }

func (d *tagDiffer) same(a, b []*mapping.Tag) bool {
	if len(a) != len(b) || len(a) == 0 {
		return len(a) == len(b)
	}
	pair := [2]*mapping.Tag{a[0], b[0]} // a tag is in one list only
	same, ok := d.known[pair]
	if !ok {
		same = slices.EqualFunc(a, b, sameTag)
		d.known[pair] = same
	}
	return same
}
