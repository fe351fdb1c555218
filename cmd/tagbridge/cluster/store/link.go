package store

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"

	library "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/carrier"
	"tagbridge/sinks/nats"
)

// Link is a connection to one server while it lasts. Its methods may be called by any goroutine.
type Link struct {
	JS     jetstream.JetStream
	store  *Store
	client *nats.Client
	conn   *nats.Conn
	gone   chan struct{}
	news   chan struct{} // holds one when something was refused since that was taken

	mu      sync.Mutex
	refused []string // what the server did not allow, the newest last
}

// Gone is closed once the connection has ended: what was opened by it is of no use any more.
func (l *Link) Gone() <-chan struct{} { return l.gone }

// Refused gives something once the server has not allowed what it had allowed, or was not asked, before. Whoever waits for an answer
// may not get one then. One goroutine takes it.
func (l *Link) Refused() <-chan struct{} { return l.news }

// lives reports that there is a connection which has not ended.
func (l *Link) lives() bool {
	if l == nil {
		return false
	}
	select {
	case <-l.gone:
		return false
	default:
		return true
	}
}

// Conn is the connection itself.
func (l *Link) Conn() *library.Conn { return l.conn.Conn }

// replicas is how many copies there are of what is opened, if there are as many servers.
func (l *Link) replicas() int {
	if l.conn.ConnectedClusterName() == "" {
		return 1
	}
	return 3
}

// mostRefused is how many refusals are remembered.
const mostRefused = 16

// denied takes note of what the server does not allow: it says so by itself, and whoever asked only gets no answer.
func (l *Link) denied(err error) {
	text := err.Error()
	if !strings.Contains(strings.ToLower(text), "permissions violation") {
		return
	}
	text = l.client.Why(err).Error()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, old := range l.refused {
		if old == text {
			return
		}
	}
	if len(l.refused) == mostRefused {
		l.refused = l.refused[1:]
	}
	l.refused = append(l.refused, text)
	select {
	case l.news <- struct{}{}:
	default:
	}
	l.store.o.Log.Warn("cluster store: " + text)
}

// denial is what was not allowed of that name, or of all answers; "": nothing.
func (l *Link) denial(name string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, text := range l.refused {
		if name != "" && strings.Contains(text, name) || strings.Contains(strings.ToLower(text), "subscription") && strings.Contains(text, ".inbox.") {
			return text
		}
	}
	return ""
}

// trial is a subject that whoever uses a store may say and hear, and nobody else listens to.
func (s *Store) trial() string {
	return "tagbridge." + carrier.Token(s.o.Bridge) + fmt.Sprintf(".same.%016x", rand.Uint64())
}
