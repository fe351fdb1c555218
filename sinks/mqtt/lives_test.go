package mqtt

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"tagbridge/sinks"
)

// TestLivesOfTwoClients has two clients of one identifier throw each other out for an hour: they do so ever more rarely, and
// each knows what may be the matter.
func TestLivesOfTwoClients(t *testing.T) {
	now := time.Unix(0, 0)
	clients := [2]lives{{rests: defaultRests, client: "line-3"}, {rests: defaultRests, client: "line-3"}}
	owner, takeovers := 0, 0
	clients[0].begin(now)
	for end := now.Add(time.Hour); now.Before(end); now = now.Add(100 * time.Millisecond) {
		other := &clients[1-owner]
		if other.wait(now) != nil {
			continue
		}
		other.begin(now)
		clients[owner].end(now, io.EOF)
		owner = 1 - owner
		takeovers++
	}
	if takeovers > 140 {
		t.Errorf("%d times in an hour, want about two a minute", takeovers)
	}
	var fault *sinks.Fault
	err := clients[1-owner].wait(now)
	if !errors.As(err, &fault) || fault.After <= 0 || !strings.Contains(err.Error(), "does another client use client_id line-3?") || !errors.Is(err, io.EOF) {
		t.Errorf("the one that waits says %v", err)
	}
}

// TestLivesOfABrokenBroker counts the connections to a broker that ends each at once: three in the first ten seconds.
func TestLivesOfABrokenBroker(t *testing.T) {
	for _, suspect := range []bool{false, true} {
		begin := time.Unix(0, 0)
		l, connections := lives{rests: defaultRests}, 0
		for now := begin; now.Before(begin.Add(10 * time.Second)); now = now.Add(10 * time.Millisecond) {
			if l.wait(now) != nil {
				continue
			}
			connections++
			l.begin(now)
			if suspect {
				l.endSuspect(now, io.EOF)
			} else {
				l.end(now, io.EOF)
			}
		}
		if connections > 3 {
			t.Errorf("suspect %t: %d connections", suspect, connections)
		}
	}
}

// TestLivesOfAnIdleConnection has a broker end a connection after a while: it is made again at once, however often that
// happens.
func TestLivesOfAnIdleConnection(t *testing.T) {
	l := lives{rests: defaultRests}
	now := time.Unix(0, 0)
	l.begin(now)
	l.end(now, io.EOF) // a fault long ago
	now = now.Add(time.Hour)
	for range 3 {
		l.begin(now)
		now = now.Add(time.Minute)
		l.end(now, io.EOF)
		if err := l.wait(now); err != nil {
			t.Fatalf("waits: %v", err)
		}
	}
}
