package heir

import (
	"errors"
	"runtime"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/store"
)

// TestWalkStream has each message of a stream be taken in order, none before there is room for it, and little memory be needed for that.
func TestWalkStream(t *testing.T) {
	p := newPlant(t)
	l, _ := p.js()
	name := store.Records(bridgeName, "pc-a")
	stream, err := l.Stream(t.Context(), jetstream.StreamConfig{Name: name, Subjects: []string{name}, MaxBytes: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	const messages = 3*fetchMessages + 1
	for range messages {
		if _, err := l.JS.Publish(t.Context(), name, []byte("records")); err != nil {
			t.Fatal(err)
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	room, taken := false, uint64(0)
	err = walkStream(t.Context(), stream, 1, func(seq uint64, data []byte) error {
		if !room {
			t.Errorf("message %d came before there was room for it", seq)
		}
		if room, taken = false, taken+1; seq != taken || string(data) != "records" {
			t.Errorf("message %d came as number %d: %q", seq, taken, data)
		}
		return nil
	}, func() error {
		room = true
		return nil
	}, func() error { return errEnough })
	runtime.ReadMemStats(&after)
	if !errors.Is(err, errEnough) || taken != messages {
		t.Errorf("%d of %d messages were taken: %v", taken, messages, err)
	}
	if bytes := after.TotalAlloc - before.TotalAlloc; bytes > 8<<20 {
		t.Errorf("%d bytes of memory were needed for %d small messages", bytes, messages)
	}
}
