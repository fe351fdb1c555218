package replica

import (
	"bytes"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"

	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/sinks"
	"tagbridge/testrig/natsd"
)

// keptLog is what was logged.
type keptLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *keptLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *keptLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestRights has the rights of nats-accounts.conf be enough for copies, cursors and letting go.
func TestRights(t *testing.T) {
	accounts, err := os.ReadFile("../../../../configs/nats-accounts.conf")
	if err != nil {
		t.Fatal(err)
	}
	p := plantOf(t, "line-3", natsd.New(t, string(accounts)))
	var log keptLog
	p.log = slog.New(slog.NewTextHandler(&log, nil))
	for _, limit := range []int64{32 << 20, 64 << 20} { // which has the stream be changed
		p.limits.MaxBytes = limit
		p.open(nil)
		p.copy()
		p.read(20)
		p.copied()
		p.ack("cloud", sinks.Pos(p.n))
		p.close()
	}
	p.open(nil)
	p.copy()
	p.read(2)
	p.ack("cloud", sinks.Pos(p.n))
	is, _ := p.j.Identity()
	l := p.link()
	await(t, "the place is there", func() bool {
		ctx := t.Context()
		kv, err := l.JS.KeyValue(ctx, store.Cursors("line-3"))
		if err != nil {
			return false
		}
		e, err := kv.Get(ctx, CursorKey("pc-a", is.ID, "cloud"))
		if err != nil {
			return false
		}
		c, err := ParseCursor(e.Value())
		return err == nil && int(c.Position) == p.n
	})
	await(t, "what came before is gone", func() bool { c := p.content(l); return int(c.messages[0].From) == p.n-23 })
	if text := log.String(); strings.Contains(text, "not allowed") || strings.Contains(text, "not removed") {
		t.Errorf("%s", text)
	}
}
