package config

// Load reads the configuration at path ("-": standard input) with its tag maps, and reports everything that is wrong
// with them at once. The configuration is nil when nothing of it is usable; with problems it holds what is.
func Load(path string, o Options) (*Config, Problems) {
	o = o.withDefaults()
	return nil, nil
}
