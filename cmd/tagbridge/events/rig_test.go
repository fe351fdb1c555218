package events

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for what must happen.
const patience = 2 * time.Minute

// running is a store that writes.
type running struct {
	*Store
	log  *lockedLog
	stop func() // as kill does not: what is queued is written; more than once is nothing
}

func run(t *testing.T, dir string) *running {
	t.Helper()
	return runWith(t, Options{Dir: dir}, nil)
}

// runWith changes the store before it runs.
func runWith(t *testing.T, o Options, change func(*Store)) *running {
	t.Helper()
	r := &running{log: &lockedLog{}}
	o.Log = slog.New(slog.NewTextHandler(r.log, nil))
	r.Store = Open(o)
	if change != nil {
		change(r.Store)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Run(ctx)
	}()
	r.stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(r.stop)
	return r
}

func (r *running) flush(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := r.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

// texts are those of the events in dir.
func texts(t *testing.T, dir string, q Query) []string {
	t.Helper()
	var list []string
	err := NewReader(dir).Next(q, func(e *Event) bool {
		list = append(list, e.Text)
		return true
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return list
}

// lockedLog lets many goroutines log.
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
