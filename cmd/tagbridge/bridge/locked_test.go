package bridge

import (
	"log/slog"
	"strings"
	"sync"
)

// lockedLog lets many goroutines log, and others read what there is by then.
type lockedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
