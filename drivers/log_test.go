package drivers

import (
	"io"
	"log/slog"
)

// newLog writes messages without their time, so that tests can compare them.
func newLog(w io.Writer) *slog.Logger {
	drop := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: drop}))
}
