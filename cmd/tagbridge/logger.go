package main

import (
	"io"
	"log"
	"log/slog"
	"os"

	"tagbridge/mapping/config"
)

// newLogger logs to w as the configuration says. Under systemd's journal, which has times of its own, lines have none.
func newLogger(w io.Writer, c config.Log) *slog.Logger {
	o := &slog.HandlerOptions{Level: levelOf(c.Level)}
	if os.Getenv("JOURNAL_STREAM") != "" {
		o.ReplaceAttr = withoutTime
	}
	var h slog.Handler = slog.NewTextHandler(w, o)
	if c.Format == "json" {
		h = slog.NewJSONHandler(w, o)
	}
	// Libraries that print by themselves do so through us.
	log.SetFlags(0)
	log.SetOutput(slog.NewLogLogger(h, slog.LevelWarn).Writer())
	return slog.New(h)
}

func levelOf(name string) slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(name)); err != nil {
		return slog.LevelInfo
	}
	return level
}

func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
