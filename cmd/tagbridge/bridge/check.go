package bridge

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
)

// Check is what running cfg would find wrong with the files that its devices and sinks name, beyond what loading it does.
// These are warnings, as a device or a sink alone is held by them. A file that is not there was reported when cfg was
// loaded.
func Check(cfg *config.Config) source.Problems {
	var found source.Problems
	say := func(at mapping.Source, what string, err error) {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			if at.File == "" {
				at.File = cfg.File
			}
			found = append(found, source.Problem{File: at.File, Line: at.Line, Warning: true, Message: fmt.Sprintf("%s: %v", what, err)})
		}
	}
	all := newProtocols()
	for _, c := range connectionsOf(cfg) {
		if d := c.Devices[0]; d.Held == "" {
			_, err := all.of(d).link(c, slog.New(slog.DiscardHandler))
			say(d.Source, "device "+d.Name+" cannot be read", err)
		}
	}
	for i := range cfg.Sinks {
		c := &cfg.Sinks[i]
		if c.Held != "" {
			continue
		}
		s, err := openSink(c, Options{Log: slog.New(slog.DiscardHandler)})
		if err == nil {
			err = s.Close()
		}
		say(c.Source, "sink "+c.Name+" cannot be delivered to", err)
	}
	return found
}
