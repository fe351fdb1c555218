package plc

import (
	"context"
	"os"
)

// Line is a serial line with units on it. Its methods are safe for concurrent use.
type Line struct {
	*line
	path  string
	file  *os.File
	other *os.File // the far end of a pseudo-terminal, held so that it may be opened and closed
}

// Path is what the master of the line opens.
func (l *Line) Path() string { return l.path }

// Usage is what the line was used for so far.
func (l *Line) Usage() Usage {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.usage
}

// Serve answers until ctx ends, which is no error.
func (l *Line) Serve(ctx context.Context) error {
	defer l.Close()
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	return closed(ctx, l.talk(ctx, l.file))
}

// Close ends the line as if its cable were pulled.
func (l *Line) Close() error {
	if l.other != nil {
		l.other.Close()
	}
	return l.file.Close()
}
