package kill

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"tagbridge/testrig/broker"
)

// messages is what a broker was sent.
type messages struct {
	mu    sync.Mutex
	seen  map[string]bool // topic and payload, which has the time
	last  map[string]string
	twice int
	wrong []string // out of order
}

func (m *messages) add(topic string, payload []byte) {
	if strings.HasSuffix(topic, "/_state") || bytes.Contains(payload, []byte(`"value":null`)) { // as in dump
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	text := string(payload)
	switch {
	case m.seen[topic+text]:
		m.twice++
	case text < m.last[topic]: // it begins with the time
		m.wrong = append(m.wrong, topic+" "+text)
	default:
		m.last[topic] = text
	}
	m.seen[topic+text] = true
}

func (m *messages) count() (different, twice int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.seen), m.twice
}

// TestKillMQTT kills the bridge while it delivers a backlog to a broker: each time at most the window comes twice.
func TestKillMQTT(t *testing.T) {
	const window, kills = 20, 10
	p := newPlant(t, built(t))
	got := &messages{seen: map[string]bool{}, last: map[string]string{}}
	b, err := broker.Listen("127.0.0.1:0", broker.Options{Published: got.add})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Stop() })
	p.deliver(fmt.Sprintf("{name: db, type: mqtt, url: \"mqtt://%s\", in_flight: %d, from: start, match: [\"*\", \"!*/_*\"]}", b.Addr(), window))
	if err := b.Stop(); err != nil {
		t.Fatal(err)
	}
	run := p.start()
	p.await("a backlog", func() bool { return p.asked() >= 1500 })
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	for i := range kills {
		different, twice := got.count()
		p.await("messages", func() bool { n, _ := got.count(); return n >= different+500 })
		run.kill()
		different, _ = got.count() // but for what is still on the way
		run = p.start()
		p.await("messages of the next run", func() bool { n, _ := got.count(); return n >= different+5*window })
		if _, n := got.count(); n > twice+window {
			t.Errorf("kill %d: %d messages came twice, the window has %d", i, n-twice, window)
		}
	}
	p.stopPolls()
	run.stop()
	taken := p.dump()
	if n, twice := got.count(); n != len(taken) || len(got.wrong) > 0 {
		t.Errorf("%d of %d messages arrived, %d twice; out of order: %.500q", n, len(taken), twice, got.wrong)
	}
}
