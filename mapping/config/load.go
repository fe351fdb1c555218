package config

// reader reads one configuration.
type reader struct {
	*doc
	o    Options
	maps *mapCache
}

// Load reads the configuration at path ("-": standard input) with its tag maps, and reports everything that is wrong
// with them at once. The configuration is nil when nothing of it is usable; with problems it holds what is.
func Load(path string, o Options) (*Config, Problems) {
	o = o.withDefaults()
	l := newLoader(o.text())
	d := &reader{doc: l.file(path), o: o, maps: newMapCache(l, o.Cache)}
	c := d.load()
	if c != nil {
		d.maps.keep()
	}
	return c, l.all(path)
}

func (d *reader) load() *Config {
	text, ok := d.read()
	if !ok {
		return nil
	}
	root := d.parseYAML(text)
	if root == nil || isNull(root) {
		if !d.l.since(0).HasProblems() {
			d.problemf(lineCol(1, 1), "the configuration is empty: it needs devices and sinks")
		}
		return nil
	}
	return d.config(root)
}
