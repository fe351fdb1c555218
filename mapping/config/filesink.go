package config

import (
	"os"
	"time"

	"tagbridge/mapping/source"
)

// FileOut is the options of a sink of type file.
type FileOut struct {
	Path    string // "-" is standard output
	Format  string // json line csv
	MaxSize int64
}

func fileKind() sinkKind {
	return sinkKind{
		name: "file",
		keys: []string{"path", "format", "max_size"},
		read: readFileSink,
		outlet: func(sink *Sink) outlet {
			path := sink.FileOut.Path
			if path == stdout {
				return outlet{place: path, key: "path", shown: `path "-"`, clash: "writes to standard output too", allowed: true}
			}
			return outlet{place: path, key: "path", shown: "path", clash: "writes to the same file"}
		},
		fields: func(sink *Sink) (fieldRules, bool) { return fieldRules{}, sink.FileOut.Format == "line" },
	}
}

// stdout as a path is standard output.
const stdout = "-"

// Stdout reports that the sink writes to standard output.
func (s *Sink) Stdout() bool { return s.FileOut.Path == stdout }

// readFileSink reads what only sinks of type file have.
func readFileSink(s *source.Section, _ *sinkKind, sink *Sink, _ *Bridge) {
	sink.Flush = 100 * time.Millisecond
	f := &sink.FileOut
	v := s.Value("path")
	switch {
	case v.OK && v.Text == stdout, v.Open:
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
