package claims

import (
	"bytes"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"

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

// TestRights has the rights of nats-accounts.conf be enough for claims, of one server and of three.
func TestRights(t *testing.T) {
	accounts, err := os.ReadFile("../../../../configs/nats-accounts.conf")
	if err != nil {
		t.Fatal(err)
	}
	for _, servers := range [][]*natsd.Server{{natsd.New(t, string(accounts))}, natsd.ClusterWith(t, 3, string(accounts))} {
		var log keptLog
		a := startWith(t, slog.New(slog.NewTextHandler(&log, nil)), "pc-a", 3, servers...)
		a.take(1)
		await(t, "all are kept", a.kept)
		b := startWith(t, slog.New(slog.NewTextHandler(&log, nil)), "pc-bb", 3, servers...)
		b.take(1)
		await(t, "all have changed hands", func() bool { return a.losses() == 3 && b.kept() })
		if text := log.String(); strings.Contains(text, "not allowed") {
			t.Errorf("%d servers:\n%s", len(servers), text)
		}
	}
}
