package mqtt

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tagbridge/sinks"
	"tagbridge/sinks/sparkplug"
)

// host is the primary host, whose absence keeps the node from publishing.
type host struct {
	id string // "": there is none

	mu      sync.Mutex
	known   bool // it has said something on this connection
	newer   bool // as version 3.0 has it: what it says as before that is old
	online  bool
	time    int64     // of what it said last
	since   time.Time // when the connection was made
	changed chan struct{}
}

func (h *host) awaited() bool { return h.id != "" }

// forget begins a connection: what a host said on another does not count, as its clock may have been set since.
func (h *host) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.known, h.newer, h.online, h.time = false, false, false, 0
	h.since, h.changed = time.Now(), make(chan struct{}, 1)
}

// hear takes what a host says on topic, and reports that it has changed anything. What is older than what is known is not
// looked at.
func (h *host) hear(topic string, payload []byte) bool {
	now, before := sparkplug.StateTopics(h.id)
	if !h.awaited() || topic != now && topic != before {
		return false
	}
	state, err := sparkplug.ParseHostState(payload)
	if err != nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if topic == before && h.newer || topic == now && h.newer && state.Time < h.time {
		return false
	}
	was := h.known && h.online
	h.known, h.online, h.time, h.newer = true, state.Online, state.Time, topic == now
	if h.online == was {
		return false
	}
	select {
	case h.changed <- struct{}{}:
	default:
	}
	return true
}

// gone reports that the host has said that it is offline.
func (h *host) gone() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.known && !h.online
}

// present reports that the host is online, and else what is the matter.
func (h *host) present() (ok bool, why error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case !h.awaited() || h.online:
		return true, nil
	case h.known:
		return false, fmt.Errorf("waits for primary host %s, which is offline", h.id)
	}
	return false, fmt.Errorf("waits for primary host %s, which has not said on this broker whether it is online", h.id)
}

// Waiting for the host: what it has said before comes at once; after hostPatience there may be more luck with another broker.
const (
	hostSays     = time.Second
	hostPatience = 5 * time.Second
)

// awaitHost is nil when the primary host is online, or nobody waits for one.
func (e *Edge) awaitHost(ctx context.Context) error {
	h := &e.host
	if ok, _ := h.present(); ok {
		return nil
	}
	timer := time.NewTimer(time.Until(h.since.Add(hostSays)))
	defer timer.Stop()
	for waiting := true; waiting; {
		if ok, _ := h.present(); ok {
			return nil
		}
		select {
		case <-h.changed:
		case <-e.s.wire.gone:
			return e.s.session.reason()
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			waiting = false
		}
	}
	_, why := h.present()
	after := hostPatience
	if left := time.Until(h.since.Add(hostPatience)); len(e.servers.list) > 1 {
		if after = left; left <= 0 {
			e.leave()
			e.nextServer()
			return &sinks.Fault{Action: sinks.Retry, After: time.Millisecond, Err: why}
		}
	}
	return &sinks.Fault{Action: sinks.Retry, After: after, Err: why}
}
