package config

import "os"

// readFileSink reads what only sinks of type file have.
func readFileSink(s *section, sink *Sink) {
	f := &sink.FileOut
	v := s.value("path")
	switch {
	case v.ok && v.text == "-", v.open:
		f.Path = v.text
	case v.ok && v.text != "":
		f.Path = s.d.path(v.text)
		if info, err := os.Stat(f.Path); err == nil && info.IsDir() {
			v.warnf("is a folder: name a file in it; nothing can be delivered to it")
		}
	case !v.bad:
		s.d.problemf(v.at, "%s has no path (\"-\" is standard output)", s.what)
	}
	f.Format = s.oneOf("format", "json", "line", "csv")
	f.MaxSize = s.size("max_size", 100<<20, between[int64](1<<10, maxSize))
}
