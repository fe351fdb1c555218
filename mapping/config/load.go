package config

import (
	"time"

	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// reader reads one configuration.
type reader struct {
	*source.Doc
	o    Options
	maps *tagmap.Maps
	used usedMaps

	tables []Table
	zone   *time.Location // whose days and months windows are of

	nodeLabel string // value of the label node; "": there is none
}

// Load reads the configuration at path ("-": standard input) with its tag maps, and reports everything that is wrong
// with them at once. The configuration is nil when nothing of it is usable; with problems it holds what is.
func Load(path string, o Options) (*Config, source.Problems) {
	o = o.withDefaults()
	l := source.NewLoader(o.text())
	d := &reader{Doc: l.File(path), o: o, maps: tagmap.NewMaps(l, o.Cache)}
	c := d.load()
	if c != nil {
		d.maps.Keep()
	}
	return c, l.All(path)
}

func (d *reader) load() *Config {
	text, ok := d.Read()
	if !ok {
		return nil
	}
	root := d.ParseYAML(text)
	if root == nil || source.IsNull(root) {
		if !d.Faulty() {
			d.Problemf(source.LineCol(1, 1), "the configuration is empty: it needs devices and sinks")
		}
		return nil
	}
	return d.config(root)
}
