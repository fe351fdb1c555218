package bridge

import (
	"tagbridge/mapping/config"
	"tagbridge/sinks"
	"tagbridge/sinks/file"
)

func openFile(c *config.Sink, o Options) (sinks.Sink, error) {
	return file.Open(file.Options{
		Path:    c.FileOut.Path,
		Format:  c.FileOut.Format,
		MaxSize: c.FileOut.MaxSize,
		Stdout:  o.Stdout,
		Logger:  o.Log,
	})
}
