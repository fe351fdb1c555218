package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"sync"

	"tagbridge/mapping/config"
)

// newLogger logs to w as the configuration says.
func newLogger(w io.Writer, c config.Log) *slog.Logger {
	l, _ := newLevelLogger(w, c)
	return l
}

// newLevelLogger logs to w as the configuration says; setLevel changes what is logged. Under systemd's journal, which has
// times and priorities of its own, lines have no time but the priority of sd-daemon(3) in front.
func newLevelLogger(w io.Writer, c config.Log) (l *slog.Logger, setLevel func(string)) {
	var level slog.LevelVar
	setLevel = func(name string) { level.Set(levelOf(name)) }
	setLevel(c.Level)
	o := &slog.HandlerOptions{Level: &level}
	var h slog.Handler
	if f, ok := w.(*os.File); ok && underJournal(f, os.Getenv("JOURNAL_STREAM")) {
		h = newJournalHandler(w, o, c.Format)
	} else {
		h = newHandler(w, o, c.Format)
	}
	// Libraries that print by themselves do so through us.
	log.SetFlags(0)
	log.SetOutput(libraryLog{slog.New(h)})
	return slog.New(h), setLevel
}

// libraryLog logs what libraries print.
type libraryLog struct{ *slog.Logger }

// Write takes one line. That a port's settings cannot be restored is so whenever an adapter was pulled out, which is
// logged already.
func (l libraryLog) Write(line []byte) (int, error) {
	level := slog.LevelWarn
	if bytes.HasPrefix(line, []byte("serial: could not restore setting")) {
		level = slog.LevelDebug
	}
	l.Log(context.Background(), level, string(bytes.TrimSuffix(line, []byte("\n"))))
	return len(line), nil
}

func newHandler(w io.Writer, o *slog.HandlerOptions, format string) slog.Handler {
	if format == "json" {
		return slog.NewJSONHandler(w, o)
	}
	return slog.NewTextHandler(w, o)
}

func levelOf(name string) slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(name)); err != nil {
		return slog.LevelInfo
	}
	return level
}

// journalHandler puts the priority before each line that its inner handler makes.
type journalHandler struct {
	slog.Handler
	line *prefixed
}

// prefixed is where the inner handler writes to.
type prefixed struct {
	mu       sync.Mutex
	w        io.Writer
	priority int
	line     bytes.Buffer
}

func newJournalHandler(w io.Writer, o *slog.HandlerOptions, format string) slog.Handler {
	p := &prefixed{w: w}
	o.ReplaceAttr = withoutTime
	return journalHandler{newHandler(p, o, format), p}
}

// Handle implements slog.Handler.
func (h journalHandler) Handle(ctx context.Context, r slog.Record) error {
	h.line.mu.Lock()
	defer h.line.mu.Unlock()
	h.line.priority = priorityOf(r.Level)
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h journalHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return journalHandler{h.Handler.WithAttrs(attrs), h.line}
}

// WithGroup implements slog.Handler.
func (h journalHandler) WithGroup(name string) slog.Handler {
	return journalHandler{h.Handler.WithGroup(name), h.line}
}

// Write writes one line with its priority. The caller is Handle, which holds mu.
func (p *prefixed) Write(b []byte) (int, error) {
	p.line.Reset()
	fmt.Fprintf(&p.line, "<%d>", p.priority)
	p.line.Write(b)
	if _, err := p.w.Write(p.line.Bytes()); err != nil {
		return 0, err
	}
	return len(b), nil
}

// priorityOf is the priority of syslog(3) for a level.
func priorityOf(l slog.Level) int {
	switch {
	case l >= slog.LevelError:
		return 3
	case l >= slog.LevelWarn:
		return 4
	case l >= slog.LevelInfo:
		return 6
	}
	return 7
}

func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
		return slog.Attr{}
	}
	return a
}
