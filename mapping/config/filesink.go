package config

import (
	"os"

	"tagbridge/mapping/source"
)

// readFileSink reads what only sinks of type file have.
func readFileSink(s *source.Section, sink *Sink) {
	f := &sink.FileOut
	v := s.Value("path")
	switch {
	case v.OK && v.Text == "-", v.Open:
		f.Path = v.Text
	case v.OK && v.Text != "":
		f.Path = s.Doc.Path(v.Text)
		if info, err := os.Stat(f.Path); err == nil && info.IsDir() {
			v.Warnf("is a folder: name a file in it; nothing can be delivered to it")
		}
	case !v.Bad:
		s.Doc.Problemf(v.At, "%s has no path (\"-\" is standard output)", s.What)
	}
	f.Format = s.OneOf("format", "json", "line", "csv")
	f.MaxSize = s.Size("max_size", 100<<20, source.Between[int64](1<<10, maxSize))
}
