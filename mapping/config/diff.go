package config

import (
	"reflect"

	"tagbridge/mapping"
	"tagbridge/mapping/tagmap"
)

// Changes is how a configuration differs from an older one, by names. What it does not list is equal in all that
// matters to a running bridge; where a tag or device stands in its file does not.
type Changes struct {
	Bridge  bool // the section of that name
	Devices tagmap.NameChanges
	Sinks   tagmap.NameChanges
	Tags    map[string]tagmap.NameChanges // by device, for those of Devices.Changed whose tags differ
}

// Any reports that there is a change.
func (c Changes) Any() bool { return c.Bridge || c.Devices.Any() || c.Sinks.Any() }

// Diff says what has to change for a bridge that runs old to run new. old may be nil.
func Diff(old, new *Config) Changes {
	if old == nil {
		old = &Config{}
	}
	c := Changes{Bridge: !reflect.DeepEqual(old.Bridge, new.Bridge), Tags: map[string]tagmap.NameChanges{}}
	tagsDiffer := tagmap.NewDiffer()
	c.Devices = tagmap.DiffNames(old.Devices, new.Devices, func(d *Device) string { return d.Name }, func(a, b *Device) bool {
		sameTags := tagsDiffer.Same(a.Tags, b.Tags)
		if !sameTags {
			c.Tags[b.Name] = tagmap.DiffTags(a.Tags, b.Tags)
		}
		return sameTags && a.SameOptions(b)
	})
	c.Sinks = tagmap.DiffNames(old.Sinks, new.Sinks, func(s *Sink) string { return s.Name }, func(a, b *Sink) bool {
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
	x.Alarms, y.Alarms = nil, nil // they come of the tags
	x.Source, y.Source = mapping.Source{}, mapping.Source{}
	return reflect.DeepEqual(x, y)
}
