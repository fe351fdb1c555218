package bridge

import (
	"io"
	"log/slog"
	"sync"
)

// lockedWriter lets many goroutines log into one builder.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
